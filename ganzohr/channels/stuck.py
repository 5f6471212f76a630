"""Reading that does not come to an end ends its process, which is begun again by whatever keeps it alive.

An endless loop in a parser would stop the reading of its worker for good, and so would a regular expression that needs
years: no thread can be ended from outside, and the expression lets no other thread of Python run. So it is the system's
own timer that ends the process: SIGALRM writes where each thread stands (places in the code, no words of anybody) to
stderr and then does what it does to any program. The claim counts as an attempt, as after any crash: the delivery is
soon read alone, and is set aside after a bounded number of attempts.

Whatever else the process was doing ends with it; a send in flight becomes unclear and is looked up. Not ended are a
call that hangs in the kernel itself, and what happens outside `watched`, where waiting for the database is no fault.
The first process of a container cannot be ended so: the kernel keeps from it what it does not handle itself.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator

log = logging.getLogger(__name__)
LONGEST = 30.0  # less than a claim lasts; the largest delivery needs a few seconds, also on a busy machine
_lock = threading.Lock()
_until: dict[int, float] = {}
_armed: list[bool] = []


def arm() -> None:
    """From now on this process may be ended: what it holds is free again when it is gone, and it is begun again.

    As process 1 it cannot be ended: then nothing is watched, and the log says what is missing.
    """
    if os.getpid() == 1:
        return log.error(
            "process 1 is not ended by a delivery that is read for ever: start this container by an init (--init, tini)"
        )
    faulthandler.register(signal.SIGALRM, file=sys.stderr, all_threads=True, chain=True)
    _armed[:] = [True]


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """What is done here is done within `LONGEST` seconds, or the process ends if it may."""
    if not _armed:
        yield
        return
    thread = threading.get_ident()
    _set(thread, time.monotonic() + LONGEST)
    try:
        yield
    finally:
        _set(thread, None)


def _set(thread: int, until: float | None) -> None:
    """There is one timer for all threads: it rings for whoever has to be done first."""
    with _lock:
        _until.pop(thread, None)
        if until:
            _until[thread] = until
        left = min(_until.values()) - time.monotonic() if _until else 0.0
        signal.setitimer(signal.ITIMER_REAL, max(left, 0.001) if _until else 0.0)
