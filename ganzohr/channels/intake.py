"""Raw deliveries become what they say: claimed in batches, parsed, offered to the rooms above.

A claim counts the attempt and is committed before anything is parsed: bytes that kill the worker are known by their
count. What a crash left behind is read with few others, and what left a second one is read alone, so nothing takes its
neighbours along for long. After a crash the claim runs out. Each turn takes some of each, the dangerous last: what is
fresh is committed before they can do harm, and what was left behind does not wait for the end of a rush.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from ganzohr.channels import accounts, app_hooks, days, reading_back, stored, stuck
from ganzohr.channels.arrivals import Arrived, offer
from ganzohr.channels.connectors.base import Account, Connector, Damaged, Incoming, IncomingFile, clean
from ganzohr.channels.models import App, Channel, Delivery, Outgoing
from ganzohr.core import times
from ganzohr.core.points import point
from ganzohr.ui import live

log = logging.getLogger(__name__)
_reads = threading.Lock()
BATCH, SECOND_BATCH = 400, 20
MOST_BYTES = 32_000_000
MOST_ATTEMPTS = 6
CLAIM_LASTS = dt.timedelta(minutes=1)
LONGEST_CALL = dt.timedelta(minutes=2, seconds=30)  # four tries of S3 (`config/files.py`)
IN_PARTS = 8 * 2**20  # bytes from which on S3 is handed a file in parts, all at once
LONGEST_IN_VAIN = 10.0  # seconds
HELD_AHEAD = dt.timedelta(seconds=30)  # so many at least between two words to the database that we go on
KEPT = dt.timedelta(days=days.KEPT)
AHEAD = dt.timedelta(days=1)
DAMAGED = (Damaged, json.JSONDecodeError, UnicodeError)
NO_TIME = dt.datetime(1970, 1, 2, tzinfo=dt.UTC)

FREE = """
SELECT id, received_at, octet_length(body) FROM channels_delivery
WHERE state = 'waiting' AND (not_before IS NULL OR not_before <= %(now)s) AND {which}
ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
# Sought and locked only in the partitions of the days on which they came.
THESE = "id = ANY(%(ids)s) AND received_at BETWEEN %(first)s AND %(last)s"
CLAIM = f"""
UPDATE channels_delivery SET attempts = attempts + 1, not_before = %(until)s WHERE {THESE}
RETURNING id, attempts, channel_id, app_id, kind, body, received_at, headers::text
"""  # noqa: S608  no values in it
# First of all, so that nobody else can have them until we are through; what was not understood is written afterwards.
DONE = f"""
UPDATE channels_delivery SET state = 'done', error = '', not_before = NULL
WHERE {THESE} AND state = 'waiting' AND not_before = %(until)s RETURNING id
"""  # noqa: S608  no values in it
HOLD = f"""
UPDATE channels_delivery SET not_before = %(later)s WHERE {THESE} AND state = 'waiting' AND not_before = %(until)s
"""  # noqa: S608  no values in it
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


@dataclass(slots=True)
class Claimed:
    """A delivery this worker may read until the claim runs out; a row of the database without the weight of a model."""

    id: int
    attempts: int
    channel_id: int | None
    app_id: int | None
    kind: str
    body: bytes
    received_at: dt.datetime
    head: str

    @property
    def headers(self) -> dict[str, str]:
        """As they were kept."""
        found: dict[str, str] = json.loads(self.head)
        return found


@dataclass
class Reading:
    """One delivery being read: what it says, or why it could not be read."""

    delivery: Claimed
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
            Arrived(channel_id, row.id, _in_time(one, row.received_at), row.received_at)
            for one in known
            for channel_id in self.channels.get(one.account, ())
        ]

    def files(self) -> list[IncomingFile]:
        """Those whose bytes came along."""
        return [file for one in self.incoming for file in one.files if file.content]

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
    until = times.now() + CLAIM_LASTS
    claimed = _claim(which, limit, until)
    if claimed:
        point("read.after_claim")
        _read(claimed, until)
    return len(claimed)


def _claim(which: str, limit: int, until: dt.datetime) -> list[Claimed]:
    """Up to `limit` of these, as many as fit into memory together, in the order in which they came."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FREE.format(which=which), {"now": times.now(), "limit": limit})
        free = cursor.fetchall()
        if not free:
            return []
        sizes = accumulate(size for _id, _at, size in free)
        fits = [row for row, size in zip(free, sizes, strict=True) if size <= MOST_BYTES] or free[:1]
        ids, came, _sizes = zip(*fits, strict=True)
        cursor.execute(CLAIM, {**_these(ids, came), "until": until})
        return [Claimed(*row) for row in sorted(cursor.fetchall())]


def _these(ids: Sequence[int], came: Sequence[dt.datetime]) -> dict[str, Any]:
    return {"ids": list(ids), "first": min(came), "last": max(came)}


def _read(claimed: Sequence[Claimed], until: dt.datetime) -> None:
    parsed = _parse(claimed)
    _find_homes(parsed)
    point("read.after_parse")
    with stuck.watched(stuck.LONGEST_BATCH), stored.swept():
        until = _put_files(parsed, until)
        with transaction.atomic(), stored.named_with_its_block():
            held = _still_ours(claimed, until)
            readings = [one for one in parsed if one.delivery.id in held]
            _take_all([reading for reading in readings if not reading.error])
            _leave(readings)
            point("read.before_commit")
    point("read.after_commit")
    _note_life(readings)


def _parse(deliveries: Sequence[Claimed]) -> list[Reading]:
    channels = Channel.objects.select_related("app").in_bulk({one.channel_id for one in deliveries} - {None})
    apps = App.objects.in_bulk({one.app_id for one in deliveries} - {None})
    known: dict[Door, tuple[Connector, Account]] = {}

    def door(one: Claimed) -> tuple[Connector, Account]:
        named = one.channel_id, one.app_id, one.kind
        if named not in known:
            known[named] = accounts.door_of(channels.get(one.channel_id), apps.get(one.app_id), one.kind)
        return known[named]

    return [_parse_one(one, door) for one in deliveries]


def _parse_one(delivery: Claimed, door: Callable[[Claimed], tuple[Connector, Account]]) -> Reading:
    reading = Reading(delivery)
    try:
        connector, account = door(delivery)
        reading.incoming = [_fit(one) for one in reading_back.parsed(connector, account, delivery)]
    except DAMAGED as error:
        reading.error, reading.is_damaged = _reason(error), True
    except Exception as error:  # a bug of a connector must not stop its neighbours
        log.exception("delivery %s could not be read", delivery.id)
        reading.error = _reason(error)
    return reading


def _fit(one: Incoming) -> Incoming:
    """Accounts are asked for and written down for all deliveries at once: one the database refused would stop all."""
    account = clean(one.account)
    return one if account == one.account else replace(one, account=account)


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


def _put_files(readings: Sequence[Reading], until: dt.datetime) -> dt.datetime:
    """What came with its bytes lies in the storage before anything is locked; until when the claim lasts then. What
    brings a file that cannot be put is tried again later. So are those behind it once the storage let us wait in vain
    for so long: one that is down is not asked for each."""
    in_vain, reason = 0.0, ""
    for reading in readings:
        if not reading.files():
            continue
        if in_vain > LONGEST_IN_VAIN:
            reading.error = reason
            continue
        began = time.monotonic()
        try:
            for file in reading.files():
                until = _hold(readings, until, file)
                stored.put(file)
        except Exception as error:
            log.exception("files of delivery %s could not be stored", reading.delivery.id)
            reading.error = reason = _reason(error)
            in_vain += time.monotonic() - began
    return until


def _hold(readings: Sequence[Reading], until: dt.datetime, file: IncomingFile) -> dt.datetime:
    """The claim lasts longer than storing this file; until when."""
    needed = _longest_put(len(file.content))
    if until >= times.now() + needed:
        return until
    later = times.now() + needed + HELD_AHEAD
    these = _these([one.delivery.id for one in readings], [one.delivery.received_at for one in readings])
    with connection.cursor() as cursor:
        cursor.execute(HOLD, {**these, "until": until, "later": later})
    return later


def _longest_put(size: int) -> dt.timedelta:
    """Whether its name is free, then its bytes; of a large one that it begins, its parts, and that it is whole."""
    return LONGEST_CALL * (2 if size < IN_PARTS else 4)


def _still_ours(claimed: Sequence[Claimed], until: dt.datetime) -> set[int]:
    """Those whose claim nobody took over, called done and locked: what becomes of the others is not ours to say."""
    these = _these([one.id for one in claimed], [one.received_at for one in claimed])
    with connection.cursor() as cursor:
        cursor.execute(DONE, {**these, "until": until})
        return {id_ for (id_,) in cursor.fetchall()}


def _take_all(readings: Sequence[Reading], *, again: bool = False) -> None:
    """All at once; where that fails, each half by itself, so that in the end only the bad one is left behind.

    Two workers may be told the same at the same moment: whoever is second looks again, and finds it here.
    """
    if not readings:
        return
    try:
        with transaction.atomic(), stored.named_with_its_block():
            _take(readings)
            connection.check_constraints()  # now, not at the commit, where they would take their neighbours along
    except Exception as error:
        if len(readings) == 1:
            if isinstance(error, IntegrityError) and not again:
                return _take_all(readings, again=True)
            log.exception("delivery %s could not be taken in", readings[0].delivery.id)
            readings[0].error = _reason(error)
            return
        middle = len(readings) // 2
        _take_all(readings[:middle])
        _take_all(readings[middle:])


def _take(readings: Sequence[Reading]) -> None:
    batch = [(reading, arrived) for reading in readings for arrived in reading.arrived()]
    taken = offer([arrived for _reading, arrived in batch])
    for position, (reading, _arrived) in enumerate(batch):
        if position not in taken:
            reading.unsupported += 1


def _leave(readings: Iterable[Reading]) -> None:
    """Those that are not done after all."""
    for reading in readings:
        if reading.error or reading.unsupported:
            row = reading.delivery
            Delivery.objects.filter(pk=row.id, received_at=row.received_at).update(**_left(reading))


def _left(reading: Reading) -> dict[str, Any]:
    """What becomes of a delivery that was not simply understood: set aside, tried again later, or of unknown kind."""
    attempts, states = reading.delivery.attempts, Delivery.State
    values: dict[str, Any] = {"error": reading.error, "not_before": None}
    if not reading.error:
        return {**values, "error": _homeless(reading), "state": states.UNSUPPORTED}
    if reading.is_damaged or attempts >= MOST_ATTEMPTS:
        return {**values, "state": states.FAILED}
    return {**values, "state": states.WAITING, "not_before": times.now() + dt.timedelta(seconds=5 * 4**attempts)}


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
    """Never the words of the payload: the kind of error, and a connector's own words where it says damaged."""
    return clean(f"Damaged: {error}")[:300] if isinstance(error, Damaged) else type(error).__name__


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
