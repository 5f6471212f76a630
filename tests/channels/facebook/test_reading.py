"""Reading from the page: is it well, what is behind a reference, what was written lately."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ganzohr.channels.connectors.base import Account, Trouble
from ganzohr.channels.connectors.facebook import connector
from tests.channels.facebook.bodies import AT, COMMENT, PAGE, PERSON, POST, body, change, comment
from tests.channels.meta.scripted import Graph, Reply

FEED = f"/v25.0/{PAGE}/feed"


def error(code: int) -> Reply:
    return Reply({"error": {"code": code, "message": "no"}}, 400)


def well(graph: Graph) -> None:
    graph.at = {
        "/v25.0/me": Reply({"id": PAGE}),
        **{f"/v25.0/{PAGE}/{edge}": Reply({"data": []}) for edge in ("feed", "conversations", "subscribed_apps")},
    }


def test_a_page_is_well_when_all_that_we_need_answers(graph: Graph) -> None:
    well(graph)
    assert connector.check(graph.account()) == ""
    assert [one.headers["authorization"] for one in graph.asked] == ["Bearer page-token"] * 4


@pytest.mark.parametrize(
    ("path", "reply", "code"),
    [
        ("/v25.0/me", error(190), "token_expired"),
        ("/v25.0/me", Reply({"id": "901"}), "permission_missing"),
        (FEED, error(10), "permission_missing"),
        (f"/v25.0/{PAGE}/conversations", error(200), "permission_missing"),
        (FEED, Reply({}, 429), "rate_limited"),
    ],
)
def test_a_page_that_is_not_well_says_why(graph: Graph, path: str, reply: Reply, code: str) -> None:
    well(graph)
    graph.at[path] = reply
    assert connector.check(graph.account()) == code


def test_a_page_without_a_token_is_not_asked_about() -> None:
    assert connector.check(Account("facebook", "k", {"page_id": "1"}, {})) == "no_secret"


def test_a_file_is_fetched_with_its_real_type(graph: Graph) -> None:
    graph.says(Reply(b"GIF89a", headers={"Content-Type": "image/gif"}), Reply({}, 403))
    file = connector.fetch(graph.account(), f"{graph.url}/v/thing?x=1")
    assert (file.name, file.content_type, file.content) == ("thing.gif", "image/gif", b"GIF89a")
    with pytest.raises(Trouble) as trouble:
        connector.fetch(graph.account(), f"{graph.url}/v/thing?x=1")
    assert trouble.value.code == "target_gone"


def at(**time: float) -> str:
    return (AT + timedelta(**time)).strftime("%Y-%m-%dT%H:%M:%S+0000")


def listed(id_: str, text: str, when: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "message": text, "created_time": when, **more}


def test_what_was_written_lately_comes_as_the_webhook_would_have_told_it(graph: Graph) -> None:
    person = {"from": {"id": PERSON, "name": "Mia Sommer"}}
    newest = listed("11_502", "Und nachts?", at(hours=1), parent={"id": COMMENT}, is_hidden=True)
    same = listed(COMMENT, "Geht das auch in Teilzeit? 🙂", at(), **person)
    old = listed("11_400", "Alt", at(days=-9), **person)
    more = {"data": [newest], "paging": {"cursors": {"after": "c1"}, "next": "https://x?access_token=y"}}
    ours = {"from": {"id": PAGE, "name": "Werk Nord"}, "permalink_url": "https://www.facebook.com/900/posts/11"}
    post = listed(POST, "Tag der Ausbildung", at(days=-8), full_picture="https://x/p.jpg", comments=more, **ours)
    visitor = listed("900_12", "Danke!", at(hours=2), **person)
    second = {"data": [visitor]}
    graph.says(
        Reply({"data": [post], "paging": {"cursors": {"after": "p1"}, "next": "https://x"}}),
        Reply({"data": [same, old]}),
        Reply(second),
    )
    found = list(connector.recent(graph.account(), AT - timedelta(days=1)))
    told = [(one.what, one.external_id.partition(":")[0], one.reply_to, one.text) for one in found]
    assert told == [
        ("message", "11_502", COMMENT, "Und nachts?"),
        ("hide", "11_502", "11_502", ""),
        ("message", COMMENT, "", "Geht das auch in Teilzeit? 🙂"),
        ("message", "900_12", "", "Danke!"),
    ]
    by_webhook = connector.parse(graph.account(), {}, body(change(comment())))[0]
    for name in ("external_id", "sender_id", "sender_name", "provider_at", "text", "target", "account", "visibility"):
        assert getattr(found[2], name) == getattr(by_webhook, name)
    about = found[2].post
    assert about and (about.external_id, about.text, about.author, about.author_is_us) == (
        POST, "Tag der Ausbildung", "Werk Nord", True
    )  # fmt: skip
    assert [(one.path, one.params.get("after")) for one in graph.asked] == [
        (FEED, None),
        (f"/v25.0/{POST}/comments", "c1"),
        (FEED, "p1"),
    ]


def test_our_recent_post_comes_with_its_picture(graph: Graph) -> None:
    ours = {"from": {"id": PAGE, "name": "Werk Nord"}, "full_picture": "https://x/p.jpg"}
    graph.says(Reply({"data": [listed(POST, "Tag der Ausbildung", at(), **ours)]}))
    found = list(connector.recent(graph.account(), AT - timedelta(days=1)))
    assert [(one.what, one.external_id, [file.reference for file in one.files]) for one in found] == [
        ("post", POST, ["https://x/p.jpg"])
    ]


def test_a_page_that_does_not_let_us_read_is_trouble_with_a_code(graph: Graph) -> None:
    graph.says(error(10))
    with pytest.raises(Trouble) as trouble:
        list(connector.recent(graph.account(), AT))
    assert trouble.value.code == "permission_missing"


def test_the_platforms_question_is_answered_only_with_our_word(graph: Graph) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "1158201444"}
    answers = [
        connector.handshake(graph.account(), one)
        for one in (asked, {**asked, "hub.verify_token": "ü"}, {**asked, "hub.mode": "x"}, {})
    ]
    assert answers == ["1158201444", None, None, None]
    assert connector.handshake(Account("facebook", "k", {}, {}), {**asked, "hub.verify_token": ""}) is None
