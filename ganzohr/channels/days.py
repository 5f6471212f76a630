"""Raw deliveries lie in one partition a day (UTC), made ahead and dropped whole once the day is 14 days old.

`channels_delivery_other` is the default partition: it takes every row whose day has no partition, so that no clock and
no round that did not run can refuse a delivery. What waits or was set aside goes there when its day is dropped, so
nothing that still needs a worker or a hand goes with the bytes around it. What is over in there is deleted by row.

A day is made beside the table and attached. That locks the default partition, which intake does not touch while today
has a partition, and lets nobody write to channels and apps, to which deliveries refer, while the default partition is
read through once; so it is done only while that has at most `SMALL` bytes. Who writes into the default partition while
the row's day is attached is refused by PostgreSQL (`MOVED_ON`) and has to write once more: whoever stores a delivery
does.

Whatever is more than a change of the catalogue happens beside the table. A default partition that is big, or holds
rows of a day that is to be made, is put beside the table and an empty one takes its place, with today; a day to be
dropped is put there as well. From there rows come back to where they belong, `BATCH` in a step, and what is over goes
with the rest. Meanwhile they are nowhere in the table: a worker that had claimed one finds it gone and its claim runs
out; what must see every row of somebody says `all_in_place` first. A round that died is gone on with by the next.

`DETACH … CONCURRENTLY` is refused where there is a default partition, so this locks the table itself, for
milliseconds. A lock that is not there at once is given up and tried again by the next round, for nobody can pass who
stands behind us: a backup that reads the table for an hour delays us by an hour, and nobody else. No statement under a
lock may take longer than `LONGEST`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator
from functools import partial

from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from psycopg import errors

from ganzohr.core import times

log = logging.getLogger(__name__)
KEPT = 14  # days, today among them
AHEAD = 7
SMALL = 8_000_000
BATCH = 500
PATIENCE, LONGEST = "50ms", "1s"
TRIES, BETWEEN_TRIES = 5, 0.3
LOCK = 0x64617973  # "days"
NOT_NOW = (errors.LockNotAvailable, errors.DeadlockDetected)
MOVED_ON = errors.CheckViolation  # its day was attached meanwhile; written once more, the row finds it
OVER = "state IN ('done', 'unsupported')"
OTHER, ASIDE = "channels_delivery_other", "channels_delivery_aside"

DAYS = """
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'channels_delivery'::regclass
"""
FALLEN = f"""
SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date FROM {OTHER} WHERE received_at >= %s AND received_at < %s
"""  # noqa: S608
MAKE = """
CREATE TABLE {name} (LIKE channels_delivery INCLUDING ALL);
ALTER TABLE channels_delivery
    ATTACH PARTITION {name} FOR VALUES FROM ('{day} 00:00:00+00') TO ('{after} 00:00:00+00');
"""
PUT_ASIDE = f"""
LOCK TABLE ONLY channels_delivery IN ACCESS EXCLUSIVE MODE;
ALTER TABLE channels_delivery DETACH PARTITION {{name}};
ALTER TABLE {{name}} RENAME TO {ASIDE};
"""
NEW_OTHER = f"CREATE TABLE {OTHER} PARTITION OF channels_delivery DEFAULT;"
BRING_BACK = f"""
WITH chosen AS MATERIALIZED (
    SELECT id, received_at FROM {ASIDE} WHERE id > %s AND NOT (received_at < %s AND {OVER}) ORDER BY id LIMIT %s
), moved AS (
    DELETE FROM {ASIDE} a USING chosen WHERE a.id = chosen.id AND a.received_at = chosen.received_at RETURNING a.*
), back AS (
    INSERT INTO channels_delivery SELECT * FROM moved
)
SELECT max(id) FROM chosen
"""  # noqa: S608

OPEN = """
SELECT 1 FROM channels_delivery
WHERE channel_id = %s AND path = %s AND state IN ('waiting', 'failed', 'unsupported')
"""
OPEN_BESIDE = f"{OPEN} UNION ALL {OPEN.replace('channels_delivery', ASIDE)} LIMIT 1"


def make() -> None:
    """Make the days that come, unless something in the default partition is in the way (before a process begins)."""
    missing = _missing()
    if missing and not _is_in_the_way():
        _make_all(missing)


def keep() -> None:
    """Make the days that come and those that were missing, drop what is over (round)."""
    missing = _missing() if _bring_back() else []
    if missing and _is_in_the_way():
        _if_free("the default partition", _renew_other)
    if missing and not _is_in_the_way():
        _make_all(missing)
    for day in sorted(_days()):
        if day < _first() and _bring_back():
            _if_free(f"the day {day}", partial(_put_aside, _name(day)))
    _bring_back()


def delete_over() -> int:
    """Delete what is over in the default partition; how many rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {OTHER} WHERE received_at < %s AND {OVER}", [_begin(_first())])  # noqa: S608
        return int(cursor.rowcount)


def all_in_place() -> None:
    """From here to the end of the caller's transaction every delivery there is stands in the table."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE ONLY channels_delivery IN ACCESS SHARE MODE")
    if _aside():
        with _unless_gone():
            _move_back()


def is_open(channel_id: int, path: str) -> bool:
    """Whether a delivery under this path came and was not taken in yet. Looked up by its index, nothing is moved."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE ONLY channels_delivery IN ACCESS SHARE MODE")
        if _aside():
            with _unless_gone():  # both in one statement: what comes back meanwhile is seen in one of them
                return bool(cursor.execute(OPEN_BESIDE, [channel_id, path] * 2).fetchone())
        return bool(cursor.execute(OPEN, [channel_id, path]).fetchone())


def ahead() -> int:
    """How many days have their partition, in a row from today on; 0 if what comes falls into the default partition."""
    made, today = _days(), _today()
    return next(number for number in range(len(made) + 1) if today + dt.timedelta(days=number) not in made)


def outside(most: int) -> dict[str, int]:
    """How many deliveries lie in no day, at most so many counted: in the default partition, and beside the table."""
    found = {"default": _count(OTHER, most), "aside": 0}
    with _unless_gone():
        found["aside"] = _count(ASIDE, most) if _aside() else 0
    return found


@contextlib.contextmanager
def _unless_gone() -> Iterator[None]:
    """What lay beside the table may be dropped while somebody looks: then its last row came back, and that is all."""
    try:
        with transaction.atomic():
            yield
    except ProgrammingError as error:
        if not isinstance(error.__cause__, errors.UndefinedTable):
            raise


def _today() -> dt.date:
    return times.now().astimezone(dt.UTC).date()


def _first() -> dt.date:
    return _today() - dt.timedelta(days=KEPT - 1)


def _begin(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _name(day: dt.date) -> str:
    return f"channels_delivery_{day:%Y%m%d}"


def _days() -> set[dt.date]:
    with connection.cursor() as cursor:
        cursor.execute(DAYS)
        names = [name.removeprefix("channels_delivery_") for (name,) in cursor.fetchall()]
    return {dt.date.fromisoformat(name) for name in names if name.isdecimal()}


def _missing() -> list[dt.date]:
    """The days that come, and those kept of which rows lie in the default partition."""
    coming = {_today() + dt.timedelta(days=number) for number in range(AHEAD + 1)}
    return sorted((coming | _fallen()) - _days(), reverse=True)


def _fallen() -> set[dt.date]:
    """Days that are kept or begin soon, of rows in the default partition."""
    with connection.cursor() as cursor:
        cursor.execute(FALLEN, [_begin(_first()), _begin(_today() + dt.timedelta(days=AHEAD + 1))])
        return {day for (day,) in cursor.fetchall()}


def _is_in_the_way() -> bool:
    """Whether days cannot be attached beside this default partition, or only under a long lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s)", [OTHER])
        return cursor.fetchone()[0] > SMALL or bool(_fallen())


def _count(table: str, most: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT FROM {table} LIMIT %s) AS found", [most])  # noqa: S608
        return int(cursor.fetchone()[0])


def _if_free(what: str, work: Callable[[], None]) -> None:
    """Tried a few times where somebody is in the way, then left for the next round."""
    for left in reversed(range(TRIES)):
        try:
            return _alone(work)
        except DatabaseError as error:
            if not connection.is_usable():
                raise
            if not left or not isinstance(error.__cause__, NOT_NOW):
                is_usual = isinstance(error.__cause__, MOVED_ON)  # a row of that day came in this very moment
                level = logging.INFO if is_usual else logging.WARNING
                return log.log(level, "%s of deliveries waits for the next round: %s", what, error)
        time.sleep(BETWEEN_TRIES)


def _alone(work: Callable[[], None]) -> None:
    """One step in a transaction of its own, by one process at a time; a caller's goes on without the limits."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if cursor.fetchone() == (True,):
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'; SET LOCAL statement_timeout = '{LONGEST}'")
            work()
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT; SET LOCAL statement_timeout TO DEFAULT")


def _make_all(days: list[dt.date]) -> None:
    for day in days:
        _if_free(f"the day {day}", partial(_make, day))


def _make(day: dt.date) -> None:
    if day not in _days():
        _run(_making(day))


def _making(day: dt.date) -> str:
    return MAKE.format(name=_name(day), day=day, after=day + dt.timedelta(days=1))


def _renew_other() -> None:
    """An empty default partition, and today: what comes now must not be in the way again."""
    if _aside() is None:
        _run(PUT_ASIDE.format(name=OTHER) + NEW_OTHER)
        _make(_today())


def _put_aside(name: str) -> None:
    if _aside() is None:
        _run(PUT_ASIDE.format(name=name))


def _aside() -> int | None:
    """Which table lies beside, by its own number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)::oid", [ASIDE])
        found: int | None = cursor.fetchone()[0]
        return found


def _bring_back() -> bool:
    """Bring back what lies beside, if anything does; whether nothing does any more."""
    if (table := _aside()) is None:
        return True
    _move_back()
    _if_free("what lay beside the table", partial(_forget, table))
    return _aside() is None


def _move_back() -> None:
    last = 0 if _aside() else None
    while last is not None:
        last = _moved_back(last)


def _moved_back(last: int) -> int | None:
    """The next of them; the last one's number. Refused where a day of theirs is attached at this very moment, which
    each day is but once; then they find it."""
    for left in reversed(range(KEPT + AHEAD + 1)):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(BRING_BACK, [last, _begin(_first()), BATCH])
                found: int | None = cursor.fetchone()[0]
                return found
        except IntegrityError as error:
            if not left or not isinstance(error.__cause__, MOVED_ON):
                raise
    return None


def _forget(table: int) -> None:
    """The emptied one only: by now another may lie there."""
    if _aside() == table:
        _run(f"DROP TABLE {ASIDE}")


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
