"""Files, templates, the number itself, and the handshake, against a graph on a real socket."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from ganzohr.channels.connectors.base import Account, Template, Trouble
from ganzohr.channels.connectors.meta.signed import signature
from ganzohr.channels.connectors.whatsapp import connector, media
from tests.channels.meta.scripted import Graph, Reply
from tests.channels.whatsapp.bodies import NUMBER

PICTURE = b"\xff\xd8 a picture"
HEX = hashlib.sha256(PICTURE).hexdigest()
BASE64 = base64.b64encode(hashlib.sha256(PICTURE).digest()).decode()


def account(graph: Graph) -> Account:
    return graph.account("whatsapp", phone_number_id=NUMBER, waba_id="800900100")


def referred(**told: Any) -> str:
    file = media.reference("image", {"id": "555", "mime_type": "image/jpeg", "sha256": BASE64, **told})
    assert file is not None
    return file.reference


@pytest.mark.parametrize("digest", [BASE64, HEX, ""])
def test_a_file_is_fetched_with_our_token_and_checked(graph: Graph, digest: str) -> None:
    graph.at["/v25.0/555"] = Reply({"url": f"{graph.url}/there", "sha256": HEX, "file_size": len(PICTURE)})
    graph.at["/there"] = Reply(PICTURE)
    file = connector.fetch(account(graph), referred(sha256=digest))
    assert (file.content, file.content_type, file.name) == (PICTURE, "image/jpeg", "image.jpg")
    assert [one.headers["authorization"] for one in graph.asked] == ["Bearer page-token"] * 2
    assert graph.asked[0].params == {"phone_number_id": NUMBER}


@pytest.mark.parametrize(
    ("answer", "content", "code"),
    [
        (Reply({"error": {"code": 100, "error_subcode": 33, "message": "gone"}}, 400), PICTURE, "target_gone"),
        (Reply({"error": {"code": 190, "message": "expired"}}, 401), PICTURE, "token_expired"),
        (Reply({"url": "https://elsewhere.example/x"}), PICTURE, "not_possible"),
        (Reply({"file_size": 10**9, "url": "/there"}), PICTURE, "message_too_big"),
        (Reply({}), PICTURE, "target_gone"),
        (None, b"something else", "file_damaged"),
    ],
)
def test_a_file_that_cannot_be_had_says_why(graph: Graph, answer: Reply | None, content: bytes, code: str) -> None:
    graph.at["/v25.0/555"] = answer or Reply({"url": f"{graph.url}/there"})
    graph.at["/there"] = Reply(content)
    with pytest.raises(Trouble) as caught:
        connector.fetch(account(graph), referred())
    assert caught.value.code == code


@pytest.mark.parametrize("stored", ["", "{}", "[]", "../me", '{"id": "../me"}', '{"id": ""}'])
def test_a_reference_of_nobodys_making_is_never_asked_for(graph: Graph, stored: str) -> None:
    with pytest.raises(Trouble):
        connector.fetch(account(graph), stored)
    assert graph.asked == []


def template(name: str, body: str, *more: dict[str, Any], status: str = "APPROVED") -> dict[str, Any]:
    components = [{"type": "BODY", "text": body}, *more]
    return {"name": name, "language": "de", "category": "UTILITY", "status": status, "components": components}


def test_templates_of_every_page_come_with_their_values(graph: Graph) -> None:
    first = [template("a", "Hallo {{1}}, {{2}} und {{1}}"), template("b", "Bald", status="REJECTED")]
    second = [
        template("c", "Hallo {{ name }}", {"type": "HEADER", "format": "TEXT", "text": "Guten Tag"}),
        template("d", "Bild", {"type": "HEADER", "format": "IMAGE"}),
        template("e", "Knopf", {"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://x/{{1}}"}]}),
    ]
    graph.says(
        Reply({"data": first, "paging": {"cursors": {"after": "A"}, "next": "https://more"}}),
        Reply({"data": second, "paging": {"cursors": {"after": "B"}}}),
    )
    found = connector.templates(account(graph))
    assert found[0] == Template("a", "de", "utility", "Hallo {{1}}, {{2}} und {{1}}", ("1", "2"), True)
    assert [(one.name, one.values, one.is_approved) for one in found[1:]] == [
        ("b", (), False),
        ("c", ("name",), True),
        ("d", (), False),
        ("e", (), False),
    ]
    assert [one.params.get("after") for one in graph.asked] == [None, "A"]


def test_templates_without_access_say_why(graph: Graph) -> None:
    graph.says(Reply({"error": {"code": 200, "message": "no"}}, 403))
    with pytest.raises(Trouble) as caught:
        connector.templates(account(graph))
    assert caught.value.code == "permission_missing"
    with pytest.raises(Trouble):
        connector.templates(graph.account("whatsapp"))


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("CONNECTED", ""), ("FLAGGED", ""), ("RESTRICTED", ""), ("", ""),
        ("BANNED", "page_restricted"), ("DISCONNECTED", "number_offline"), ("RATE_LIMITED", "rate_limited"),
    ],
)  # fmt: skip
def test_a_check_tells_whether_the_number_may_send_and_is_thought_well_of(graph: Graph, state: str, code: str) -> None:
    graph.says(Reply({"id": NUMBER, "status": state, "quality_rating": "GREEN"}))
    graph.says(Reply({"id": NUMBER, "status": state, "quality_rating": "RED"}))
    assert [connector.check(account(graph)) for _ in range(2)] == [code, code or "quality_low"]


def test_a_check_without_access_says_what_is_missing(graph: Graph) -> None:
    graph.says(Reply({"error": {"code": 190, "message": "expired"}}, 401))
    assert connector.check(account(graph)) == "token_expired"
    assert connector.check(Account("whatsapp", "k", {}, {})) == "no_secret"


def test_the_standing_of_a_number_is_told_in_one_call(graph: Graph) -> None:
    told = {"display_phone_number": "+49 30 12345", "verified_name": "Werk", "quality_rating": "GREEN"}
    graph.says(Reply({**told, "status": "CONNECTED", "throughput": {"level": "STANDARD"}}), Reply({}, 500))
    assert connector.standing(account(graph)) == {
        "number": "+49 30 12345", "name": "Werk", "quality": "green", "state": "connected", "speed": "standard",
    }  # fmt: skip
    assert connector.standing(account(graph)) == {}


def test_the_handshake_answers_whoever_knows_the_word(graph: Graph) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "1158201444"}
    assert connector.handshake(account(graph), query) == "1158201444"
    for wrong in ({"hub.verify_token": "x"}, {"hub.verify_token": ""}, {"hub.mode": "unsubscribe"}):
        assert connector.handshake(account(graph), {**query, **wrong}) is None
    assert connector.handshake(Account("whatsapp", "k", {}, {}), {**query, "hub.verify_token": ""}) is None


def test_a_delivery_is_ours_when_any_of_our_secrets_signed_these_bytes(graph: Graph) -> None:
    for secret in ("s3cret", "older"):
        headers = {"x-hub-signature-256": signature(secret, b"{}")}
        assert connector.verify(account(graph), "", headers, b"{}") is True
        assert connector.verify(account(graph), "", headers, b"{} ") is False
    assert connector.verify(account(graph), "", {"x-hub-signature-256": signature("wrong", b"{}")}, b"{}") is False
