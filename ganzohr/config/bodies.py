"""The body of a request to a page, received within limits of size, of time, and of what this process holds at once.

Hooks have limits of their own (`channels/bodies.py`). Forms bring files, and phones send them over slow lines: whoever
stays above SLOWEST may take as long as that needs (20 MB: 21 minutes), and be silent on the way for almost PATIENCE.
The first FREE bytes of a body count for nothing, so that signing in and answering go on while others send all they can.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

from ganzohr.config.outside import Scope

LONGEST = 32 * 1024 * 1024  # files of a letter together, and the form around them
MOST_HELD = 256 * 1024 * 1024  # of each the first 2.5 MB in memory, the rest on disk until a page reads it
FREE = 64 * 1024
SLOWEST = 16 * 1024  # bytes a second
PATIENCE = 30.0

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]


class Refused(Exception):
    """Not taken; the status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Held:
    """What bodies take up in this process."""

    bytes = 0


class Body:
    """`with Body(together, scope, receive) as body`: what `body.receive` gave is held until the end of the block.

    `Refused` where it is too long, too slow, or there is no room now. Once it is whole, nothing is waited for.
    """

    def __init__(self, together: Held, scope: Scope, receive: Receive) -> None:
        said = next((value for name, value in scope.get("headers", []) if name == b"content-length"), b"0")
        if said.isdigit() and int(said[:20]) > LONGEST:
            raise Refused(413)
        self.together = together
        self.size = self.held = 0
        self.is_whole = False
        self.until = asyncio.get_running_loop().time() + PATIENCE
        self._receive = receive

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.together.bytes -= self.held

    async def receive(self) -> Message:
        """The next part of it; afterwards whatever else there is to hear of the request."""
        if self.is_whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self.until):
                message = await self._receive()
        except TimeoutError:
            raise Refused(408) from None
        self._take(len(message.get("body", b"")))
        self.is_whole = not message.get("more_body", False)
        return message

    def _take(self, size: int) -> None:
        self.size += size
        if self.size > LONGEST:
            raise Refused(413)
        more = max(self.size - FREE, 0) - self.held
        if self.together.bytes + more > MOST_HELD:
            raise Refused(503)
        self.together.bytes += more
        self.held += more
        self.until = min(self.until + size / SLOWEST, asyncio.get_running_loop().time() + PATIENCE)
