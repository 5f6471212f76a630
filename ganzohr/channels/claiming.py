"""What may leave now: claimed a few at a time, fenced, durable before anybody speaks to a platform.

A channel's rate is read from when its things were last fenced, under a lock of that channel which nobody waits for:
any number of workers keep it together, and no counter is written. A thing tried twice within the span of a rate counts
once; between two tries lie at least twenty seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from ganzohr.audit import actions as audit
from ganzohr.channels import connectors, holds
from ganzohr.channels.connectors.base import Abilities, Rate
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.core import times
from ganzohr.core.points import point

LEASE = dt.timedelta(minutes=2)
STANDING = "standing"  # the one kind that leaves a disconnected channel
STATE = Outgoing.State
DESK = 0  # the door of the desk's own mail, which has no channel
LOCK = 0x6F757462  # "outb"

DOORS = """
SELECT c.id, c.kind, c.state FROM channels_channel c
WHERE c.state IN ('active', 'disconnected') AND (c.rests_until IS NULL OR c.rests_until <= %(now)s)
  AND EXISTS (SELECT 1 FROM channels_outgoing o
    WHERE o.channel_id = c.id AND o.state = 'waiting' AND o.not_before <= %(now)s)
UNION ALL SELECT 0, 'mail', 'active'
WHERE (%(desk)s OR EXISTS (SELECT 1 FROM channels_channel WHERE kind = 'mail' AND state = 'active'))
  AND EXISTS (SELECT 1 FROM channels_outgoing o
    WHERE o.channel_id IS NULL AND o.state = 'waiting' AND o.not_before <= %(now)s)
"""

# A held, waiting or leaving thing holds its lane.
CLAIM = f"""
SELECT o.id FROM channels_outgoing o
WHERE o.channel_id {{door}} AND o.state = 'waiting' AND o.not_before <= %(now)s AND NOT ({holds.HELD})
  AND (%(any)s OR o.kind = %(only)s)
  AND NOT EXISTS (
    SELECT 1 FROM channels_outgoing e
    WHERE o.lane <> '' AND e.channel_id {{door}} AND e.lane = o.lane AND e.id < o.id
      AND e.state IN ('waiting', 'sending') AND (o.kind <> '{STANDING}' OR e.kind = o.kind))
ORDER BY {{first}} o.not_before, o.id LIMIT %(most)s FOR UPDATE OF o SKIP LOCKED
"""  # noqa: S608  no values in it
FROM_CHANNEL = CLAIM.format(door="= %(door)s", first="")
FROM_DESK = CLAIM.format(door="IS NULL", first=f"o.kind <> '{holds.ALWAYS_LEAVES}',")

RECENT = "SELECT count(*) FROM channels_outgoing WHERE channel_id {door} AND fenced_at > %(since)s"
RECENT_FROM_CHANNEL = RECENT.format(door="= %(door)s")
RECENT_FROM_DESK = RECENT.format(door="IS NULL")


@dataclass(frozen=True)
class Door:
    """A channel that may send something now, or the desk's own mail."""

    id: int
    kind: str
    state: str

    @property
    def abilities(self) -> Abilities:
        """What its platform can do."""
        return connectors.connector(self.kind).abilities


def fence(most: int, width: Callable[[Door], int]) -> list[Outgoing]:
    """Fence up to `most` things that may leave now, of each door at most `width`; the first of each lane only."""
    now = times.now()
    with transaction.atomic(durable=True):
        ids: list[int] = []
        doors = _doors(now)
        for number, door in enumerate(doors):
            share = max(1, (most - len(ids)) // (len(doors) - number))
            free = min(share, width(door), most - len(ids))
            ids += _claim(door, free, now) if free > 0 else []
        fenced = _fenced(ids, now) if ids else []
        if fenced:
            point("send.before_fence")
    if fenced:
        point("send.after_fence")
    return fenced


def _doors(now: dt.datetime) -> list[Door]:
    rows = _rows(DOORS, {"now": now, "desk": bool(settings.MAIL_URL)})
    return [Door(*row) for row in rows]


def _claim(door: Door, most: int, now: dt.datetime) -> list[int]:
    room = _room(door, now)
    only = STANDING if door.state == Channel.State.DISCONNECTED else ""
    if room <= 0 and door.id == DESK:
        only, room = holds.ALWAYS_LEAVES, 1
    if room <= 0:
        return []
    values = {"door": door.id, "now": now, "any": not only, "only": only, "most": min(most, room)}
    return [row[0] for row in _rows(FROM_CHANNEL if door.id else FROM_DESK, values)]


def _room(door: Door, now: dt.datetime) -> int:
    """How many things may begin to leave through this door now; none while another worker is just claiming there."""
    rates = door.abilities.rates
    if not rates:
        return 1_000
    if not _rows("SELECT pg_try_advisory_xact_lock(%(lock)s, %(door)s)", {"lock": LOCK, "door": door.id})[0][0]:
        return 0
    return min(rate.count - _recent(door, rate, now) for rate in rates)


def _recent(door: Door, rate: Rate, now: dt.datetime) -> int:
    values = {"door": door.id, "since": now - dt.timedelta(seconds=rate.seconds)}
    return int(_rows(RECENT_FROM_CHANNEL if door.id else RECENT_FROM_DESK, values)[0][0])


def _fenced(ids: Sequence[int], now: dt.datetime) -> list[Outgoing]:
    fence = {"fenced_at": now, "leased_until": now + LEASE, "attempts": F("attempts") + 1, "looks": 0}
    audit.move_all(Outgoing, ids, STATE.WAITING, STATE.SENDING, audit.round_("outbox"), fence)
    return list(Outgoing.objects.filter(pk__in=ids).select_related("channel__app").order_by("not_before", "id"))


def _rows(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
