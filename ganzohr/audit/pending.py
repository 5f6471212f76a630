"""Facts wait for their later listeners: kept in the transaction that made them true, told by the worker.

A listener that fails is told again for ever, longer apart each time: somebody may mend it. A listener that ends the
worker would end it for ever, so a claim is counted before anything is told: what a crash left behind is told alone,
each of its ids by itself, and given up after `MOST_UNHEARD` claims of which nobody heard the end. The row stays and is
told in the log and by a figure.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from itertools import groupby

from django.db import transaction
from django.db.models import F
from django.utils.module_loading import import_string

from ganzohr.audit.models import PendingEvent
from ganzohr.core import events, jobs, times

log = logging.getLogger(__name__)
BATCH = 200
CLAIM_LASTS = dt.timedelta(minutes=5)
MOST_UNHEARD = 6
CRASHED = "crashed"
LONGEST_WAIT = dt.timedelta(hours=1)


def keep(event: events.Event, listeners: Sequence[str]) -> None:
    """Keep the fact for each listener and ring for it."""
    at = times.now()
    PendingEvent.objects.bulk_create(
        PendingEvent(event=event.name(), listener=name, payload=event.payload(), created_at=at, not_before=at)
        for name in listeners
    )
    jobs.ring("events")


def run_pending() -> int:
    """Tell one batch of waiting facts and one that a crash left behind; how many were looked at."""
    rows = _claim(BATCH, unheard=0)
    rows.sort(key=lambda row: (row.listener, row.event, row.pk))
    for (listener, event), group in groupby(rows, key=lambda row: (row.listener, row.event)):
        _tell(listener, event, list(group))
    left = _claim(1, unheard__gt=0)  # last: what is fresh is told before it can do harm
    for row in left:
        if row.unheard < MOST_UNHEARD:
            _tell_apart(row)
        else:
            _give_up(row)
    return len(rows) + len(left)


def _claim(limit: int, **which: int) -> list[PendingEvent]:
    with transaction.atomic():
        due = PendingEvent.objects.filter(not_before__lte=times.now(), **which).order_by("id")
        rows = list(due.select_for_update(skip_locked=True)[:limit])
        claimed = PendingEvent.objects.filter(pk__in=[row.pk for row in rows])
        claimed.update(not_before=times.now() + CLAIM_LASTS, unheard=F("unheard") + 1)
    return rows


def _tell_apart(row: PendingEvent) -> None:
    """Each thing in it by itself, so that the one that ends the worker is known."""
    for one in _by_id(row) or [row]:
        _tell(one.listener, one.event, [one])


def _give_up(row: PendingEvent) -> None:
    log.error("listener %s ended its worker %s times over fact %s: given up", row.listener, row.unheard, row.pk)
    PendingEvent.objects.filter(pk=row.pk).update(not_before=None, error=CRASHED)


def _tell(listener: str, event: str, rows: list[PendingEvent]) -> None:
    """All at once; where that fails, ever smaller, so that what cannot be told holds up nothing but itself."""
    try:
        kind = events.kind_of(event)
        function = import_string(listener)
        for fact in events.merged([kind.from_payload(row.payload) for row in rows]):
            function(fact)
    except Exception as error:  # whatever it is, the fact is kept and told again
        smaller = rows if len(rows) > 1 else _by_id(rows[0])
        for row in smaller:
            _tell(listener, event, [row])
        if not smaller:
            log.exception("listener %s failed", listener)
            _later(rows, type(error).__name__)
    else:
        PendingEvent.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _by_id(row: PendingEvent) -> list[PendingEvent]:
    """A fact about several things becomes one fact about each, in its place; nothing where it cannot be divided."""
    lists = [name for name, value in row.payload.items() if isinstance(value, list)]
    if len(lists) != 1 or len(row.payload[lists[0]]) < 2:
        return []
    single = [{**row.payload, lists[0]: [one]} for one in row.payload[lists[0]]]
    with transaction.atomic():
        PendingEvent.objects.filter(pk=row.pk).delete()
        return PendingEvent.objects.bulk_create(
            PendingEvent(
                event=row.event, listener=row.listener, payload=payload, created_at=row.created_at,
                not_before=times.now() + CLAIM_LASTS, attempts=row.attempts, unheard=row.unheard + 1,
            )
            for payload in single
        )  # fmt: skip


def _later(rows: list[PendingEvent], error: str) -> None:
    for row in rows:
        row.attempts = min(row.attempts + 1, 30_000)
        row.error, row.unheard = error, 0
        row.not_before = times.now() + min(dt.timedelta(seconds=2 ** min(row.attempts, 12)), LONGEST_WAIT)
    PendingEvent.objects.bulk_update(rows, ["attempts", "error", "unheard", "not_before"])
