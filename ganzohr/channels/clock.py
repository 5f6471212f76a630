"""Whether this machine's clock may be believed. Leases are moments: a machine that is minutes ahead would call over
what another one has just begun."""

from __future__ import annotations

import datetime as dt
import logging
import time

from django.db import connection

log = logging.getLogger(__name__)
MOST_OFF = 10.0  # seconds; two machines are then no further apart than twice that
PATIENCE = 60.0  # seconds between two lines of the log
_said = [-PATIENCE]


def ahead() -> float:
    """By how many seconds at least this machine's clock is ahead of the database's; behind it, if negative. The way
    there and back may have taken all of its time on one side, so a slow line is no wrong clock."""
    before = _here()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there: dt.datetime = cursor.fetchone()[0]
    after = _here()
    if before <= there <= after:
        return 0.0
    return (before - there).total_seconds() if there < before else (after - there).total_seconds()


def _here() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def is_wrong() -> bool:
    """Whether it is too far from the database's for anybody to rely on; the log says so once a minute."""
    seconds = ahead()
    if abs(seconds) <= MOST_OFF:
        return False
    if time.monotonic() - _said[0] >= PATIENCE:
        _said[0] = time.monotonic()
        log.error("the clock of this machine is %+.0f s off the database's: nothing is sent from here", seconds)
    return True
