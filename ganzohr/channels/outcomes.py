"""What a platform said about something we sent, written down once and told to the rooms above."""

from __future__ import annotations

import datetime as dt
import logging
import random
from typing import Any

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.channels import events, health
from ganzohr.channels.connectors.base import Outcome
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.core import times
from ganzohr.core.events import Event, emit
from ganzohr.core.points import point
from ganzohr.ui import live

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 10
LONGEST_WAIT = 3600.0
LONGEST_TROUBLE = dt.timedelta(days=3)
STATE = Outgoing.State
TOLD: dict[str, type[Event]] = {
    STATE.ACCEPTED: events.OutgoingAccepted,
    STATE.REFUSED: events.OutgoingRefused,
    STATE.UNCLEAR: events.OutgoingUnclear,
    STATE.BY_HAND: events.OutgoingByHand,
}


def backoff(attempt: int) -> dt.timedelta:
    """How long to wait after the n-th refusal: doubled each time up to an hour, spread so that not all come at once."""
    seconds = min(LONGEST_WAIT, 15.0 * 2.0 ** min(attempt, 12))
    return dt.timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311  not a secret


def store(outgoing: Outgoing, outcome: Outcome) -> bool:
    """Write the outcome of this attempt; False when the row has moved on meanwhile. Listeners are told with it.

    If a listener fails, the outcome still stands and is told again by the round `tell_again`: what the platform has
    done is true whether or not we can make sense of it.
    """
    try:
        return _store(outgoing, outcome, tell=True)
    except Exception:
        log.exception("outgoing %s: a listener failed; its outcome is kept and told again", outgoing.pk)
        outgoing.refresh_from_db()
        return _store(outgoing, outcome, tell=False)


def _store(outgoing: Outgoing, outcome: Outcome, *, tell: bool) -> bool:
    state, also = _after(outgoing, outcome)
    with transaction.atomic():
        locked = Outgoing.objects.select_for_update().filter(pk=outgoing.pk, attempts=outgoing.attempts).first()
        if locked is None or locked.state != outgoing.state:
            return False
        if locked.state == STATE.UNCLEAR and state == STATE.UNCLEAR:
            return False
        is_told = tell or state not in TOLD
        actor = audit.by_connector(outgoing.channel.kind if outgoing.channel else "mail", outgoing.channel_id)
        audit.move(locked, state, actor, also={**also, "is_told": is_told}, code=outcome.code)
        if tell and state in TOLD:
            emit(TOLD[state]((locked.pk,)))  # type: ignore[call-arg]
        live.touch("outbox", "channels")
        point("outcome.before_commit")
    _note_on_channel(outgoing, state, outcome)
    return True


def _after(outgoing: Outgoing, outcome: Outcome) -> tuple[str, dict[str, Any]]:
    """The state this outcome leads to, and the columns that go with it. A refusal is tried again only so often."""
    now = times.now()
    also: dict[str, Any] = {"outcome": outcome.code[:40], "outcome_detail": outcome.detail[:300], "leased_until": None}
    if outcome.state == "accepted":
        return STATE.ACCEPTED, {**also, "external_id": outcome.external_id[:300], "finished_at": now}
    if outcome.state == "by_hand":
        return STATE.BY_HAND, also
    if outcome.state == "unclear":
        return STATE.UNCLEAR, {**also, "leased_until": now}
    if outcome.retry_at is not None and _may_try_again(outgoing, outcome):
        return STATE.WAITING, {**also, "not_before": max(outcome.retry_at, now + backoff(outgoing.attempts))}
    return STATE.REFUSED, {**also, "finished_at": now}


def _may_try_again(outgoing: Outgoing, outcome: Outcome) -> bool:
    """A thing is tried ten times; while its whole channel is in trouble, for three days."""
    if health.rest_after(outcome.code):
        return times.now() - outgoing.created_at < LONGEST_TROUBLE
    return outgoing.attempts < MOST_ATTEMPTS


def _note_on_channel(outgoing: Outgoing, state: str, outcome: Outcome) -> None:
    """Outside the outcome's transaction: the channel's own row must never hold an outcome up."""
    if outgoing.channel_id is None:
        return
    if state == STATE.ACCEPTED:
        Channel.objects.filter(pk=outgoing.channel_id).update(last_sent_at=times.now())
        if outgoing.channel and outgoing.channel.problem:
            health.note(outgoing.channel_id, "")
    elif outcome.state == "refused" and health.rest_after(outcome.code):
        health.note(outgoing.channel_id, outcome.code, outcome.detail)


def tell_again() -> int:
    """Tell outcomes whose listener failed before (round); how many were told now."""
    told = 0
    for row in Outgoing.objects.filter(is_told=False).order_by("id")[:50]:
        try:
            with transaction.atomic():
                if Outgoing.objects.filter(pk=row.pk, is_told=False).update(is_told=True) and row.state in TOLD:
                    emit(TOLD[row.state]((row.pk,)))  # type: ignore[call-arg]
                    told += 1
        except Exception:
            log.exception("outgoing %s: its outcome still cannot be told", row.pk)
    return told
