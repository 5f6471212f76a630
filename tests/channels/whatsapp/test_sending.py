"""What leaves by WhatsApp, against a graph on a real socket."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ganzohr.channels.connectors.base import Account, Outcome, OutgoingFile, Sending
from ganzohr.channels.connectors.whatsapp import connector
from ganzohr.core import times
from tests.channels.meta.scripted import Graph, Reply
from tests.channels.whatsapp.bodies import AT, NUMBER, PHONE, USER_ID

TARGET = {"to": PHONE, "recipient": USER_ID, "message_id": "wamid.THEIRS", "phone_number_id": NUMBER}
WHO = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": PHONE, "recipient": USER_ID}
ONE = Reply({"messages": [{"id": "wamid.OURS"}]})
TWO = Reply({"messages": [{"id": "wamid.TWO"}]})
TAKEN = Outcome("accepted", external_id="wamid.OURS")
PDF = OutgoingFile("plan.pdf", "application/pdf", b"%PDF")
VOICE = OutgoingFile("a.ogg", "audio/ogg", b"OggS")
PATH = f"/v25.0/{NUMBER}/messages"


def account(graph: Graph) -> Account:
    return graph.account("whatsapp", phone_number_id=NUMBER, waba_id="800900100")


def sending(payload: dict[str, Any] | None = None, **changes: Any) -> Sending:
    words = {"text": "Ja, gern.", "window_from": (AT - timedelta(hours=23)).isoformat()}
    told = {"key": "key-1", "kind": "answer", "target": TARGET, "payload": {**words, **(payload or {})}, **changes}
    return Sending(**told)


def send(graph: Graph, one: Sending) -> Outcome:
    with times.frozen(AT):
        return connector.send(account(graph), one)


def said(graph: Graph) -> list[Any]:
    return [asked.json for asked in graph.asked if asked.path == PATH]


def error(code: int, status: int = 400, **more: Any) -> Reply:
    return Reply({"error": {"code": code, "message": "words", **more}}, status)


def test_an_answer_goes_to_whom_it_answers_quotes_it_and_carries_our_key(graph: Graph) -> None:
    graph.says(ONE)
    assert send(graph, sending()) == TAKEN
    assert said(graph) == [
        {
            **WHO,
            "type": "text",
            "text": {"body": "Ja, gern.", "preview_url": False},
            "context": {"message_id": "wamid.THEIRS"},
            "biz_opaque_callback_data": "key-1",
        }
    ]
    assert (graph.asked[0].method, graph.asked[0].headers["authorization"]) == ("POST", "Bearer page-token")


def test_what_the_desk_says_by_itself_quotes_nothing(graph: Graph) -> None:
    graph.says(ONE)
    assert (send(graph, sending(kind="notice")), "context" in said(graph)[0]) == (TAKEN, False)


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ({"to": PHONE}, {"recipient_type": "individual", "to": PHONE}),
        ({"recipient": USER_ID}, {"recipient_type": "individual", "recipient": USER_ID}),
        ({"to": "<none>", "recipient": USER_ID}, {"recipient_type": "individual", "recipient": USER_ID}),
        ({"to": PHONE, "group_id": "GROUP-1"}, {"recipient_type": "group", "to": "GROUP-1"}),
    ],
)
def test_a_person_is_reached_by_number_or_id_and_a_group_by_its_own(
    graph: Graph, target: dict[str, str], address: dict[str, str]
) -> None:
    graph.says(ONE)
    assert send(graph, sending(target=target)) == TAKEN
    assert {
        name: one for name, one in said(graph)[0].items() if name in ("recipient_type", "to", "recipient")
    } == address


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"target": {}}, "no_target"),
        ({"target": {"to": "a\nb"}}, "target_invalid"),
        ({"target": {**TARGET, "phone_number_id": "1"}}, "target_invalid"),
        ({"payload": {"window_from": (AT - timedelta(hours=24)).isoformat()}}, "window_closed"),
        ({"kind": "reaction", "payload": {"reaction": "👍", "window_from": "2026-01-01T00:00:00Z"}}, "window_closed"),
        ({"payload": {"text": "x" * 4097}}, "too_long"),
        ({"payload": {"text": " "}}, "not_possible"),
        ({"kind": "hide"}, "not_possible"),
        ({"kind": "reaction", "payload": {"reaction": "great"}}, "not_possible"),
        ({"kind": "reaction", "payload": {"reaction": "👍"}, "target": {"to": PHONE}}, "no_target"),
        ({"kind": "read", "target": {}}, "no_target"),
        ({"kind": "template", "payload": {}}, "not_possible"),
        ({"kind": "template", "payload": {"template": {"name": "Hello!", "language": "de"}}}, "not_possible"),
        (
            {"kind": "template", "payload": {"template": {"name": "a", "language": "de", "values": [""]}}},
            "not_possible",
        ),
        ({"files": (OutgoingFile("x", "video/mp4", bytes(100_000_001)),)}, "message_too_big"),
    ],
)
def test_what_must_not_leave_is_refused_before_any_call(graph: Graph, changes: dict[str, Any], code: str) -> None:
    outcome = send(graph, sending(changes.pop("payload", None), **changes))
    assert (outcome.state, outcome.code, outcome.retry_at, graph.asked) == ("refused", code, None, [])


def test_a_number_without_access_is_refused_before_any_call() -> None:
    outcome = connector.send(Account("whatsapp", "k", {"phone_number_id": NUMBER}, {}), sending())
    assert (outcome.state, outcome.code) == ("refused", "no_secret")


def test_where_nobody_knows_the_window_the_platform_says_it(graph: Graph) -> None:
    graph.says(error(131047))
    outcome = send(graph, sending({"window_from": None}))
    assert (outcome.state, outcome.code, outcome.retry_at) == ("refused", "window_closed", None)


def test_a_template_leaves_outside_the_window_with_its_values(graph: Graph) -> None:
    graph.says(ONE, TWO)
    template = {"name": "we_found_out", "language": "de", "values": ["Mia", "zwei\nZeilen"]}
    closed = {"window_from": "2026-01-01T00:00:00Z"}
    assert send(graph, sending({**closed, "template": template}, kind="template")) == TAKEN
    named = {**template, "values": {"name": "Mia"}}
    assert send(graph, sending({**closed, "template": named}, kind="template")).external_id == "wamid.TWO"
    parameters = [one["template"].pop("components") for one in said(graph)]
    assert parameters == [
        [{"type": "body", "parameters": [{"type": "text", "text": "Mia"}, {"type": "text", "text": "zwei Zeilen"}]}],
        [{"type": "body", "parameters": [{"type": "text", "parameter_name": "name", "text": "Mia"}]}],
    ]
    assert said(graph)[0]["template"] == {
        "name": "we_found_out",
        "language": {"code": "de"},
        "components": parameters[0],
    }


@pytest.mark.parametrize(("given", "emoji"), [("like", "👍"), ("🙏", "🙏"), ("", "")])
def test_a_reaction_names_their_message(graph: Graph, given: str, emoji: str) -> None:
    graph.says(ONE)
    assert send(graph, sending({"reaction": given}, kind="reaction")) == TAKEN
    assert said(graph)[0]["reaction"] == {"message_id": "wamid.THEIRS", "emoji": emoji}


def test_a_read_mark_names_their_message_and_may_be_repeated(graph: Graph) -> None:
    graph.says(Reply({"success": True}), Reply({"success": True}, broken=True))
    assert send(graph, sending(kind="read")) == Outcome("accepted")
    assert said(graph) == [{"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.THEIRS"}]
    again = send(graph, sending(kind="read"))
    assert (again.state, again.retry_at) == ("refused", AT + timedelta(seconds=30))


def test_a_file_is_laid_down_first_and_carries_the_words(graph: Graph) -> None:
    graph.at[f"/v25.0/{NUMBER}/media"] = Reply({"id": "M1"})
    graph.says(ONE)
    assert send(graph, sending(files=(PDF,))) == TAKEN
    upload, message = graph.asked
    assert (b"%PDF" in upload.body, b"application/pdf" in upload.body, b"whatsapp" in upload.body) == (True, True, True)
    assert message.json["document"] == {"id": "M1", "caption": "Ja, gern.", "filename": "plan.pdf"}


def test_words_that_no_file_can_carry_go_first(graph: Graph) -> None:
    graph.at[f"/v25.0/{NUMBER}/media"] = Reply({"id": "M1"})
    graph.says(ONE, TWO)
    assert send(graph, sending(files=(VOICE,))) == TAKEN
    assert [(one["type"], "context" in one, one.get("biz_opaque_callback_data")) for one in said(graph)] == [
        ("text", True, None),
        ("audio", False, "key-1"),
    ]


def test_a_picture_too_big_for_one_leaves_as_document(graph: Graph) -> None:
    graph.at[f"/v25.0/{NUMBER}/media"] = Reply({"id": "M1"})
    graph.says(ONE)
    assert send(graph, sending(files=(OutgoingFile("a.png", "image/png", bytes(5_000_001)),))) == TAKEN
    assert said(graph)[0]["document"]["filename"] == "a.png"


def test_where_laying_down_fails_nothing_was_said_and_it_goes_again(graph: Graph) -> None:
    graph.at[f"/v25.0/{NUMBER}/media"] = Reply({"id": "M1"}, broken=True)
    outcome = send(graph, sending(files=(PDF,)))
    assert (outcome.state, outcome.retry_at, said(graph)) == ("refused", AT + timedelta(seconds=30), [])


def test_half_an_answer_is_for_a_person_to_judge(graph: Graph) -> None:
    graph.at[f"/v25.0/{NUMBER}/media"] = Reply({"id": "M1"})
    graph.says(ONE, error(131053))
    outcome = send(graph, sending(files=(VOICE,)))
    assert (outcome.state, outcome.code, outcome.retry_at) == ("unclear", "half_sent", None)
    assert outcome.detail.startswith("1 of 2 left")


def test_a_lost_answer_is_unclear_and_the_platform_cannot_be_asked(graph: Graph) -> None:
    graph.says(Reply(ONE.body, broken=True), Reply({}))
    assert send(graph, sending()) == Outcome("unclear", code="dropped")
    assert send(graph, sending()).state == "unclear"  # taken, but without an id
    assert connector.find(account(graph), sending()) is None


@pytest.mark.parametrize(
    ("code", "status", "ours", "again"),
    [
        (131047, 400, "window_closed", None),
        (131049, 400, "per_user_cap", None),
        (131050, 400, "stopped", None),
        (131026, 400, "person_unavailable", None),
        (130472, 400, "per_user_cap", None),
        (131056, 400, "pair_limit", 16),
        (130429, 429, "rate_limited", 120),
        (131000, 500, "platform_error", 20),
        (190, 401, "token_expired", 20),
        (132001, 404, "not_possible", None),
        (100, 400, "bad_parameter", None),
    ],
)
def test_what_the_platform_refuses_has_a_code_and_perhaps_a_next_time(
    graph: Graph, code: int, status: int, ours: str, again: int | None
) -> None:
    graph.says(error(code, status))
    outcome = send(graph, sending(attempt=2))
    retry_at = AT + timedelta(seconds=again) if again else None
    assert (outcome.state, outcome.code, outcome.retry_at) == ("refused", ours, retry_at)


def test_where_nobody_listens_it_goes_again(graph: Graph) -> None:
    nobody = Account(
        "whatsapp", "k", {"graph_url": "http://127.0.0.1:9", "phone_number_id": NUMBER}, {"access_token": "t"}
    )
    with times.frozen(AT):
        outcome = connector.send(nobody, sending())
    assert (outcome.state, outcome.code, outcome.retry_at is not None) == ("refused", "connection_refused", True)
