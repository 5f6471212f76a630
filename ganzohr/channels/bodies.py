"""The body of a delivery, received within limits of size, time and of what this process holds at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from ganzohr.channels.committer import Committer, Full

MOST_BYTES = 5_000_000
MOST_HEADERS = 100
MOST_HEADER_BYTES = 32_000
SECONDS = 15.0

Receive = Callable[[], Awaitable[dict[str, Any]]]


class Refused(Exception):
    """Not taken; the status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Gone(Exception):
    """The caller hung up before the end: nothing is kept, nothing is thanked for."""


def headers(given: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """By their names in lower case; `Refused` where they are too many or too long."""
    if len(given) > MOST_HEADERS or sum([len(name) + len(value) for name, value in given]) > MOST_HEADER_BYTES:
        raise Refused(431)
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in given}


class Body:
    """`with Body(committer) as body`: what is received counts as held by this process until the end of the block."""

    def __init__(self, committer: Committer) -> None:
        self.committer = committer
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.committer.release(self.size)

    async def receive(self, receive: Receive, said: Mapping[str, str]) -> bytes:
        """All of it. `Refused` where it is too long, too slow, or there is no room now; `Gone`."""
        length = said.get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > MOST_BYTES:
            raise Refused(413)
        try:
            async with asyncio.timeout(SECONDS):
                return await self._receive(receive)
        except TimeoutError:
            raise Refused(408) from None
        except Full:
            raise Refused(503) from None

    async def _receive(self, receive: Receive) -> bytes:
        chunks: list[bytes] = []
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            chunk = message.get("body", b"")
            if self.size + len(chunk) > MOST_BYTES:
                raise Refused(413)
            self.committer.hold(len(chunk))
            self.size += len(chunk)
            chunks.append(chunk)
            more = message.get("more_body", False)
        return b"".join(chunks)
