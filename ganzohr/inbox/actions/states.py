"""On the desk, put off until later, closed for a stated reason."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max, Min, Q

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor, NotAllowed
from ganzohr.core.events import emit
from ganzohr.core.times import now
from ganzohr.inbox import clocks
from ganzohr.inbox.events import ConversationsClosed
from ganzohr.inbox.models import GIVEN, Conversation, Message
from ganzohr.ui.live import touch

State = Conversation.State
BATCH = 200


@transaction.atomic
def snooze(conversation: Conversation, until: datetime, actor: Actor) -> None:
    """Put it off; it comes back by itself then, or when the person writes. The promise runs on."""
    if until <= now():
        raise NotAllowed("that moment is over")
    held = _held(conversation)
    if held.state == State.SNOOZED:
        Conversation.objects.filter(pk=held.pk).update(snoozed_until=until)
        audit.record(actor, "put off", held, until=until.isoformat())
    else:
        audit.move(held, State.SNOOZED, actor, also={"snoozed_until": until}, until=until.isoformat())
    _show(conversation)


@transaction.atomic
def close(conversation: Conversation, reason: str, actor: Actor) -> None:
    """Nothing more is owed, for a stated reason. Raises `NotAllowed` when it is closed or there is no such reason."""
    if reason not in Conversation.Reason.values:
        raise NotAllowed("no such reason")
    held = _held(conversation)
    also = {
        "reason": reason, "snoozed_until": None, "unanswered_since": None, "due_at": None, "failed_at": None,
        "read_until_id": held.last_message_id,
    }  # fmt: skip
    audit.move(held, State.CLOSED, actor, also=also, reason=reason)
    emit(ConversationsClosed((held.pk,)))
    _show(conversation)


@transaction.atomic
def reopen(conversation: Conversation, actor: Actor) -> None:
    """Back on the desk. Raises `NotAllowed` when the same person has a newer open conversation in this place."""
    held = _held(conversation)
    try:
        with transaction.atomic():
            audit.move(held, State.OPEN, actor, also={"reason": "", "snoozed_until": None})
    except IntegrityError as error:
        raise NotAllowed("a newer conversation of this person is open") from error
    _show(conversation)


@transaction.atomic
def restart_clock(conversation: Conversation) -> None:
    """After a close was undone: the person still waits if nothing of ours left after their last words."""
    held = Conversation.objects.select_related("channel__hours", "channel__site__hours", "topic").get(
        pk=conversation.pk
    )
    since = unanswered_since(held)
    due = clocks.due_at(held.channel, since, held.topic) if since else None
    Conversation.objects.filter(pk=held.pk).update(unanswered_since=since, due_at=due)
    touch("inbox", f"conversation:{held.pk}")


def unanswered_since(conversation: Conversation) -> datetime | None:
    """The provider time of the first message of theirs after the last answer of ours that left."""
    told = Message.objects.filter(conversation=conversation, is_automatic=False).exclude(GIVEN)
    left = Q(outgoing=None) | Q(outgoing__state="accepted", outgoing__kind__in=["answer", "template"])
    ours = told.filter(left, direction=Message.Direction.OUT).aggregate(last=Max("id"))["last"] or 0
    theirs = told.filter(direction=Message.Direction.IN, id__gt=ours, deleted_at=None)
    first: datetime | None = theirs.aggregate(first=Min("provider_at"))["first"]
    return first


def wake() -> int:
    """What was put off until now comes back (round)."""
    due = Conversation.objects.filter(state=State.SNOOZED, snoozed_until__lte=now()).order_by("snoozed_until")
    woken = 0
    for row in due[:BATCH]:
        try:
            reopen(row, audit.round_("wake"))
        except NotAllowed:
            continue
        woken += 1
    return woken


def _held(conversation: Conversation) -> Conversation:
    return Conversation.objects.select_for_update(of=("self",), no_key=True).get(pk=conversation.pk)


def _show(conversation: Conversation) -> None:
    conversation.refresh_from_db(fields=["state", "reason", "snoozed_until", "unanswered_since", "due_at", "failed_at"])
    touch("inbox", f"conversation:{conversation.pk}")
