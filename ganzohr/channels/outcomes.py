"""What a platform said about something we sent, written down once and told to the rooms above."""

from __future__ import annotations

import datetime as dt
import json
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from ganzohr.audit import actions as audit
from ganzohr.audit.models import Entry
from ganzohr.channels import events, health
from ganzohr.channels.connectors.base import Outcome
from ganzohr.channels.models import MARKS, Channel, Outgoing
from ganzohr.core import times
from ganzohr.core.events import Event, emit
from ganzohr.core.points import point
from ganzohr.ui import live

log = logging.getLogger(__name__)
MOST_ATTEMPTS, AT_ONCE = 10, 50
LONGEST_WAIT = 3600.0
LONGEST_TROUBLE = dt.timedelta(days=3)
STATE = Outgoing.State
TOLD: dict[str, type[Event]] = {
    STATE.ACCEPTED: events.OutgoingAccepted,
    STATE.REFUSED: events.OutgoingRefused,
    STATE.UNCLEAR: events.OutgoingUnclear,
    STATE.BY_HAND: events.OutgoingByHand,
}
Said = tuple[Outgoing, Outcome]
WRITTEN = (
    "state", "outcome", "outcome_detail", "leased_until", "external_id", "finished_at", "not_before", "is_told",
)  # fmt: skip
WRITE = """
UPDATE channels_outgoing o SET state = v.state, outcome = v.outcome, outcome_detail = v.outcome_detail,
  leased_until = v.leased_until, external_id = v.external_id, finished_at = v.finished_at,
  not_before = v.not_before, is_told = v.is_told
FROM jsonb_to_recordset(%s::jsonb) AS v(id bigint, state text, outcome text, outcome_detail text,
  leased_until timestamptz, external_id text, finished_at timestamptz, not_before timestamptz, is_told boolean)
WHERE o.id = v.id
"""


@dataclass(frozen=True)
class Move:
    """One row that moves on: what was sent and said, the row as it is locked, where it goes with which columns."""

    outgoing: Outgoing
    outcome: Outcome
    row: Outgoing
    before: str
    state: str
    also: dict[str, Any]


def backoff(attempt: int) -> dt.timedelta:
    """How long to wait after the n-th refusal: doubled each time up to an hour, spread so that not all come at once."""
    seconds = min(LONGEST_WAIT, 15.0 * 2.0 ** min(attempt, 12))
    return dt.timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311  not a secret


def store(outgoing: Outgoing, outcome: Outcome) -> bool:
    """As `store_all`, for one; False when the row has moved on meanwhile."""
    return bool(store_all([(outgoing, outcome)]))


def store_all(said: Sequence[Said]) -> int:
    """Write the outcomes of these attempts, in one commit if all is well; how many rows had not moved on meanwhile.

    Listeners are told with it. If one fails, the outcome still stands and is told again by the round `tell_again`:
    what the platform has done is true whether or not we can make sense of it.
    """
    try:
        moves = _store(said, tell=True)
    except Exception:
        log.exception("outgoing %s: a listener failed", [outgoing.pk for outgoing, _ in said])
        if len(said) > 1:
            return _one_by_one(said)
        moves = _store(said, tell=False)
    try:
        _note_on_channels(moves)
    except Exception:  # the outcomes stand; what their channels show may be late
        log.exception("outgoing %s: not noted on the channels", [move.row.pk for move in moves])
    return len(moves)


def _one_by_one(said: Sequence[Said]) -> int:
    """Each in a commit of its own; what cannot be stored is raised once the others stand."""
    stored, errors = 0, []
    for one in said:
        try:
            stored += store_all([one])
        except Exception as error:
            errors.append(error)
    if errors:
        raise ExceptionGroup("outcomes that could not be stored", errors)
    return stored


def _store(said: Sequence[Said], *, tell: bool) -> list[Move]:
    with transaction.atomic():
        moves = _moves(said, tell=tell)
        if moves:
            _write(moves)
            _name_recipients(moves)
        for state in dict.fromkeys(move.state for move in moves):
            if tell and state in TOLD:
                told = tuple(move.row.pk for move in moves if move.state == state)
                emit(TOLD[state](told))  # type: ignore[call-arg]
        if moves:
            live.touch("outbox", "channels")
        point("outcome.before_commit")
    return moves


def _moves(said: Sequence[Said], *, tell: bool) -> list[Move]:
    """Where each row goes, if it is still where this attempt left it; the rows stay locked."""
    rows = (
        Outgoing.objects.select_for_update(no_key=True)
        .filter(pk__in=[outgoing.pk for outgoing, _ in said])
        .order_by("id")
    )
    locked = {row.pk: row for row in rows}
    moves = []
    for outgoing, outcome in said:
        row = locked.get(outgoing.pk)
        if row is None or not _is_same_attempt(row, outgoing):
            continue
        state, also = _after(outgoing, outcome)
        if row.state == state == STATE.UNCLEAR:
            continue  # nothing new
        if state not in Outgoing.MOVES[STATE(row.state)]:
            raise audit.NotAllowed(f"outgoing {row.pk}: no move from {row.state} to {state}")
        also["is_told"] = tell or state not in TOLD
        moves.append(Move(outgoing, outcome, row, row.state, state, also))
    return moves


def _is_same_attempt(row: Outgoing, outgoing: Outgoing) -> bool:
    """Whether the row is where this attempt left it. Its fence tells attempts apart: their count begins anew when a
    person sends again. What a platform says after the lease is true as long as nobody has decided."""
    is_late = (outgoing.state, row.state) == (STATE.SENDING, STATE.UNCLEAR)
    return row.fenced_at == outgoing.fenced_at and (row.state == outgoing.state or is_late)


def _write(moves: Sequence[Move]) -> None:
    for move in moves:
        for name, value in {"state": move.state, **move.also}.items():
            setattr(move.row, name, value)
    values = [{name: getattr(move.row, name) for name in ("id", *WRITTEN)} for move in moves]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [json.dumps(values, default=str)])
    at = times.now()
    Entry.objects.bulk_create(
        Entry(
            actor_kind="connector", actor_id=str(move.row.channel_id or ""), actor_label=_kind(move.outgoing),
            verb=f"moved to {move.state}", object_kind=Outgoing._meta.label_lower, object_id=move.row.pk,
            data={"before": move.before, "after": move.state, "code": move.outcome.code}, at=at,
        )
        for move in moves
    )  # fmt: skip


def _name_recipients(moves: Sequence[Move]) -> None:
    """Whom a private word below a comment reached, for comments whose author the platform does not show."""
    for move in moves:
        if move.outcome.recipient_id and not move.row.target.get("recipient_id"):
            target = {**move.row.target, "recipient_id": move.outcome.recipient_id[:300]}
            Outgoing.objects.filter(pk=move.row.pk).update(target=target)


def _kind(outgoing: Outgoing) -> str:
    return outgoing.channel.kind if outgoing.channel else "mail"


def _after(outgoing: Outgoing, outcome: Outcome) -> tuple[str, dict[str, Any]]:
    """The state this outcome leads to, and the columns that go with it. A refusal is tried again only so often; a mark
    of which nobody knows whether it arrived is given up."""
    now = times.now()
    also: dict[str, Any] = {
        "outcome": outcome.code[:40],
        "outcome_detail": _plain(outcome.detail),
        "leased_until": None,
    }
    if outcome.state == "accepted":
        return STATE.ACCEPTED, {**also, "external_id": _plain(outcome.external_id), "finished_at": now}
    if outcome.state == "by_hand":
        return STATE.BY_HAND, also
    if outcome.state == "unclear" and outgoing.kind in MARKS:
        return STATE.REFUSED, {**also, "outcome": "given_up", "finished_at": now}
    if outcome.state == "unclear":
        return STATE.UNCLEAR, {**also, "leased_until": now}
    if outcome.retry_at is not None and _may_try_again(outgoing, outcome):
        return STATE.WAITING, {**also, "not_before": max(outcome.retry_at, now + backoff(outgoing.attempts))}
    return STATE.REFUSED, {**also, "finished_at": now}


def _plain(text: str) -> str:
    return text.replace("\x00", "")[:300]


def _may_try_again(outgoing: Outgoing, outcome: Outcome) -> bool:
    """A thing is tried ten times; while its whole channel is in trouble, for three days."""
    if health.rest_after(outcome.code):
        return times.now() - outgoing.created_at < LONGEST_TROUBLE
    return outgoing.attempts < MOST_ATTEMPTS


def _note_on_channels(moves: Sequence[Move]) -> None:
    """Outside the outcome's transaction: the channel's own row must never hold an outcome up."""
    left = [move.outgoing for move in moves if move.state == STATE.ACCEPTED]
    accepted = {outgoing.channel_id: outgoing.channel for outgoing in left}
    answered = {outgoing.channel_id for outgoing in left if outgoing.kind not in MARKS}
    for channel_id, channel in accepted.items():
        if channel_id is not None and channel is not None:
            if channel_id in answered:
                Channel.objects.filter(pk=channel_id).update(last_sent_at=times.now())
            if health.rest_after(channel.problem):  # what hindered nothing is not over because something left
                health.note(channel_id, "")
    for move in moves:
        said = move.outcome
        if said.state == "refused" and health.rest_after(said.code) and move.outgoing.channel_id is not None:
            until = said.retry_at if said.code == "rate_limited" else None
            health.note(move.outgoing.channel_id, said.code, said.detail, until)


def tell_again() -> int:
    """Tell outcomes whose listener failed before (round); how many were told now. Any of them have their turn: those
    that fail each time keep no other waiting."""
    told = 0
    for row in Outgoing.objects.filter(is_told=False).order_by("?")[:AT_ONCE]:
        try:
            with transaction.atomic():
                if Outgoing.objects.filter(pk=row.pk, is_told=False).update(is_told=True) and row.state in TOLD:
                    emit(TOLD[row.state]((row.pk,)))  # type: ignore[call-arg]
                    told += 1
        except Exception:
            log.exception("outgoing %s: its outcome still cannot be told", row.pk)
    return told
