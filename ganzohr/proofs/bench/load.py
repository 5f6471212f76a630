"""The client: many connections that ask again as soon as they are answered; a process of its own, told by stdin.

Requests are built before the clock starts. Prints one line of JSON: seconds, answers by status, every time in
milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from typing import Any, cast

from ganzohr.proofs.bench import letters

PATIENCE = 120.0


class Asking(asyncio.Protocol):
    """One connection. Reads only what it must of an answer: status and where it ends."""

    def __init__(self, run: Run) -> None:
        self.run, self.held, self.left = run, b"", -1
        self.status, self.asked_at, self.is_chunked = 0, 0.0, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the first."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by its classes
        self.ask()

    def ask(self) -> None:
        """The next request, if there is one."""
        wanted = self.run.next()
        if wanted is None:
            self.transport.close()
            return
        self.held, self.left, self.is_chunked = b"", -1, False
        self.asked_at = time.perf_counter()
        self.transport.write(wanted)

    def data_received(self, data: bytes) -> None:
        """Part of an answer."""
        self.held += data
        if self.left < 0 and not self._read_head():
            return
        if self.held.endswith(b"0\r\n\r\n") if self.is_chunked else len(self.held) >= self.left:
            self.run.answered(self.status, time.perf_counter() - self.asked_at, len(self.held))
            self.ask()

    def _read_head(self) -> bool:
        head, end, rest = self.held.partition(b"\r\n\r\n")
        if not end:
            return False
        self.status, low = int(head[9:12]), head.lower()
        self.is_chunked = b"transfer-encoding: chunked" in low
        said = low.partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
        self.left, self.held = int(said or 0), rest
        return True

    def connection_lost(self, _why: Exception | None) -> None:
        """Gone; come back if there is more to ask, as a client would."""
        self.run.lost(self)


class Run:
    """One run of the client."""

    def __init__(self, requests: list[bytes], seconds: float, is_endless: bool) -> None:
        self.waiting: Iterator[bytes] = cycle(requests) if is_endless else iter(requests)
        self.seconds = seconds
        self.statuses: Counter[int] = Counter()
        self.times: list[float] = []
        self.bytes = self.open = 0
        self.over = asyncio.Event()

    def next(self) -> bytes | None:
        """What to ask next, until all is asked or the seconds are over."""
        if self.seconds and time.perf_counter() - self.started > self.seconds:
            return None
        return next(self.waiting, None)

    def answered(self, status: int, seconds: float, length: int) -> None:
        """Note it."""
        self.statuses[status] += 1
        self.times.append(1000 * seconds)
        self.bytes += length

    def lost(self, one: Asking) -> None:
        """A connection is gone."""
        self.open -= 1
        if not self.open:
            self.over.set()

    async def go(self, port: int, connections: int) -> float:
        """All of it; how long it took."""
        loop = asyncio.get_running_loop()
        self.open = connections
        self.started = time.perf_counter()
        for _ in range(connections):
            await loop.create_connection(lambda: Asking(self), "127.0.0.1", port)
        async with asyncio.timeout(PATIENCE + self.seconds):
            await self.over.wait()
        return time.perf_counter() - self.started


def requests_of(told: dict[str, Any]) -> list[bytes]:
    """Webhooks by their numbers, or pages by their paths."""
    if "first" in told:
        return [letters.request(told["path"], told["first"] + n) for n in range(told["count"])]
    lines = "".join(f"{name}: {value}\r\n" for name, value in told["headers"].items())
    asked = [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode() for path in told["paths"]]
    return [asked[n % len(asked)] for n in range(told["count"])]


def main() -> None:
    """Do what stdin says, say what came of it. A line on stdin starts the clock, so that others can look first."""
    import uvloop

    told = json.loads(sys.stdin.readline())
    requests = requests_of(told)
    print("ready", flush=True)
    sys.stdin.readline()

    seconds = told.get("seconds", 0)

    async def run() -> dict[str, Any]:
        one = Run(requests, seconds, is_endless="paths" in told and bool(seconds))
        took = await one.go(told["port"], told["connections"])
        return {"seconds": took, "statuses": one.statuses, "times": one.times, "bytes": one.bytes}

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            print(json.dumps(runner.run(run())), flush=True)
        except BrokenPipeError:  # whoever wanted to know has been ended
            os._exit(1)


if __name__ == "__main__":
    main()
