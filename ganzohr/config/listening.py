"""HTTP as uvicorn speaks it, with limits on what comes before a body: how long a head may be, and may take.

Where nobody reads a request, nothing is waited for longer than a head: a first word after connecting, what follows
empty lines, the rest of a body whose request was answered without it. A body that is read has its reader's limits.

Behind a proxy these are its work; a desk that stands alone must not be held up by callers who never finish their words.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle, Transport
from typing import Any

from django.core.exceptions import RequestAborted
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

LONGEST_HEAD = 64 * 1024
SECONDS_FOR_HEAD = 15.0


def overlook_hanging_up(loop: AbstractEventLoop, context: dict[str, Any]) -> None:
    """Whoever is hung up on while the desk ends is no failure; Django leaves that behind in a task nobody awaits."""
    if not isinstance(context.get("exception"), RequestAborted):
        loop.default_exception_handler(context)


class Protocol(HttpToolsProtocol):
    """Answers 431 to a head without end and 408 to one that does not come, and hangs up; no word if none began."""

    is_in_head = False
    head = 0
    patience: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Somebody is there, who should say something."""
        super().connection_made(transport)
        self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self.is_in_head, self.head = True, 0

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self.is_in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Some bytes came; most often a whole request."""
        super().data_received(data)
        if self.transport.is_closing() or not (self.is_in_head or self._is_idle()):
            self._rest()
            return
        self.head += len(data) if self.is_in_head else 0
        if self.head > LONGEST_HEAD:
            self._hang_up(431)
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits any more."""
        self._rest()
        super().connection_lost(exc)

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _wait(self) -> None:
        if self.patience is None:
            self.patience = self.loop.call_later(SECONDS_FOR_HEAD, self._hang_up, 408)

    def _rest(self) -> None:
        if self.patience:
            self.patience.cancel()
            self.patience = None

    def _hang_up(self, status: int) -> None:
        self._rest()
        if not self.transport.is_closing():
            if self.is_in_head:
                self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()
