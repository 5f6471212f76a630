"""Named places where a process can be made to end at once, as if the power went: `./run prove crash` arms one.

GANZOHR_CRASH names a place and the pass on which to end there, such as `outbox.after_fence:3`. Where nobody armed one,
a place costs one look at an empty table.
"""

from __future__ import annotations

import os
import signal
import threading

_lock = threading.Lock()
_left: dict[str, int] = {}


def point(name: str) -> None:
    """The process may end here, if it was armed for it."""
    if _left:
        _pass(name)


def arm(words: str) -> None:
    """From now on the process ends when it comes by this place for the n-th time (`name:n`); "" disarms."""
    name, _, count = words.partition(":")
    _left.clear()
    if name:
        _left[name] = int(count or 1)


def _pass(name: str) -> None:
    with _lock:
        if name not in _left:
            return
        _left[name] -= 1
        if _left[name] <= 0:
            os.write(2, f"crash point {name}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get("GANZOHR_CRASH", ""))
