"""The connector and the stand-in for the platform understand each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ganzohr.channels.connectors.base import Account, Incoming, Sending
from ganzohr.channels.connectors.facebook import connector, finding, setup
from ganzohr.core import times
from ganzohr.proofs.meta import Platform, running
from ganzohr.proofs.meta.world import Page

ANSWER = "Ja, auch mit 60 Prozent."


class Story:
    """A platform, a page of ours on it, and all that the page heard."""

    def __init__(self) -> None:
        self.heard: list[Incoming] = []
        self.account = Account("facebook", "k", {}, {})

    def post(self, url: str, headers: Any, body: bytes) -> int:
        assert connector.verify(self.account, "", headers, body) is True
        self.heard += connector.parse(self.account, headers, body)
        return 200

    def begin(self, platform: Platform) -> None:
        self.platform, platform.silence = platform, 0.2
        self.page: Page = platform.add_page("Werk Nord")
        settings = {"graph_url": platform.url, "page_id": self.page.id}
        secrets = {"access_token": self.page.token, "app_secrets": json.dumps(platform.secrets)}
        self.account = Account("facebook", "k", settings, secrets)
        platform.hook_up("http://desk.test", "app")
        self.mia = platform.people.person("Mia Sommer")
        self.under = platform.people.post(self.page, "Tag der Ausbildung")

    def asks(self, text: str = "Geht das auch in Teilzeit?") -> Incoming:
        self.platform.people.comment(self.under, self.mia, text)
        return self.tells()[-1]

    def tells(self) -> list[Incoming]:
        assert self.platform.settle() is True
        told, self.heard = self.heard, []
        return told

    def send(self, target: Any, kind: str = "answer", **payload: Any) -> Any:
        with times.frozen(self.platform.now()):
            return connector.send(self.account, Sending("k-1", kind, target, {"text": ANSWER, **payload}))

    def find(self, target: Any, **payload: Any) -> Any:
        with times.frozen(self.platform.now()):
            lost = Sending("k-1", "answer", target, {"text": ANSWER, **payload}, since=times.now())
            return connector.find(self.account, lost)


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    monkeypatch.setattr(finding, "PATIENCE", 0.0)
    told = Story()
    with running(post=told.post, background=False) as platform:
        told.begin(platform)
        yield told


def test_a_comment_is_answered_in_public_once_and_comes_back_as_ours(story: Story) -> None:
    asked = story.asks()
    outcome = story.send(asked.target, visibility="public")
    assert (outcome.state, story.platform.record.often(ANSWER)) == ("accepted", 1)
    back = story.tells()
    assert [(one.external_id, one.is_own, one.reply_to, one.text) for one in back] == [
        (outcome.external_id, True, asked.external_id, ANSWER)
    ]


def test_a_comment_is_handed_over_privately_and_the_person_answers(story: Story) -> None:
    asked = story.asks()
    outcome = story.send({**asked.target, "visibility": "private"}, visibility="private")
    echo = next(one for one in story.tells() if one.is_own)
    assert (outcome.state, echo.external_id, echo.sender_id) == ("accepted", outcome.external_id, asked.sender_id)
    assert (echo.headers["key"], echo.visibility) == ("k-1", "private")
    assert story.send({**asked.target, "visibility": "private"}).code == "private_reply_used"
    story.platform.people.write(story.page, story.mia, "Danke!")
    answered = next(one for one in story.tells() if one.text == "Danke!")
    window = {"window_from": answered.provider_at.isoformat()}
    assert story.send(answered.target, **window).state == "accepted"
    story.platform.clock.pass_by(hours=30)
    assert story.send(answered.target, **window).code == "author_rule"
    assert story.send(answered.target, **window, by_person=True).state == "accepted"
    story.platform.clock.pass_by(days=7)
    assert story.send(answered.target, **window, by_person=True).code == "window_closed"
    assert story.send(answered.target).code == "window_closed"  # and the platform says the same
    assert story.platform.record.often(ANSWER) == 3


@pytest.mark.parametrize("fault", ["timeout_after", "drop_after", "html_after"])
@pytest.mark.parametrize("way", ["public", "private", "talk"])
def test_what_was_taken_before_the_line_broke_is_found_and_never_sent_twice(story: Story, fault: str, way: str) -> None:
    target, payload = _place(story, way)
    story.platform.faults.next(fault, on={"public": "comment.reply"}.get(way, ""))
    outcome = story.send(target, **payload)
    assert outcome.state == "unclear"
    found = story.find(target, **payload)
    assert (found.state, bool(found.external_id), story.platform.record.often(ANSWER)) == ("accepted", True, 1)


@pytest.mark.parametrize("fault", ["timeout_before", "drop_before"])
@pytest.mark.parametrize("way", ["public", "private", "talk"])
def test_what_was_never_taken_is_told_so(story: Story, fault: str, way: str) -> None:
    target, payload = _place(story, way)
    story.platform.faults.next(fault)
    assert story.send(target, **payload).state == "unclear"
    assert (story.find(target, **payload), story.platform.record.often(ANSWER)) == (finding.NOT_THERE, 0)
    assert story.send(target, **payload).state == "accepted"


def _place(story: Story, way: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if way == "talk":
        story.platform.people.write(story.page, story.mia, "Hallo")
        asked = story.tells()[-1]
        return dict(asked.target), {"window_from": asked.provider_at.isoformat()}
    return {**story.asks().target, "visibility": way}, {"visibility": way}


@pytest.mark.parametrize(
    ("fault", "code", "again"),
    [
        ("throttle_app", "rate_limited", True),
        ("throttle_page", "rate_limited", True),
        ("throttle_429", "rate_limited", True),
        ("throttle_calls", "rate_limited", True),
        ("token_expired", "token_expired", True),
        ("restricted", "page_restricted", False),
        ("person_unavailable", "person_unavailable", False),
    ],
)
def test_each_refusal_has_its_code(story: Story, fault: str, code: str, again: bool) -> None:
    asked = story.asks()
    story.platform.faults.next(fault)
    outcome = story.send(asked.target)
    assert (outcome.state, outcome.code, outcome.retry_at is not None) == ("refused", code, again)
    assert story.platform.record.often(ANSWER) == 0


def test_likes_and_hidings_reach_the_comment_and_its_words_stay(story: Story) -> None:
    asked = story.asks()
    outcomes = [story.send(asked.target, kind, reaction="like") for kind in ("reaction", "hide", "unhide")]
    assert [one.state for one in outcomes] == ["accepted"] * 3
    assert [(one.what, one.reply_to) for one in story.tells()] == [
        ("reaction", asked.external_id),
        ("hide", asked.external_id),
        ("hide", asked.external_id),
    ]
    found = [one for one in connector.recent(story.account, story.platform.now() - timedelta(hours=1)) if one.text]
    assert asked.text in [one.text for one in found]
    assert "comment.overwrite" not in [one.road for one in story.platform.record.accepted]


def test_what_people_do_is_heard_as_what_it_is(story: Story) -> None:
    people, page, mia = story.platform.people, story.page, story.mia
    asked = people.comment(story.under, mia, "Erst so")
    people.edit(asked, "Dann so")
    people.react(asked, mia, "love")
    people.remove(asked)
    people.post(page, "Danke an das Team!", by=mia)
    people.mention(page, mia, "Toll bei euch")
    people.review(page, mia, "Gutes Team")
    letter = people.write(page, mia, "Hallo")
    people.rewrite(letter, "Hallo!")
    people.react_to(letter)
    people.unsend(letter)
    people.press(page, mia, "Los", "START")
    heard = [(one.what, one.text, one.headers.get("form", "")) for one in story.tells() if not one.is_own]
    assert heard == [
        ("message", "Erst so", ""),
        ("edit", "Dann so", ""),
        ("reaction", "love", ""),
        ("delete", "", ""),
        ("message", "Danke an das Team!", "post"),
        ("message", "Toll bei euch", "mention"),
        ("message", "Gutes Team", "review"),
        ("message", "Hallo", ""),
        ("edit", "Hallo!", ""),
        ("reaction", "❤️", ""),
        ("delete", "", ""),
        ("message", "Los", "postback"),
    ]


def test_a_picture_is_fetched_from_the_platform(story: Story) -> None:
    story.platform.people.attach(story.page, story.mia, b"\x89PNG", "image/png", "zeugnis.png")
    file = story.tells()[-1].files[0]
    assert connector.fetch(story.account, file.reference).content == b"\x89PNG"


def test_what_the_platform_holds_is_what_we_were_told(story: Story) -> None:
    told = [story.asks(f"Frage {number}") for number in range(60)]
    reread = list(connector.recent(story.account, story.platform.now() - timedelta(days=1)))
    kept = {one.external_id: one for one in reread if one.what == "message"}
    assert set(kept) == {one.external_id for one in told}
    assert {kept[one.external_id].text == one.text and kept[one.external_id].target == one.target for one in told} == {
        True
    }


def test_the_page_is_well_until_its_key_or_a_permission_is_gone(story: Story) -> None:
    token = story.platform.token_of(story.page)
    found = [connector.check(story.account)]
    token.scopes.discard("pages_messaging")
    found.append(connector.check(story.account))
    token.is_valid = False
    found.append(connector.check(story.account))
    assert found == ["", "permission_missing", "token_expired"]
    assert [one for one in story.platform.record.calls if one.token_in_address] == []


def test_each_step_of_connecting_is_looked_at_by_itself(story: Story) -> None:
    user = replace(story.account, secrets={"access_token": story.platform.user_token.value})
    assert setup.pages(user) == [setup.PageFound(story.page.id, "Werk Nord", story.page.token)]
    story.page.fields.clear()
    found = [setup.steps(story.account), setup.subscribe(story.account), setup.steps(story.account)]
    assert found == [
        {**dict.fromkeys(setup.STEPS, ""), "subscribed": "not_subscribed"},
        "",
        dict.fromkeys(setup.STEPS, ""),
    ]
    story.platform.token_of(story.page).scopes.discard("pages_messaging")
    assert setup.steps(story.account)["messages"] == "permission_missing"
    assert setup.steps(replace(user, settings=story.account.settings))["page"] == "permission_missing"
    story.platform.token_of(story.page).is_valid = False
    assert setup.steps(story.account) == dict.fromkeys(setup.STEPS, "token_expired")
