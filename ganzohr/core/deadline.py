"""One deadline over all steps of a talk with somebody outside. A socket's own timeout begins anew with every read and
every write, so whoever drips is never late; at a deadline the lines opened inside are cut, whatever is waited for.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar


def now() -> float:
    """Seconds that also pass while the machine sleeps, where it can tell: leases of others pass then too."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Deadline:
    """A moment, and the lines that end with it."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.was_cut = False
        self._lines: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def watch(self, line: socket.socket) -> None:
        """Cut this line when it is time, also once it is wrapped in TLS: what is held is another handle of it."""
        with self._lock:
            self._lines.append(line.dup())
            if self._timer is None:
                self._timer = threading.Timer(max(0.0, self.until - now()), self._cut)
                self._timer.daemon = True
                self._timer.start()

    def _cut(self) -> None:
        with self._lock:
            self.was_cut = True
            for line in self._lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Let the lines go."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            while self._lines:
                self._lines.pop().close()


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[Deadline]:
    """What is done inside waits until then at the longest, or until an earlier deadline around it."""
    around, until = _current.get(), now() + seconds
    deadline = Deadline(until if around is None else min(until, around.until))
    token = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(token)
        deadline.end()


def left(most: float) -> float:
    """How many seconds may be waited now: as many as are left, `most` at most. `TimeoutError` when none are."""
    deadline = _current.get()
    seconds = most if deadline is None else min(most, deadline.until - now())
    if seconds <= 0:
        raise TimeoutError("no time left")
    return seconds


def watch(line: socket.socket) -> socket.socket:
    """This line, which ends with the deadline around, if there is one."""
    if deadline := _current.get():
        deadline.watch(line)
    return line
