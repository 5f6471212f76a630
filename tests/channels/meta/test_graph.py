"""What a call to the graph may lead to, and what that means for something we sent."""

from __future__ import annotations

import json
import logging
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ganzohr.channels.connectors.base import Account, Outcome, Trouble
from ganzohr.channels.connectors.meta import graph as graphs
from ganzohr.channels.connectors.meta import tokens
from ganzohr.channels.connectors.meta.graph import Answer
from ganzohr.core import times
from tests.channels.meta.scripted import Graph, Reply

NOW = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)


def id_of(body: Any) -> str | None:
    return body.get("id") or None


def error(code: Any, subcode: Any = None, message: str = "words", **more: Any) -> dict[str, Any]:
    found = {"code": code, "message": message, "type": "OAuthException", **more}
    return {"error": found | ({"error_subcode": subcode} if subcode else {})}


def judged(answer: Answer, attempt: int = 1) -> Outcome:
    with times.frozen(NOW):
        return graphs.outcome(answer, id_of, attempt)


def test_what_a_token_may_is_asked_without_a_token_in_any_address_or_log(
    graph: Graph, caplog: pytest.LogCaptureFixture
) -> None:
    told = {"data": {"scopes": ["pages_messaging"], "expires_at": 0, "app_id": 7}}
    graph.says(Reply([{"code": 200, "body": json.dumps(told)}]), Reply({"error": {"code": 1}}, 500), Reply([None]))
    caplog.set_level(logging.INFO)
    found = [tokens.about(graph.account()) for _ in range(3)]
    assert found == [tokens.About(True, frozenset({"pages_messaging"}), app_id="7"), tokens.About(), tokens.About()]
    assert ([dict(one.params) for one in graph.asked], "page-token" in graph.asked[0].form["batch"]) == ([{}] * 3, True)
    assert "page-token" not in caplog.text + str([one.path for one in graph.asked])
    assert not any(one.name.startswith(("httpx", "httpcore")) for one in caplog.records)


def test_the_token_travels_in_the_header_and_never_in_the_address(graph: Graph) -> None:
    graph.says(Reply({"id": "1"}))
    answer = graphs.call(graph.account(), "POST", "/7/comments", params={"a": "b"}, json={"message": "Ja"})
    asked = graph.asked[0]
    assert (answer.status, answer.body, answer.problem) == (200, {"id": "1"}, "")
    assert (asked.method, asked.path, dict(asked.params)) == ("POST", "/v25.0/7/comments", {"a": "b"})
    assert (asked.headers["authorization"], asked.json) == ("Bearer page-token", {"message": "Ja"})
    assert "page-token" not in asked.path + str(asked.params) + asked.body.decode()


def test_version_and_address_come_from_the_settings(graph: Graph) -> None:
    graph.says(Reply({}))
    graphs.call(graph.account(graph_version="v26.0"), "GET", "me")
    assert (graph.asked[0].path, graphs.address_of(Account("facebook", "k", {}, {}))) == ("/v26.0/me", graphs.ADDRESS)


def test_silence_after_the_request_is_unclear(graph: Graph) -> None:
    graph.says(Reply(silent=True))
    answer = graphs.call(graph.account(), "POST", "7/comments", timeout=0.3)
    assert (answer.problem, judged(answer)) == ("timeout", Outcome("unclear", code="timeout_after"))


def test_a_line_that_breaks_after_the_request_is_unclear(graph: Graph) -> None:
    graph.says(Reply({"id": "1"}, broken=True))
    answer = graphs.call(graph.account(), "POST", "7/comments")
    assert (answer.problem, judged(answer)) == ("dropped", Outcome("unclear", code="dropped"))


def test_nobody_at_the_door_surely_took_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = graphs.call(Account("facebook", "k", {"graph_url": f"http://127.0.0.1:{port}"}, {}), "POST", "7/comments")
    outcome = judged(answer)
    assert (answer.problem, outcome.state, outcome.code) == ("connection_refused", "refused", "connection_refused")
    assert outcome.retry_at == NOW + timedelta(seconds=10)


@pytest.mark.parametrize("address", ["http://nowhere.invalid", "ftp://x", "http://", "no address", "http://[::1"])
def test_an_address_nobody_has_surely_took_nothing(address: str) -> None:
    answer = graphs.call(Account("facebook", "k", {"graph_url": address}, {}), "GET", "me", timeout=5)
    assert answer.problem in ("host_unknown", "connection_refused")
    assert judged(answer).state == "refused"


@pytest.mark.parametrize("token", ["a\nb", "gr\u00fcn"])
def test_a_token_that_cannot_be_said_is_refused_and_goes_nowhere(graph: Graph, token: str) -> None:
    account = Account("facebook", "k", {"graph_url": graph.url}, {"access_token": token})
    answer = graphs.call(account, "POST", "7/comments")
    assert (judged(answer).state, judged(answer).code, graph.asked) == ("refused", "not_possible", [])


def test_a_good_answer_without_the_id_is_unclear() -> None:
    assert judged(Answer(200, {"id": "1_2"})) == Outcome("accepted", external_id="1_2")
    assert judged(Answer(200, {})).state == "unclear"


@pytest.mark.parametrize(
    ("status", "body", "code", "again"),
    [
        (400, error(4), "rate_limited", True),
        (400, error(17), "rate_limited", True),
        (400, error(32), "rate_limited", True),
        (400, error(613, 1996), "rate_limited", True),
        *((400, error(one), "rate_limited", True) for one in (80001, 80002, 80006, 80007)),
        (429, error(130429), "rate_limited", True),
        (429, {}, "rate_limited", True),
        (400, error(190, 463), "token_expired", True),
        (401, error("190"), "token_expired", True),
        (403, error(10), "permission_missing", False),
        (403, error(200), "permission_missing", False),
        (403, error(299), "permission_missing", False),
        (403, error(10, 2018278), "window_closed", False),
        (400, error(10, "2018278"), "window_closed", False),
        (400, error(131047), "window_closed", False),
        (400, error(10, 1893063), "page_restricted", False),
        (400, error(551), "person_unavailable", False),
        (400, error(551, 1545041), "person_unavailable", False),
        (400, error(131026), "person_unavailable", False),
        (400, error(100, 33), "target_gone", False),
        (404, {}, "target_gone", False),
        (400, error(100), "bad_parameter", False),
        (400, error(100, None, "Length of param message[text] must be less than or equal to 2000"), "too_long", False),
        (400, error(131050), "stopped", False),
        (400, error(131049), "per_user_cap", False),
        (400, error(130472), "per_user_cap", False),
        (400, error(131056), "pair_limit", True),
        (400, error(10900), "private_reply_used", False),
        (400, error(1), "platform_error", True),
        (503, error(2, None, "later", is_transient=True), "platform_error", True),
        (500, error(131000), "platform_error", True),
        (400, error(987654, None, "later", is_transient=True), "platform_error", True),
        (400, error(987654), "not_possible", False),
        (503, error(987654), "platform_error", True),
    ],
)
def test_every_refusal_has_a_code_and_some_come_again(status: int, body: Any, code: str, again: bool) -> None:
    outcome = judged(Answer(status, body))
    assert (outcome.state, outcome.code, outcome.retry_at is not None) == ("refused", code, again)


def test_an_error_inside_a_good_status_is_a_refusal() -> None:
    assert judged(Answer(200, error(100))).code == "bad_parameter"


@pytest.mark.parametrize(
    ("status", "code"), [(500, 1), (500, "2"), (500, 99), (500, -1), (502, 987654), (504, None), (500, "0x1f")]
)
def test_an_error_of_the_platform_itself_that_is_no_known_no_leaves_it_open(status: int, code: Any) -> None:
    outcome = judged(Answer(status, error(code, None, "An unexpected error has occurred.", is_transient=True)))
    assert (outcome.state, outcome.code, outcome.retry_at) == ("unclear", "platform_error", None)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_gateway_that_fails_without_the_platforms_words_leaves_it_open(status: int) -> None:
    assert (judged(Answer(status, {})).state, judged(Answer(status, {})).code) == ("unclear", "platform_error")


BUSINESS = (
    '{"900": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 19}, {"type": "messenger"}]}'
)


@pytest.mark.parametrize(
    ("headers", "rest"),
    [
        ({"retry-after": "120"}, timedelta(minutes=2)),
        ({"retry-after": "Fri, 20 Nov 2026 21:45:00 GMT"}, timedelta(minutes=5)),
        ({"x-business-use-case-usage": BUSINESS}, timedelta(minutes=19)),
        ({"x-business-use-case-usage": BUSINESS, "retry-after": "7200"}, timedelta(hours=2)),
        ({"x-app-usage": '{"call_count": 100, "estimated_time_to_regain_access": "3"}'}, timedelta(minutes=3)),
        ({"retry-after": "99999999"}, timedelta(hours=24)),
        *(({"retry-after": one}, timedelta(minutes=1)) for one in ("", "soon", "-5", "\u0663")),
        ({"x-app-usage": "{"}, timedelta(minutes=1)),
    ],
)
def test_a_throttle_says_when_to_come_again(headers: dict[str, str], rest: timedelta) -> None:
    assert judged(Answer(429, error(4), headers)).retry_at == NOW + rest


def test_without_a_word_each_rest_is_longer_and_none_is_endless() -> None:
    pairs = [judged(Answer(400, error(131056)), attempt).retry_at for attempt in (1, 2, 3)]
    assert pairs == [NOW + timedelta(seconds=one) for one in (4, 16, 64)]
    assert judged(Answer(429, error(4)), 50).retry_at == NOW + timedelta(hours=1)


def test_what_looks_like_a_token_is_not_kept() -> None:
    outcome = judged(Answer(400, error(190, None, "Malformed access token EAAB" + "x" * 60)))
    assert outcome.detail == "190 Malformed access token …"


def test_a_file_is_loaded_only_from_the_platform(graph: Graph) -> None:
    graph.says(Reply(b"\x89PNG", headers={"Content-Type": "image/png; x=y"}))
    assert graphs.download(graph.account(), f"{graph.url}/photo", most=100) == (b"\x89PNG", "image/png")
    for address in (
        "http://127.0.0.1:1/x",
        "https://fbcdn.net.evil.example/x",
        "http://x.fbcdn.net/",
        "file:///etc",
        "",
    ):
        with pytest.raises(Trouble) as trouble:
            graphs.download(graph.account(), address, most=100)
        assert trouble.value.code == "not_possible"
    assert graphs.may_ask(graph.account(), "https://scontent.xx.fbcdn.net/v/1.png?oe=1") is True


def test_a_redirect_to_a_stranger_is_not_followed(graph: Graph) -> None:
    graph.says(Reply({}, 302, {"Location": "/there"}), Reply(b"x"), Reply({}, 302, {"Location": "http://10.0.0.1/"}))
    assert graphs.download(graph.account(), f"{graph.url}/photo", most=100)[0] == b"x"
    with pytest.raises(Trouble) as trouble:
        graphs.download(graph.account(), f"{graph.url}/photo", most=100)
    assert (trouble.value.code, len(graph.asked)) == ("not_possible", 3)


def test_a_file_that_is_gone_or_too_large_is_trouble_with_a_code(graph: Graph) -> None:
    graph.says(Reply(error(100, 33), 404), Reply(b"x" * 101))
    for expected in ("target_gone", "message_too_big"):
        with pytest.raises(Trouble) as trouble:
            graphs.download(graph.account(), f"{graph.url}/photo", most=100)
        assert trouble.value.code == expected
