"""The real Facebook connector against the stand-in: what is said comes once, and what is unclear is looked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from ganzohr.channels.connectors.base import Account, Incoming, OutgoingFile, Sending
from ganzohr.channels.connectors.facebook import connector, finding
from ganzohr.channels.connectors.meta import graph
from ganzohr.core import times
from ganzohr.proofs.meta import Mischief, Platform, running, samples, scenery
from ganzohr.proofs.meta.world import Comment, Page, Person


class Scene:
    """A page, somebody who asked below a post and by Messenger, and our account there."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.page = platform, platform.add_page("Kliniken Auental")
        self.lena: Person = platform.people.person("Lena")
        self.post = platform.people.post(self.page, "Wir suchen dich")
        self.comment: Comment = platform.people.comment(self.post, self.lena, "Geht das in Teilzeit?")
        platform.people.write(self.page, self.lena, "Hallo")
        self.account = account(platform, self.page)

    def say(self, text: str = "Ja, ab 50 %", kind: str = "answer", private: bool = False, **more: Any) -> Sending:
        """An answer to the comment."""
        target = {"comment_id": self.comment.id, "post_id": self.post.id, "page_id": self.page.id}
        said = {"text": text, "visibility": "private" if private else "public", **more}
        return Sending("key-1", kind, target, said, since=times.now())

    def write(self, text: str = "Ja, ab 50 %", **more: Any) -> Sending:
        """An answer in the talk."""
        said = {"text": text, "by_person": True, "window_from": times.now().isoformat(), **more}
        return Sending("key-2", "answer", {"recipient_id": self.lena.id}, said, since=times.now())

    def comments(self) -> list[str]:
        """What stands below the post."""
        return [one.text for one in self.post.comments]


def account(platform: Platform, page: Page) -> Account:
    settings = {"graph_url": platform.url, "page_id": page.id, "page_name": page.name}
    secrets = {"access_token": page.token, "app_secrets": json.dumps(platform.secrets), "verify_token": "v"}
    return Account("facebook", "key", settings, secrets)


@pytest.fixture
def scene(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(finding, "PATIENCE", 0.0)
    return Scene(platform)


def test_the_account_works_and_says_what_is_missing(scene: Scene) -> None:
    token = scene.platform.token_of(scene.page)
    found = [connector.check(scene.account)]
    token.scopes.discard("pages_messaging")
    found.append(connector.check(scene.account))
    token.is_valid = False
    found.append(connector.check(scene.account))
    assert found == ["", "permission_missing", "token_expired"]


def test_public_private_like_and_hide_arrive_and_nobodys_words_are_changed(scene: Scene) -> None:
    sendings = [
        scene.say(), scene.say("Dazu gern privat", private=True), scene.say(kind="reaction", reaction="like"),
        scene.say(kind="hide"), scene.say(kind="unhide"), scene.write("Bis morgen"),
    ]  # fmt: skip
    outcomes = [connector.send(scene.account, one) for one in sendings]
    assert [one.state for one in outcomes] == ["accepted"] * 6
    assert [one.road for one in scene.platform.record.accepted] == [
        "comment.reply", "comment.private_reply", "comment.like", "comment.hide", "comment.unhide", "messenger.send",
    ]  # fmt: skip
    assert (scene.comment.edits, scene.comments()) == ([], ["Geht das in Teilzeit?", "Ja, ab 50 %"])
    assert not any(call.token_in_address for call in scene.platform.record.calls)
    again = connector.send(scene.account, scene.say("Noch einmal", private=True))
    assert (again.state, again.retry_at) == ("refused", None)


def test_a_picture_goes_below_a_comment_and_into_a_talk(scene: Scene) -> None:
    picture = (OutgoingFile("plan.png", "image/png", samples.picture()),)
    public, private = scene.say(), scene.write()
    for sending in (public, private):
        with_file = Sending(sending.key, sending.kind, sending.target, sending.payload, picture)
        assert connector.send(scene.account, with_file).state == "accepted"
    assert "/stand-in/files/" in scene.post.comments[-1].photo
    talk = scene.platform.world.talk(scene.page, scene.lena)
    assert scene.platform.world.things[talk.letters[-1].media].content == samples.picture()


@pytest.mark.parametrize("fault", ["timeout_after", "drop_after", "html_after", "timeout_before", "drop_before"])
@pytest.mark.parametrize("road", ["public", "private reply", "talk"])
def test_what_is_unclear_is_found_where_it_arrived_and_nowhere_else(
    scene: Scene, fault: str, road: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph.call, "__kwdefaults__", {**(graph.call.__kwdefaults__ or {}), "timeout": 0.4})
    scene.platform.silence = 1.0
    sending = {"public": scene.say(), "private reply": scene.say(private=True), "talk": scene.write()}[road]
    scene.platform.faults.next(fault)
    assert connector.send(scene.account, sending).state == "unclear"
    monkeypatch.undo()
    monkeypatch.setattr(finding, "PATIENCE", 0.0)
    found = connector.find(scene.account, sending)
    arrived = [one.id for one in scene.platform.record.accepted]
    assert found and (found.state, found.external_id) == (
        ("accepted", arrived[0]) if fault.endswith("after") else ("refused", "")
    )


@pytest.mark.parametrize(
    ("fault", "code", "comes_again"),
    [
        ("throttle_app", "rate_limited", True), ("throttle_page", "rate_limited", True),
        ("throttle_messenger", "rate_limited", True), ("throttle_instagram", "rate_limited", True),
        ("throttle_429", "rate_limited", True), ("throttle_calls", "rate_limited", True),
        ("token_expired", "token_expired", True), ("restricted", "page_restricted", False),
        ("person_unavailable", "person_unavailable", False),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_our_words_with_its_time(scene: Scene, fault: str, code: str, comes_again: bool) -> None:
    scene.platform.faults.next(fault)
    outcome = connector.send(scene.account, scene.write())
    assert (outcome.state, outcome.code, outcome.retry_at is not None) == ("refused", code, comes_again)
    if fault == "throttle_page":
        assert outcome.retry_at and outcome.retry_at - times.now() > timedelta(minutes=8)
    assert scene.platform.record.accepted == []
    assert connector.send(scene.account, scene.write()).state == "accepted"


def test_the_platform_closes_the_window_also_where_we_do_not_know_it(scene: Scene) -> None:
    scene.platform.clock.pass_by(days=8)
    unknown = connector.send(scene.account, scene.write(window_from=""))
    late = connector.send(scene.account, scene.say(private=True))
    assert [(one.state, one.code) for one in (unknown, late)] == [("refused", "window_closed")] * 2
    scene.platform.people.remove(scene.comment)
    assert connector.send(scene.account, scene.say()).code == "target_gone"


def test_all_that_happened_is_understood_also_in_bad_weather() -> None:
    bodies: list[bytes] = []

    def take(url: str, headers: Mapping[str, str], body: bytes) -> int:
        lower = {name.lower(): value for name, value in headers.items()}
        if "/hooks/facebook/" in url:
            assert connector.verify(here, "", lower, body)
            bodies.append(body)
        return 200

    weather = Mischief(seed=2, duplicate=0.3, reorder=0.3, batch=0.4, delay=0.2, longest_delay=0.01)
    with running(weather, post=take, background=False) as platform:
        platform.hook_up("http://desk.example", "key")
        scene = scenery.prepare(platform)
        here = account(platform, scene.page)
        scenery.play(platform, scene, with_ours=True)
        assert platform.settle()
        found: dict[str, Incoming] = {}
        for body in bodies:
            found |= {one.external_id: one for one in connector.parse(here, {}, body)}
        told = [one for one in found.values() if one.what == "message" and one.visibility == "public"]
        assert sum(not one.is_own for one in told) == 27
        assert {one.account for one in found.values()} == {scene.page.id}
        assert [one.what for one in found.values() if one.what == "unsupported"] == []
        held = {one.external_id for one in connector.recent(here, platform.now() - timedelta(days=5))}
        gone = {one.reply_to for one in found.values() if one.what == "delete"}
        assert len(gone) == 1
        assert {one.external_id for one in told} - gone <= held
