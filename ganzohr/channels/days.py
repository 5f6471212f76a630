"""Raw deliveries lie in one partition a day (UTC), made ahead and dropped whole once the day is 14 days old.

`channels_delivery_other` is the default partition: it takes every row whose day has no partition, so that no clock and
no round that did not run can refuse a delivery. What fell in there moves to its day when that day is made, and what
waits or was set aside goes there when its day is dropped, so nothing that still needs a worker or a hand goes with the
bytes around it. What is over in there is deleted row by row.

A day is made beside the table and attached. That locks the default partition, which intake does not touch while today
has a partition, and lets nobody write to channels and apps, to which deliveries refer, while the default partition is
read through once: a moment where little lies in it. With days made a week ahead it stays so unless no round succeeds
for a week. Who writes into the default partition while the row's day is attached is refused by PostgreSQL (`MOVED_ON`)
and has to write once more: whoever stores a delivery does.

`DETACH … CONCURRENTLY` is refused where there is a default partition, so dropping locks the table itself: for a
catalogue change and at most `MOVED` rows, a few milliseconds. A lock that is not there at once is given up and tried
again by the next round, for nobody can pass who stands behind us: a backup that reads the table for an hour delays us
by an hour, and nobody else. With more than `MOVED` rows to move under a lock we let them lie: a day of which so much
fell into the default partition stays there and is never made, which the log says each time, and one to be dropped is
emptied of what is over.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable

from django.db import DatabaseError, connection, transaction
from psycopg import errors

from ganzohr.core import times

log = logging.getLogger(__name__)
KEPT = 14  # days, today among them
AHEAD = 7
MOVED = 1_000
PATIENCE = "50ms"
TRIES, BETWEEN_TRIES = 5, 0.3
LOCK = 0x64617973  # "days"
NOT_NOW = (errors.LockNotAvailable, errors.DeadlockDetected)
MOVED_ON = errors.CheckViolation  # its day was attached meanwhile; written once more, the row finds it
OVER = "state IN ('done', 'unsupported')"

DAYS = """
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'channels_delivery'::regclass
"""
FALLEN = """
SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date FROM channels_delivery_other
WHERE received_at >= %s AND received_at < %s
"""
BETWEEN = "received_at >= '{day} 00:00:00+00' AND received_at < '{after} 00:00:00+00'"
MAKE = f"""
CREATE TABLE {{name}} (LIKE channels_delivery INCLUDING ALL);
LOCK TABLE channels_delivery_other IN ACCESS EXCLUSIVE MODE;
WITH fallen AS (DELETE FROM channels_delivery_other WHERE {BETWEEN} RETURNING *)
INSERT INTO {{name}} SELECT * FROM fallen;
ALTER TABLE channels_delivery
    ATTACH PARTITION {{name}} FOR VALUES FROM ('{{day}} 00:00:00+00') TO ('{{after}} 00:00:00+00');
"""  # noqa: S608
DROP = f"""
LOCK TABLE ONLY channels_delivery IN ACCESS EXCLUSIVE MODE;
CREATE TEMPORARY TABLE staying ON COMMIT DROP AS SELECT * FROM {{name}} WHERE NOT {OVER};
DROP TABLE {{name}};
INSERT INTO channels_delivery SELECT * FROM staying;
DROP TABLE staying;
"""  # noqa: S608


def keep() -> None:
    """Make the days that come and those that were missing, drop what is over (round, and before a process begins)."""
    today, made = _today(), _days()
    coming = {today + dt.timedelta(days=number) for number in range(AHEAD + 1)}
    for day in sorted((coming | _fallen()) - made, reverse=True):
        _if_free(_make, day)
    for day in sorted(made):
        if day < _first():
            _if_free(_drop, day)


def delete_over() -> int:
    """Delete what is over in the default partition; how many rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM channels_delivery_other WHERE received_at < %s AND {OVER}", [_begin(_first())])  # noqa: S608
        return int(cursor.rowcount)


def _today() -> dt.date:
    return times.now().astimezone(dt.UTC).date()


def _first() -> dt.date:
    return _today() - dt.timedelta(days=KEPT - 1)


def _begin(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _days() -> set[dt.date]:
    with connection.cursor() as cursor:
        cursor.execute(DAYS)
        names = [name.removeprefix("channels_delivery_") for (name,) in cursor.fetchall()]
    return {dt.date.fromisoformat(name) for name in names if name.isdecimal()}


def _fallen() -> set[dt.date]:
    """Days that are kept or begin soon, of rows in the default partition."""
    with connection.cursor() as cursor:
        cursor.execute(FALLEN, [_begin(_first()), _begin(_today() + dt.timedelta(days=AHEAD + 1))])
        return {day for (day,) in cursor.fetchall()}


def _if_free(work: Callable[[dt.date], None], day: dt.date) -> None:
    """Tried a few times where somebody is in the way, then left for the next round."""
    for left in reversed(range(TRIES)):
        try:
            return _alone(work, day)
        except DatabaseError as error:
            if not connection.is_usable():
                raise
            if not left or not isinstance(error.__cause__, NOT_NOW):
                return log.warning("the day %s of deliveries waits for the next round: %s", day, error)
        time.sleep(BETWEEN_TRIES)


def _alone(work: Callable[[dt.date], None], day: dt.date) -> None:
    """One step in a transaction of its own, by one process at a time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if cursor.fetchone() == (True,):
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            work(day)


def _make(day: dt.date) -> None:
    if day in _days():
        return
    if _count("channels_delivery_other", _in_sql(BETWEEN, day)) <= MOVED:
        _run(_in_sql(MAKE, day))
    else:
        log.warning("the day %s of deliveries was not made: more than %s fell into the default partition", day, MOVED)


def _drop(day: dt.date) -> None:
    if day not in _days():
        return
    if _count(_name(day), f"NOT {OVER}") <= MOVED:
        _run(_in_sql(DROP, day))
    else:
        _run(_in_sql(f"DELETE FROM {{name}} WHERE {OVER}", day))  # noqa: S608


def _count(table: str, which: str) -> int:
    """How many there are, or one more than may be moved."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT FROM {table} WHERE {which} LIMIT {MOVED + 1}) AS found")  # noqa: S608
        return int(cursor.fetchone()[0])


def _in_sql(sql: str, day: dt.date) -> str:
    return sql.format(name=_name(day), day=day, after=day + dt.timedelta(days=1))


def _name(day: dt.date) -> str:
    return f"channels_delivery_{day:%Y%m%d}"


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
