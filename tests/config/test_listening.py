"""What comes before a body is bounded in length and time; the intake can stand alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from django.core.exceptions import RequestAborted
from uvicorn.server import ServerState

from ganzohr.config import hooks_alone, web
from ganzohr.config.listening import LONGEST_HEAD, Protocol, overlook_hanging_up


class Line:
    """A connection that remembers what was written to it."""

    def __init__(self) -> None:
        self.written = b""
        self.is_open = True

    def get_extra_info(self, name: str) -> Any:
        return None

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.is_open = False

    def is_closing(self) -> bool:
        return not self.is_open


class Clock:
    """An event loop as far as waiting goes."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[..., None], tuple[Any, ...]]] = []

    def call_later(self, _seconds: float, function: Callable[..., None], *values: Any) -> Any:
        self.waiting.append((function, values))
        return self

    def cancel(self) -> None:
        self.waiting.clear()

    def create_task(self, running: Any) -> Any:
        running.close()
        return asyncio.Future(loop=asyncio.new_event_loop())


def connected() -> tuple[Protocol, Line, Clock]:
    async def nobody(_scope: Any, _receive: Any, _send: Any) -> None:
        raise AssertionError

    line, clock = Line(), Clock()
    config = uvicorn.Config(nobody, lifespan="off", log_config=None, ws="none")
    protocol = Protocol(config, ServerState(), {}, clock)  # type: ignore[arg-type]
    protocol.connection_made(line)  # type: ignore[arg-type]
    return protocol, line, clock


@pytest.mark.parametrize("part", [b"X-Long: " + b"y" * 1_000, b"x" * 1_000, b"X: y\r\n" * 100])
def test_a_head_without_end_is_refused_and_hung_up(part: bytes) -> None:
    protocol, line, clock = connected()
    protocol.data_received(b"POST /hooks/facebook/k/ HTTP/1.1\r\n")
    sent = 0
    while line.is_open:
        protocol.data_received(part)
        sent += len(part)
    assert line.written.startswith(b"HTTP/1.1 431 ")
    assert sent <= LONGEST_HEAD + len(part)
    assert clock.waiting == []


def test_a_head_that_does_not_come_is_not_waited_for() -> None:
    protocol, line, clock = connected()
    protocol.data_received(b"POST /hooks/")
    protocol.data_received(b"facebook/k/ HTTP/1.1\r\n")
    ((function, values),) = clock.waiting
    function(*values)
    assert (line.written.split(b"\r\n")[0], line.is_open) == (b"HTTP/1.1 408 Request Timeout", False)


def test_a_whole_head_waits_for_nothing() -> None:
    protocol, line, clock = connected()
    protocol.data_received(b"POST /hooks/facebook/k/ HTTP/1.1\r\nContent-")
    assert len(clock.waiting) == 1
    protocol.data_received(b"Length: 2\r\n\r\n")
    protocol.data_received(b"y" * 2)
    assert (clock.waiting, line.written, line.is_open) == ([], b"", True)


def test_whoever_connects_and_says_nothing_is_not_waited_for() -> None:
    protocol, line, clock = connected()
    for _ in range(3):
        protocol.data_received(b"\r\n")
    ((function, values),) = clock.waiting
    function(*values)
    assert (line.written, line.is_open, clock.waiting) == (b"", False, [])


def test_the_rest_of_a_body_nobody_reads_is_not_waited_for_and_the_next_request_is() -> None:
    protocol, line, clock = connected()
    protocol.data_received(b"POST /nowhere HTTP/1.1\r\nContent-Length: 6\r\n\r\nyy")
    assert clock.waiting == []
    protocol.cycle.response_complete = True
    protocol.data_received(b"y")
    protocol.data_received(b"yyy")
    ((function, values),) = clock.waiting
    protocol.data_received(b"GET / HTTP/1.1\r\n\r\n")
    assert clock.waiting == []
    protocol.cycle.response_complete = True
    protocol.data_received(b"\r\n")
    function(*values)
    assert (line.written, line.is_open) == (b"", False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "status"),
    [("/health", 200), ("/hooks/facebook/k9/", 404), ("/", 404), ("/inbox/", 404), ("/static/x", 404)],
)
def test_the_intake_alone_serves_hooks_and_says_whether_it_is_well(path: str, status: int) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": [(b"host", b"127.0.0.1")]}
    asyncio.run(hooks_alone.build()({**scope, "client": ("127.0.0.1", 1)}, receive, send))
    assert sent[0]["status"] == status


def test_the_intake_alone_is_asked_for_by_an_option() -> None:
    assert [web.options(words).hooks for words in ([], ["--hooks"])] == [False, True]


def test_whoever_is_hung_up_on_at_the_end_is_no_failure_and_everybody_else_is(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.new_event_loop()
    overlook_hanging_up(loop, {"message": "Task exception was never retrieved", "exception": RequestAborted()})
    overlook_hanging_up(loop, {"message": "something else", "exception": ValueError()})
    loop.close()
    assert [record.message for record in caplog.records] == ["something else"]
