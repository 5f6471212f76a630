"""Everything on its way out: claimed one by one, fenced, sent outside any transaction, its outcome stored.

The fence is committed before the call. Whatever happens after it, a thing leaves again only if the platform said no, if
the platform itself knows our key, or if a person says so. One channel sends one thing at a time; channels do not wait
for each other. The threads below speak to platforms and never touch the database.
"""

from __future__ import annotations

import contextvars
import datetime as dt
import logging
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F

from ganzohr.audit import actions as audit
from ganzohr.channels import accounts, health, outcomes
from ganzohr.channels.connectors.base import Account, Connector, Outcome, OutgoingFile, Sending
from ganzohr.channels.models import Outgoing
from ganzohr.core import times
from ganzohr.core.points import point

log = logging.getLogger(__name__)
LEASE = dt.timedelta(minutes=2)
MOST_AT_ONCE = 8
MOST_LOOKS = 3
BATCH = 50
STANDING = "standing"  # the one kind that leaves a disconnected channel
STATE = Outgoing.State

# The desk's own mail (no channel) counts as channel 0. A held, waiting or leaving thing holds its lane.
CLAIM = """
SELECT o.id FROM channels_outgoing o LEFT JOIN channels_channel c ON c.id = o.channel_id
WHERE o.state = 'waiting' AND o.hold = '' AND o.not_before <= %(now)s
  AND (c.state = 'active' OR (c.state = 'disconnected' AND o.kind = %(standing)s)
    OR o.channel_id IS NULL AND (%(desk)s OR EXISTS (
      SELECT 1 FROM channels_channel WHERE kind = 'mail' AND state = 'active')))
  AND (c.rests_until IS NULL OR c.rests_until <= %(now)s)
  AND coalesce(o.channel_id, 0) <> ALL(%(busy)s)
  AND NOT EXISTS (
    SELECT 1 FROM channels_outgoing e
    WHERE o.lane <> '' AND e.channel_id = o.channel_id AND e.lane = o.lane AND e.id < o.id
      AND e.state IN ('waiting', 'sending') AND (o.kind <> %(standing)s OR e.kind = o.kind))
ORDER BY o.not_before, o.id LIMIT 1 FOR UPDATE OF o SKIP LOCKED
"""


@dataclass(frozen=True)
class Call:
    """One fenced sending and everything needed to speak to its platform without a database."""

    outgoing: Outgoing
    connector: Connector
    account: Account
    sending: Sending


def send_waiting() -> int:
    """Send what waits and may leave (doorbell `outbox`); how many were tried."""
    tried = _give_up_leases()
    flying: dict[Future[Outcome], Call] = {}
    resting: set[int] = set()
    with ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="outbox") as pool:
        while True:
            while tried < BATCH and len(flying) < MOST_AT_ONCE and (call := _next(_busy(flying.values()) | resting)):
                flying[pool.submit(contextvars.copy_context().run, _send, call)] = call
                tried += 1
            if not flying:
                return tried
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                call, outcome = flying.pop(future), future.result()
                point("send.after_call")
                outcomes.store(call.outgoing, outcome)
                point("send.after_outcome")
                if outcome.state == "refused" and health.rest_after(outcome.code):
                    resting |= _busy([call])


def _busy(calls: Iterable[Call]) -> set[int]:
    return {call.outgoing.channel_id or 0 for call in calls}


def _next(busy: set[int]) -> Call | None:
    """Fence the next thing of a channel that is not busy; None when nothing may leave now."""
    while (outgoing := _fence(busy)) is not None:
        call = _call(outgoing)
        if isinstance(call, Call):
            return call
        outcomes.store(outgoing, call)
    return None


def _fence(busy: set[int]) -> Outgoing | None:
    now = times.now()
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(
                CLAIM, {"now": now, "busy": list(busy), "desk": bool(settings.MAIL_URL), "standing": STANDING}
            )
            row = cursor.fetchone()
        if row is None:
            return None
        outgoing = Outgoing.objects.select_related("channel__app").get(pk=row[0])
        fence = {"fenced_at": now, "leased_until": now + LEASE, "attempts": outgoing.attempts + 1, "looks": 0}
        audit.move(outgoing, STATE.SENDING, audit.round_("outbox"), also=fence)
        point("send.before_fence")
    point("send.after_fence")
    return outgoing


def _call(outgoing: Outgoing) -> Call | Outcome:
    """What to say to whom; or the refusal, when that cannot be put together."""
    try:
        account = accounts.account_of(outgoing.channel) if outgoing.channel else accounts.desk_account()
        if account is None:  # its mail channel went this very moment
            return Outcome("refused", code="no_account", retry_at=times.now())
        return Call(outgoing, accounts.connector_of(outgoing.channel), account, _sending(outgoing))
    except FileNotFoundError as error:
        return Outcome("refused", code="file_missing", detail=str(error.filename or "")[:100])
    except (KeyError, ValueError) as error:
        return Outcome("refused", code="not_possible", detail=type(error).__name__)


def _sending(outgoing: Outgoing) -> Sending:
    files = tuple(_file(entry) for entry in outgoing.payload.get("files", ()))
    return Sending(outgoing.key, outgoing.kind, outgoing.target, outgoing.payload, files, outgoing.attempts)


def _file(entry: dict[str, str]) -> OutgoingFile:
    with default_storage.open(entry["path"]) as stored:
        return OutgoingFile(entry["name"], entry["content_type"], stored.read())


def _send(call: Call) -> Outcome:
    """In a thread. After a call that ended we do not know how, our own message is looked for at once."""
    try:
        outcome = call.connector.send(call.account, call.sending)
    except Exception as error:  # a connector must not raise; if it does, nobody knows what the platform heard
        log.exception("outgoing %s: the connector failed", call.outgoing.pk)
        outcome = Outcome("unclear", code="crashed", detail=type(error).__name__)
    if outcome.state != "unclear":
        return outcome
    if call.connector.abilities.idempotent:
        return Outcome("refused", code=outcome.code, detail=outcome.detail, retry_at=times.now())
    return _find(call) or outcome


def _find(call: Call) -> Outcome | None:
    """What the platform says about a sending of ours: it has it, it never had it (again, then), or it cannot tell."""
    try:
        found = call.connector.find(call.account, call.sending)
    except Exception:  # looking must never make anything worse
        log.exception("outgoing %s: looking for it failed", call.outgoing.pk)
        return None
    if found is None or found.state == "unclear":
        return None
    if found.state == "refused":
        return Outcome("refused", code="not_arrived", detail=found.detail, retry_at=times.now())
    return found


def _give_up_leases() -> int:
    """What was fenced by a worker that is gone: unclear, and looked for by the round below."""
    rows = Outgoing.objects.filter(state=STATE.SENDING, leased_until__lt=times.now()).select_related("channel__app")
    left = list(rows[:BATCH])
    for outgoing in left:
        outcomes.store(outgoing, Outcome("unclear", code="crashed"))
    return len(left)


def look_again() -> int:
    """Look at the platform for unclear things, three times further and further apart (round); how many were settled."""
    settled = 0
    for outgoing in _claim_looks():
        call = _call(outgoing)
        if not isinstance(call, Call):
            continue
        idempotent = call.connector.abilities.idempotent
        found = Outcome("refused", code="crashed", retry_at=times.now()) if idempotent else _find(call)
        if found is not None:
            settled += outcomes.store(outgoing, found)
    return settled


def _claim_looks() -> list[Outgoing]:
    now = times.now()
    due = Outgoing.objects.filter(state=STATE.UNCLEAR, looks__lt=MOST_LOOKS, leased_until__lte=now)
    with transaction.atomic():
        rows = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("channel__app")[:BATCH])
        for row in rows:
            next_look = now + dt.timedelta(minutes=2 * 5**row.looks)
            Outgoing.objects.filter(pk=row.pk).update(looks=F("looks") + 1, leased_until=next_look)
    return rows
