"""What is on its way though nobody waits for it any more: the person said stop, or somebody of us has answered."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from ganzohr.audit import actions as audit
from ganzohr.channels import actions as channels
from ganzohr.channels.models import Outgoing
from ganzohr.contacts.events import PeopleStopped
from ganzohr.inbox.events import AnswersQueued, MessagesReceived
from ganzohr.inbox.models import Message

UNASKED = ("promise", "template", "notice", "standing")
AUTOMATIC = ("notice", "standing")


def stopped(event: PeopleStopped) -> None:
    """Stop is stop also for what was said to leave a moment before (now)."""
    _keep_here(Q(message__conversation__handle_id__in=event.handle_ids), UNASKED)


def received(event: MessagesReceived) -> None:
    """Somebody of us answered on the platform itself (now)."""
    if event.ours:
        _answered(event.ours)


def answered(event: AnswersQueued) -> None:
    """Somebody of us answers (now)."""
    _answered(event.message_ids)


def _answered(message_ids: Sequence[int]) -> None:
    """The automatic word that still waits would only confuse."""
    ours = Message.objects.filter(pk__in=message_ids, direction=Message.Direction.OUT, is_automatic=False)
    pairs = ours.values_list("conversation_id", "answers__conversation_id")
    if places := {pk for pair in pairs for pk in pair if pk}:
        _keep_here(Q(message__conversation_id__in=places), AUTOMATIC)


def _keep_here(whose: Q, kinds: tuple[str, ...]) -> None:
    waiting = Outgoing.objects.filter(whose, state=Outgoing.State.WAITING, kind__in=kinds)
    for outgoing in waiting.order_by("id"):
        channels.take_back(outgoing, audit.round_("unasked"))
