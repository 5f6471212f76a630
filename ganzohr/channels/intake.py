"""Raw deliveries become what they say: claimed in batches, parsed, offered to the rooms above.

A claim counts the attempt and is committed before anything is parsed: bytes that kill the worker are known by their
count. What a crash left behind is read with few others, and what left a second one is read alone, so nothing takes its
neighbours along for long. After a crash the claim runs out. Each turn takes some of each, the dangerous last: what is
fresh is committed before they can do harm, and what was left behind does not wait for the end of a rush.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet

from ganzohr.channels import accounts, app_hooks, days, reading_back
from ganzohr.channels.arrivals import Arrived, offer
from ganzohr.channels.connectors.base import Account, Connector, Incoming
from ganzohr.channels.models import Channel, Delivery, Outgoing
from ganzohr.channels.stored import undone_with_its_block
from ganzohr.core import times
from ganzohr.core.points import point
from ganzohr.ui import live

log = logging.getLogger(__name__)
_reads = threading.Lock()
BATCH, SECOND_BATCH = 200, 20
MOST_BYTES = 32_000_000
MOST_ATTEMPTS = 6
CLAIM_LASTS = dt.timedelta(minutes=1)
KEPT = dt.timedelta(days=days.KEPT)
AHEAD = dt.timedelta(days=1)
NO_TIME = dt.datetime(1970, 1, 2, tzinfo=dt.UTC)

FREE = """
SELECT id, attempts + 1, octet_length(body), received_at FROM channels_delivery
WHERE state = 'waiting' AND (not_before IS NULL OR not_before <= %(now)s) AND {which}
ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
Door = tuple[int | None, int | None, str]
# What was claimed before came before what is fresh now, so a long backlog is not walked to find none of it.
EARLIER = """id < coalesce((
    SELECT id FROM channels_delivery WHERE state = 'waiting' AND attempts = 0 ORDER BY id LIMIT 1
), 9223372036854775807) AND attempts"""
KINDS = (
    ("attempts = 0", BATCH),
    (f"{EARLIER} = 1", SECOND_BATCH),
    (f"{EARLIER} BETWEEN 2 AND {MOST_ATTEMPTS - 1}", 1),
)


@dataclass(frozen=True)
class Claimed:
    """A delivery this worker may read until the claim runs out; `attempt` is the claim's own number."""

    id: int
    attempt: int
    size: int
    received_at: dt.datetime


@dataclass
class Reading:
    """One delivery being read: what it says, or why it could not be read."""

    delivery: Delivery
    incoming: list[Incoming] = field(default_factory=list)
    error: str = ""
    is_damaged: bool = False
    unsupported: int = 0
    homeless: set[str] = field(default_factory=set)
    channels: dict[str, list[int]] = field(default_factory=dict)

    def arrived(self) -> list[Arrived]:
        """Everything in it that somebody may claim: of known kind, for a channel of ours."""
        row = self.delivery
        known = [one for one in self.incoming if one.what != "unsupported"]
        return [
            Arrived(channel_id, row.pk, _in_time(one, row.received_at), row.received_at)
            for one in known
            for channel_id in self.channels.get(one.account, ())
        ]

    def find_homes(self, ours: Mapping[tuple[str, str], list[int]]) -> None:
        """Which channels each account it speaks of is; an account nobody connected leaves it unsupported."""
        row = self.delivery
        for account in {one.account for one in self.incoming}:
            homes = [row.channel_id] if row.channel_id else ours.get((row.kind, account), [])
            if homes:
                self.channels[account] = homes
            else:
                self.homeless.add(account)
        self.unsupported = sum(one.what == "unsupported" or one.account in self.homeless for one in self.incoming)


def _in_time(one: Incoming, received_at: dt.datetime) -> Incoming:
    """What names no moment, or one that is yet to come, was said when it came: it must not stand last or first for
    ever."""
    is_possible = NO_TIME < one.provider_at <= received_at + AHEAD
    return one if is_possible else replace(one, provider_at=received_at)


def process_deliveries() -> int:
    """Read a batch of waiting deliveries and a few left behind (doorbell `deliveries`); how many were looked at.

    One thread of a process at a time: several would only wait for each other's people, and die together.
    """
    with _reads:
        return sum(_process(which, limit) for which, limit in KINDS)


def _process(which: str, limit: int) -> int:
    claimed = _claim(which, limit)
    if claimed:
        point("read.after_claim")
    for group in _by_size(claimed):
        _read_group(group)
    return len(claimed)


def _claim(which: str, limit: int) -> list[Claimed]:
    now = times.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FREE.format(which=which), {"now": now, "limit": limit})
        claimed = [Claimed(*row) for row in cursor.fetchall()]
        if claimed:
            of_days(claimed).update(attempts=F("attempts") + 1, not_before=now + CLAIM_LASTS)
    return claimed


def of_days(found: Sequence[Claimed | Delivery]) -> QuerySet[Delivery]:
    """These deliveries, sought and locked only in the partitions of the days on which they came."""
    came = [one.received_at for one in found]
    return Delivery.objects.filter(pk__in=[one.id for one in found], received_at__range=(min(came), max(came)))


def _by_size(claimed: Sequence[Claimed]) -> Iterator[list[Claimed]]:
    group: list[Claimed] = []
    size = 0
    for one in claimed:
        if group and size + one.size > MOST_BYTES:
            yield group
            group, size = [], 0
        group.append(one)
        size += one.size
    if group:
        yield group


def _read_group(group: Sequence[Claimed]) -> None:
    rows = {row.pk: row for row in of_days(group).select_related("channel__app", "app")}
    parsed = _parse([rows[one.id] for one in group if one.id in rows])
    _find_homes(parsed)
    point("read.after_parse")
    with transaction.atomic(), undone_with_its_block():
        held = _still_ours(group)
        readings = [one for one in parsed if (one.delivery.pk, one.delivery.attempts) in held]
        good = [reading for reading in readings if not reading.error]
        _take_all(good)
        _conclude(readings)
        point("read.before_commit")
    point("read.after_commit")
    _note_life(readings)


def _parse(deliveries: Sequence[Delivery]) -> list[Reading]:
    known: dict[Door, tuple[Connector, Account]] = {}
    return [_parse_one(delivery, known) for delivery in deliveries]


def _parse_one(delivery: Delivery, known: dict[Door, tuple[Connector, Account]]) -> Reading:
    reading = Reading(delivery)
    door = delivery.channel_id, delivery.app_id, delivery.kind
    try:
        if door not in known:
            known[door] = accounts.door_of(delivery)
        connector, account = known[door]
        reading.incoming = reading_back.parsed(connector, account, delivery)
    except ValueError as error:
        reading.error, reading.is_damaged = _reason(error), True
    except Exception as error:  # a bug of a connector must not stop its neighbours
        log.exception("delivery %s could not be read", delivery.pk)
        reading.error = _reason(error)
    return reading


def _find_homes(readings: Sequence[Reading]) -> None:
    """One query for all accounts that the hooks spoke of; news of an umbrella account are for all under it."""
    named = {one.account for reading in readings if reading.delivery.app_id for one in reading.incoming} - {""}
    ours: dict[tuple[str, str], list[int]] = defaultdict(list)
    rows = Channel.objects.exclude(app=None).filter(Q(external_id__in=named) | Q(settings__waba_id__in=list(named)))
    for pk, kind, external_id, values in rows.values_list("pk", "kind", "external_id", "settings") if named else ():
        for account in {external_id, str(values.get("waba_id", ""))} & named:
            ours[kind, account].append(pk)
    for reading in readings:
        reading.find_homes(ours)


def _still_ours(group: Sequence[Claimed]) -> set[tuple[int, int]]:
    rows = of_days(group).filter(state=Delivery.State.WAITING).select_for_update(skip_locked=True)
    return set(rows.values_list("pk", "attempts")) & {(one.id, one.attempt) for one in group}


def _take_all(readings: Sequence[Reading], *, again: bool = False) -> None:
    """All at once; where that fails, each by itself, so that only the bad one is left behind.

    Two workers may be told the same at the same moment: whoever is second looks again, and finds it here.
    """
    try:
        with transaction.atomic(), undone_with_its_block():
            _take(readings)
    except Exception as error:
        if len(readings) == 1:
            if isinstance(error, IntegrityError) and not again:
                return _take_all(readings, again=True)
            log.exception("delivery %s could not be taken in", readings[0].delivery.pk)
            readings[0].error = _reason(error)
            return
        for reading in readings:
            _take_all([reading])


def _take(readings: Sequence[Reading]) -> None:
    batch = [(reading, arrived) for reading in readings for arrived in reading.arrived()]
    taken = offer([arrived for _reading, arrived in batch])
    for position, (reading, _arrived) in enumerate(batch):
        if position not in taken:
            reading.unsupported += 1


def _conclude(readings: Sequence[Reading]) -> None:
    well = [one.delivery for one in readings if not one.error and not one.unsupported]
    if well:
        of_days(well).update(state=Delivery.State.DONE, error="", not_before=None)
    for reading in readings:
        if reading.error or reading.unsupported:
            of_days([reading.delivery]).update(**_left(reading))


def _left(reading: Reading) -> dict[str, Any]:
    """What becomes of a delivery that was not simply understood: set aside, tried again later, or of unknown kind."""
    attempts, states = reading.delivery.attempts, Delivery.State
    values: dict[str, Any] = {"error": reading.error, "not_before": None}
    if not reading.error:
        return {**values, "error": _homeless(reading), "state": states.UNSUPPORTED}
    if reading.is_damaged or attempts >= MOST_ATTEMPTS:
        return {**values, "state": states.FAILED}
    return {**values, "not_before": times.now() + dt.timedelta(seconds=5 * 4**attempts)}


def _homeless(reading: Reading) -> str:
    return f"no channel for {', '.join(sorted(reading.homeless))}"[:300] if reading.homeless - {""} else ""


def _note_life(readings: Sequence[Reading]) -> None:
    latest: dict[int, dt.datetime] = {}
    knocked: dict[tuple[int, str], dt.datetime] = {}
    for reading in readings:
        row = reading.delivery
        if reading_back.is_read_back(row):
            continue  # we asked; nobody told us
        if row.app_id:
            door = row.app_id, row.kind
            knocked[door] = max(row.received_at, knocked.get(door, row.received_at))
        found = {channel_id for homes in reading.channels.values() for channel_id in homes}
        for channel_id in found | ({row.channel_id} if row.channel_id else set()):
            latest[channel_id] = max(row.received_at, latest.get(channel_id, row.received_at))
    with transaction.atomic():
        for channel_id, at in sorted(latest.items()):
            older = Q(last_event_at=None) | Q(last_event_at__lt=at)
            Channel.objects.filter(older, pk=channel_id).update(last_event_at=at)
        app_hooks.note_deliveries(knocked)
        if latest:
            live.touch("channels")


def _reason(error: Exception) -> str:
    """Never the words of the payload: the kind of error, and a connector's own message where it raised ValueError."""
    return f"{type(error).__name__}: {error}"[:300] if type(error) is ValueError else type(error).__name__


def tidy() -> int:
    """Set aside what ended the worker each time it was read, and forget raw bytes after 14 days (round).

    What was never read, or waits set aside for a person, stays until it was. Keys of deliveries stay, so none is ever
    taken twice. Mails to colleagues and users hold private links: of those that left, the words are forgotten as well;
    the row stays as proof that they left.
    """
    Outgoing.objects.filter(channel=None, finished_at__lt=times.now() - KEPT).exclude(payload={}).update(payload={})
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, attempts__gte=MOST_ATTEMPTS)
    waiting.filter(not_before__lt=times.now()).update(state=Delivery.State.FAILED, error="crashed")
    days.keep()
    return days.delete_over()
