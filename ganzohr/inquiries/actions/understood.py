"""Messages were understood: sure questions find their expert, later words find the expert who was asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db import transaction

from ganzohr.inbox.events import MessagesUnderstood
from ganzohr.inbox.models import Conversation, Kind, Message
from ganzohr.inquiries import words
from ganzohr.inquiries.actions.asking import DESK, KIND, State, ask_by_route, running_in, show, start
from ganzohr.inquiries.actions.telling import tell
from ganzohr.inquiries.models import Inquiry
from ganzohr.notifications.models import Ask

ASKING = (Kind.QUESTION,)
TELLING = (Kind.QUESTION, Kind.COMPLAINT, Kind.STORY, Kind.OTHER, "")


def understood(event: MessagesUnderstood) -> None:
    """A question about a sure topic is asked at once; what is added to a running inquiry is told to its expert."""
    rows = Message.objects.filter(
        pk__in=event.message_ids, direction=Message.Direction.IN, is_automatic=False, deleted_at=None
    ).order_by("provider_at", "id")
    by_conversation: dict[int, list[Message]] = defaultdict(list)
    for row in rows:
        by_conversation[row.conversation_id].append(row)
    for conversation_id in _concerned(by_conversation):
        _one(conversation_id, by_conversation[conversation_id])


def _concerned(by_conversation: Mapping[int, Sequence[Message]]) -> list[int]:
    """Those that somebody may be asked or told about: two questions for all, since most are neither."""
    running = set(
        Inquiry.objects.filter(conversation__in=by_conversation).running().values_list("conversation_id", flat=True)
    )
    asking = [pk for pk, rows in by_conversation.items() if any(row.kind in ASKING for row in rows)]
    sure = Conversation.objects.filter(pk__in=asking, topic__isnull=False, topic_is_sure=True)
    waiting = set(sure.filter(unanswered_since__isnull=False).values_list("pk", flat=True))
    return [pk for pk in by_conversation if pk in running or pk in waiting]


@transaction.atomic
def _one(conversation_id: int, messages: list[Message]) -> None:
    conversation = (
        Conversation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("topic", "contact", "channel__hours", "channel__site__hours", "site")
        .get(pk=conversation_id)
    )
    running = running_in(conversation)
    if running:
        return _add(running, messages)
    if conversation.state == Conversation.State.CLOSED or conversation.unanswered_since is None:
        return
    if Inquiry.objects.filter(message__in=messages).exists():
        return
    is_question = any(message.kind in ASKING for message in messages)
    if is_question and conversation.topic_is_sure and conversation.topic:
        made = start(conversation, conversation.topic, _asking(messages), DESK)
        if made:
            ask_by_route(made, DESK)


def _asking(messages: list[Message]) -> list[Message]:
    """The question with what was said around it, without praise and reactions."""
    return [message for message in messages if message.kind in TELLING]


def _add(inquiry: Inquiry, messages: list[Message]) -> None:
    """The expert is told what came on top, unless nobody is being asked."""
    new = [row for row in messages if row.pk > inquiry.knows_message_id and row.kind in TELLING and row.text.strip()]
    if not new:
        return
    if inquiry.state not in (State.ASKED, State.ASKED_BACK, State.DRAFTED) or inquiry.colleague is None:
        return
    ask = Ask.objects.filter(kind=KIND, subject_id=inquiry.pk, revoked_at=None).select_related("colleague").first()
    if ask is None:
        return
    told = words.wrote_again(inquiry, ask.colleague, [row.text for row in new])
    tell(ask.colleague, told, key=f"added:{inquiry.pk}:{new[-1].pk}", ask=ask)
    show(inquiry)
