"""What platforms say later: of messages of ours that left, and of our accounts. The first of the claims.

A status may come before the answer to the call that sent the message, late, twice or in any order: the highest rank
stands, and *failed* is the end. One that carries our own key settles a sending nobody knows the end of, whenever it
comes; so does our own message that a platform echoes with our key, which is nobody's message from elsewhere.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection

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
SAID = frozenset({"status", "receipt", "account"})

LOOK_BACK = timedelta(days=30)  # what left longer ago is spoken of no more
MOST_RECEIVED = 50

KEEP = """
INSERT INTO channels_status (channel_id, external_id, status, rank, code, at)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::smallint[], %s::text[], %s::timestamptz[])
ON CONFLICT (channel_id, external_id) DO UPDATE
SET status = excluded.status, rank = excluded.rank, code = excluded.code, at = excluded.at
WHERE channels_status.rank < excluded.rank
"""


def claim(batch: list[Arrived]) -> set[int]:
    """Takes what is said about things of ours; everything a person said stays for the next claim."""
    ours = _by_key(batch)
    taken = {n for n, one in enumerate(batch) if one.incoming.what in SAID or _key(one) in ours}
    said = [batch[n] for n in sorted(taken)]
    for one in said:
        if one.incoming.what == "account":
            _note_account(one)
    _keep([*(row for one in said if one.incoming.what == "status" for row in _status(one)), *_receipts(said)])
    _settle(said, ours)
    _fail([one for one in said if one.incoming.what == "status" and _has_failed(one)])
    return taken


Key = tuple[int, str]
Row = tuple[int, str, str, int, str, datetime]


def _key(one: Arrived) -> Key:
    """Our own key that it brings back, if it speaks of something we sent."""
    said = one.incoming
    is_ours = said.what == "status" or (said.what == "message" and said.is_own)
    return one.channel_id, str(said.headers.get("key", "")) if is_ours else ""


def _by_key(batch: Sequence[Arrived]) -> dict[Key, Outgoing]:
    wanted = {key for one in batch if (key := _key(one))[1]}
    if not wanted:
        return {}
    rows = Outgoing.objects.filter(key__in={key for _, key in wanted}, channel_id__in={id_ for id_, _ in wanted})
    return {key: row for row in rows.select_related("channel") if (key := (row.channel_id or 0, row.key)) in wanted}


def _status(one: Arrived) -> list[Row]:
    status = str(one.incoming.headers.get("status", ""))[:30]
    code = str(one.incoming.headers.get("code", ""))[:60]
    ours = one.incoming.reply_to[:300]
    return [(one.channel_id, ours, status, RANKS.get(status, 0), code, one.incoming.provider_at)] if ours else []


def _receipts(said: Sequence[Arrived]) -> list[Row]:
    """*Read up to then* becomes a status of each message of ours to that person."""
    receipts = [one for one in said if one.incoming.what == "receipt"]
    if not receipts:
        return []
    sent = _sent_to({(one.channel_id, one.incoming.sender_id) for one in receipts})
    rows: list[Row] = []
    for one in receipts:
        until = _moment(str(one.incoming.headers.get("watermark", ""))) or one.incoming.provider_at
        status = str(one.incoming.headers.get("status", ""))[:30]
        ids = [id_ for id_, at in sent[one.channel_id, one.incoming.sender_id] if at <= until][:MOST_RECEIVED]
        rows += [(one.channel_id, ours, status, RANKS.get(status, 0), "", one.incoming.provider_at) for ours in ids]
    return rows


def _sent_to(people: set[Key]) -> dict[Key, list[tuple[str, datetime]]]:
    """What left to each of them lately: foreign ids with their moments, the newest first."""
    sent = Outgoing.objects.filter(
        channel_id__in={channel_id for channel_id, _ in people}, fenced_at__gte=times.now() - LOOK_BACK,
        target__recipient_id__in=sorted({id_ for _, id_ in people}), state=STATE.ACCEPTED,
    ).exclude(external_id="")  # fmt: skip
    found: dict[Key, list[tuple[str, datetime]]] = defaultdict(list)
    rows = sent.order_by("-id").values_list("channel_id", "target__recipient_id", "external_id", "finished_at")
    for channel_id, person, external_id, at in rows:
        if at is not None:
            found[channel_id or 0, person].append((external_id, at))
    return found


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _keep(rows: Iterable[Row]) -> None:
    """One row for each message of ours: of several statuses the highest."""
    highest: dict[Key, Row] = {}
    for row in rows:
        known = highest.get(row[:2])
        if known is None or known[3] < row[3]:
            highest[row[:2]] = row
    if not highest:
        return
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [list(column) for column in zip(*sorted(highest.values()), strict=True)])
    if found := [pk for pk, key in _spoken_of(highest) if key in highest]:
        emit(events.StatusesChanged(tuple(found)))


def _spoken_of(ids: Iterable[Key]) -> list[tuple[int, Key]]:
    known = set(ids)
    rows = Outgoing.objects.filter(
        channel_id__in={channel_id for channel_id, _ in known}, external_id__in={id_ for _, id_ in known}
    )
    columns = rows.exclude(external_id="").values_list("pk", "channel_id", "external_id")  # as its index says
    return [(pk, (channel_id or 0, id_)) for pk, channel_id, id_ in columns]


def _has_failed(one: Arrived) -> bool:
    return one.incoming.headers.get("status") == FAILED


def _settle(said: Sequence[Arrived], ours: dict[Key, Outgoing]) -> None:
    """What the platform speaks of by our key was taken, whatever we knew of it; or it failed before we knew more."""
    spoken: dict[Key, list[Arrived]] = defaultdict(list)
    for one in said:
        if _key(one) in ours and not one.incoming.headers.get("is_part"):
            spoken[_key(one)].append(one)
    for key, told in spoken.items():
        good = next((one for one in told if not _has_failed(one)), None)
        if _is_open(ours[key], failed=good is None):
            outcomes.store(ours[key], _taken(good) if good else Outcome("refused", code=_code(told[0])))


def _is_open(outgoing: Outgoing, *, failed: bool) -> bool:
    """Whether its end is to be written; one that waits for its next try or was given up may be there after all."""
    if outgoing.state in (STATE.SENDING, STATE.UNCLEAR):
        return True
    is_tried = outgoing.fenced_at is not None and not outgoing.external_id
    return is_tried and not failed and outgoing.state in (STATE.WAITING, STATE.REFUSED)


def _taken(one: Arrived) -> Outcome:
    said = one.incoming
    if said.what == "status":
        return Outcome("accepted", external_id=said.reply_to)
    return Outcome("accepted", external_id=said.external_id, recipient_id=said.sender_id)


def _code(one: Arrived) -> str:
    return str(one.incoming.headers.get("code", ""))


def _fail(said: Sequence[Arrived]) -> None:
    """Things the platform took and could not deliver after all."""
    told = {(one.channel_id, one.incoming.reply_to[:300]): one for one in said if one.incoming.reply_to}
    if not told:
        return
    pks = [pk for pk, key in _spoken_of(told) if key in told]
    for sent in Outgoing.objects.filter(pk__in=pks, state=STATE.ACCEPTED).select_related("channel").order_by("id"):
        one = told[sent.channel_id or 0, sent.external_id]
        fail_later(sent, _code(one), str(one.incoming.headers.get("detail", "")))


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
    sent = Outgoing.objects.filter(pk__in=event.outgoing_ids, channel__isnull=False, state=STATE.ACCEPTED)
    known = {(row.channel_id or 0, row.external_id): row for row in sent.select_related("channel") if row.external_id}
    if not known:
        return
    failed = Status.objects.filter(
        channel_id__in={channel_id for channel_id, _ in known}, external_id__in={id_ for _, id_ in known}, status=FAILED
    )
    for status in failed:
        if outgoing := known.get((status.channel_id, status.external_id)):
            fail_later(outgoing, status.code)
