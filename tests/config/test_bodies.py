"""Bodies sent to pages: bounded in length, in time and together, and a slow phone still gets its files through."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ganzohr.config import bodies
from ganzohr.config.composite import Composite

Sending = list[tuple[float, int]]  # seconds until the next part, and how long it is
KB, MB = 1024, 1024 * 1024
NEVER = 10.0**6


class Patient(asyncio.SelectorEventLoop):
    """An event loop in which waiting takes no time."""

    at = 0.0

    def time(self) -> float:
        return self.at

    def _run_once(self) -> None:
        coming = [one.when() for one in self._scheduled if not one.cancelled()]  # type: ignore[attr-defined]
        if coming and not self._ready:  # type: ignore[attr-defined]
            self.at = max(self.at, min(coming))
        super()._run_once()  # type: ignore[misc]


class Desk:
    """Its pages take a whole body, say how long it was, and are done when the story says."""

    def __init__(self) -> None:
        self.composite = Composite(self.pages, {}, ())
        self.is_done = asyncio.Event()
        self.is_done.set()

    async def pages(self, scope: Any, receive: Any, send: Any) -> None:
        size, more = 0, True
        while more:
            message = await receive()
            size, more = size + len(message["body"]), message["more_body"]
        await self.is_done.wait()
        await send({"type": "http.response.start", "status": size, "headers": []})

    async def asked(self, sending: Sending, said: bytes = b"") -> tuple[int, float, dict[bytes, bytes]]:
        """The status (of a body that was taken: its length), after how many seconds, and the headers."""
        left, answers = list(sending), []

        async def receive() -> dict[str, Any]:
            seconds, size = left.pop(0)
            await asyncio.sleep(seconds)
            return {"type": "http.request", "body": b"x" * size, "more_body": bool(left)}

        async def send(message: dict[str, Any]) -> None:
            answers.append(message)

        headers = [(b"content-length", said)] if said else []
        scope = {"type": "http", "path": "/w/k/letters", "headers": headers, "server": ("h", 1), "client": ("c", 2)}
        began = asyncio.get_running_loop().time()
        await self.composite(scope, receive, send)
        return answers[0]["status"], asyncio.get_running_loop().time() - began, dict(answers[0]["headers"])


@pytest.fixture(autouse=True)
def little(settings: Any) -> None:
    settings.OUTSIDE_URL = settings.INSIDE_URL = "http://h"


def told(sending: Sending, said: bytes = b"") -> tuple[int, float]:
    async def story() -> tuple[int, float]:
        desk = Desk()
        status, seconds, headers = await desk.asked(sending, said)
        assert (desk.composite.held.bytes, headers.get(b"connection")) == (0, b"close" if status == 408 else None)
        return status, seconds

    with asyncio.Runner(loop_factory=Patient) as runner:
        return runner.run(story())


@pytest.mark.parametrize(
    ("sending", "expected"),
    [
        ([(0.0, 0)], (0, 0)),
        ([(4.0, 64 * KB)] * 320, (20 * MB, 1280)),
        ([(0.1, MB), (25.0, MB), (0.1, MB)], (3 * MB, 25.2)),
        ([(NEVER, 1)], (408, 30)),
        ([(5.0, 1)] * 100, (408, 30)),
        ([(0.0, 20 * MB), (NEVER, 1)], (408, 30)),
        ([(4.0, 32 * KB)] * 320, (408, 60)),
    ],
    ids=["none", "20 MB of a slow phone", "a tunnel", "silence", "drops", "a rush and silence", "half as fast"],
)
def test_a_body_may_be_slow_and_does_not_last(sending: Sending, expected: tuple[int, float]) -> None:
    status, seconds = told(sending)
    assert (status, round(seconds, 1)) == pytest.approx(expected, abs=4 if status == 408 else 0.1)


@pytest.mark.parametrize(
    ("said", "sending", "expected"),
    [(b"33554433", [(0.0, 1)], 413), (b"", [(0.0, 20 * MB)] * 2, 413), (b"9", [(0.0, 16 * MB)] * 2, 32 * MB)],
)
def test_no_body_is_taken_beyond_the_limit_whatever_it_says_of_itself(
    said: bytes, sending: Sending, expected: int
) -> None:
    assert told(sending, said)[0] == expected


def test_what_many_send_at_once_is_bounded_and_small_forms_still_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_HELD", 9 * MB)

    async def story() -> None:
        desk = Desk()
        desk.is_done.clear()
        first = [asyncio.create_task(desk.asked([(0.0, 4 * MB)])) for _ in range(2)]
        await asyncio.sleep(1)
        assert desk.composite.held.bytes == 8 * MB - 2 * bodies.FREE
        status, _seconds, headers = await desk.asked([(0.0, MB), (0.0, MB)])
        assert (status, headers[b"retry-after"], headers[b"connection"]) == (503, b"2", b"close")
        small = [asyncio.create_task(desk.asked([(0.0, bodies.FREE)])) for _ in range(200)]
        await asyncio.sleep(1)
        desk.is_done.set()
        assert [(await one)[0] for one in [*first, *small]] == [4 * MB] * 2 + [bodies.FREE] * 200
        assert desk.composite.held.bytes == 0
        assert (await desk.asked([(0.0, 9 * MB)]))[0] == 9 * MB

    with asyncio.Runner(loop_factory=Patient) as runner:
        runner.run(story())
