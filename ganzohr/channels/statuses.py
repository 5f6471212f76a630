"""What platforms say later: of messages of ours that left, and of our accounts. The first of the claims.

A status may come before the answer to the call that sent the message, late, twice or in any order: the highest rank
stands, and *failed* is the end. One that carries our own key settles a sending nobody knew the end of.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q

from ganzohr.audit import actions as audit
from ganzohr.channels import events, health, outcomes
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import Outcome
from ganzohr.channels.models import Outgoing, Status
from ganzohr.core import times
from ganzohr.core.events import emit
from ganzohr.ui import live

log = logging.getLogger(__name__)
RANKS = {"sent": 1, "delivered": 2, "read": 3, "played": 4, "deleted": 5, "failed": 9}
FAILED = "failed"
STATE = Outgoing.State

KEEP = """
INSERT INTO channels_status (channel_id, external_id, status, rank, code, at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (channel_id, external_id) DO UPDATE
SET status = excluded.status, rank = excluded.rank, code = excluded.code, at = excluded.at
WHERE channels_status.rank < excluded.rank
"""


def claim(batch: list[Arrived]) -> set[int]:
    """Takes what is said about things of ours; everything a person said stays for the next claim."""
    taken = {n for n, one in enumerate(batch) if one.incoming.what in ("status", "receipt", "account")}
    said = [batch[n] for n in sorted(taken)]
    for one in said:
        if one.incoming.what == "account":
            _note_account(one)
    _keep([*(row for one in said if one.incoming.what == "status" for row in _status(one)), *_receipts(said)])
    for one in said:
        if one.incoming.what == "status":
            _settle(one)
    return taken


Row = tuple[int, str, str, int, str, datetime]


def _status(one: Arrived) -> list[Row]:
    status = str(one.incoming.headers.get("status", ""))[:30]
    code = str(one.incoming.headers.get("code", ""))[:60]
    ours = one.incoming.reply_to[:300]
    return [(one.channel_id, ours, status, RANKS.get(status, 0), code, one.incoming.provider_at)] if ours else []


def _receipts(said: Sequence[Arrived]) -> list[Row]:
    """*Read up to then* becomes a status of each message of ours to that person."""
    rows: list[Row] = []
    for one in said:
        if one.incoming.what != "receipt":
            continue
        until = _moment(str(one.incoming.headers.get("watermark", ""))) or one.incoming.provider_at
        status = str(one.incoming.headers.get("status", ""))[:30]
        sent = Outgoing.objects.filter(
            channel_id=one.channel_id, state=STATE.ACCEPTED, target__recipient_id=one.incoming.sender_id
        )
        newest = sent.filter(finished_at__lte=until).exclude(external_id="").order_by("-id")
        ids = newest.values_list("external_id", flat=True)[:50]
        rows += [(one.channel_id, ours, status, RANKS.get(status, 0), "", one.incoming.provider_at) for ours in ids]
    return rows


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _keep(rows: Sequence[Row]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        for row in sorted(rows):
            cursor.execute(KEEP, row)
    ours = Q(pk=None)
    for channel_id, external_id, *_rest in rows:
        ours |= Q(channel_id=channel_id, external_id=external_id)
    found = Outgoing.objects.filter(ours).values_list("pk", flat=True)
    if found:
        emit(events.StatusesChanged(tuple(found)))


def _settle(one: Arrived) -> None:
    """An unclear sending that the platform speaks of was taken; a taken one that failed later was not delivered."""
    said, key = one.incoming, str(one.incoming.headers.get("key", ""))
    failed = said.headers.get("status") == FAILED
    ours = Outgoing.objects.filter(channel_id=one.channel_id).select_related("channel")
    unclear = ours.filter(key=key, state=STATE.UNCLEAR).first() if key else None
    if unclear is not None:
        state, code = ("refused", str(said.headers.get("code", ""))) if failed else ("accepted", "")
        outcomes.store(unclear, Outcome(state, external_id=said.reply_to, code=code))  # type: ignore[arg-type]
    elif failed and (sent := ours.filter(external_id=said.reply_to, state=STATE.ACCEPTED).first()):
        fail_later(sent, str(said.headers.get("code", "")), str(said.headers.get("detail", "")))


def fail_later(outgoing: Outgoing, code: str, detail: str = "") -> None:
    """The platform took it and says later that it never reached the person. In the caller's transaction."""
    also = {"outcome": (code or "undeliverable")[:40], "outcome_detail": detail[:300], "finished_at": times.now()}
    actor = audit.by_connector(outgoing.channel.kind if outgoing.channel else "", outgoing.channel_id)
    audit.move(outgoing, STATE.REFUSED, actor, also=also, code=code)
    emit(events.OutgoingRefused((outgoing.pk,)))
    live.touch("outbox", "channels")


def _note_account(one: Arrived) -> None:
    """A problem is noted; the end of one only where the platform says that this very thing is settled."""
    said = one.incoming.headers
    problem = str(said.get("problem", ""))
    if problem or said.get("settles"):
        health.note(one.channel_id, problem, str(said.get("detail", "")))


def catch_up(event: events.OutgoingAccepted) -> None:
    """Statuses that came before the platform's answer count now: what failed already has failed."""
    sent = Outgoing.objects.filter(pk__in=event.outgoing_ids, channel__isnull=False).exclude(external_id="")
    for outgoing in sent.select_related("channel"):
        known = Status.objects.filter(channel=outgoing.channel, external_id=outgoing.external_id).first()
        if known and known.status == FAILED:
            fail_later(outgoing, known.code)
