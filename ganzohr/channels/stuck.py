"""Work that does not come to an end ends its process, which is begun again by whatever keeps it alive.

An endless loop in a parser would stop the reading of its worker for good, and so would a regular expression that needs
years: no thread can be ended from outside, and the expression lets no other thread of Python run. So it is a timer of
the system that ends the process: SIGALRM writes where each thread stands (places in the code, no words of anybody) to
stderr and then does what it does to any program.

The timer counts the processor's seconds of the thread that works. Whoever waits uses none: for a database that is slow
or down, for the network, for a machine that is busy. So honest waiting is never ended, and a wait without end is not
either.

Watched is what counts its attempt at the claim: the parsing of a delivery, the taking in of a batch, a file. It is
tried again as after any crash, soon alone, and is set aside after a bounded number of attempts. Understanding is not:
its claim is a lock that counts nothing, so the same messages would end one worker after the other. Whatever else the
process was doing ends with it; a send in flight becomes unclear and is looked up. The first process of a container
cannot be ended so: the kernel keeps from it what it does not handle itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator

log = logging.getLogger(__name__)
LONGEST = 30.0  # the largest delivery needs a few seconds
LONGEST_BATCH = 300.0  # the largest batch, or a file, needs less than a minute
_system = ctypes.CDLL(None)
_armed: list[bool] = []


class _Moments(ctypes.Structure):
    """`struct itimerspec`: how often and when first, each in seconds and nanoseconds."""

    _fields_ = [(name, ctypes.c_long) for name in ("again", "again_part", "first", "first_part")]


def arm() -> None:
    """From now on this process may be ended: what it holds is free again when it is gone, and it is begun again.

    As process 1 it cannot be ended: then nothing is watched, and the log says what is missing. Nor is anything watched
    where the C library has no such timer (glibc before 2.34, another system), and the log says so.
    """
    if os.getpid() == 1:
        return log.error(
            "process 1 is not ended by a delivery that is read for ever: start this container by an init (--init, tini)"
        )
    if not hasattr(_system, "timer_create"):
        return log.error("no process is ended by a delivery that is read for ever: this system has no timer_create")
    faulthandler.register(signal.SIGALRM, file=sys.stderr, all_threads=True, chain=True)
    _armed[:] = [True]


@contextlib.contextmanager
def watched(longest: float | None = None) -> Iterator[None]:
    """What is done here takes at most so many seconds of the processor (`LONGEST`), or the process ends if it may."""
    if not _armed:
        yield
        return
    seconds, part = divmod(longest or LONGEST, 1)
    timer, moments = ctypes.c_void_p(), _Moments(0, 0, int(seconds), int(part * 1e9))
    if _system.timer_create(time.CLOCK_THREAD_CPUTIME_ID, None, ctypes.byref(timer)):
        raise OSError("the system gives us no timer")
    try:
        _system.timer_settime(timer, 0, ctypes.byref(moments), None)
        yield
    finally:
        _system.timer_delete(timer)
