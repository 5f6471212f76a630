"""Language, kind and topic of what came in: the doorbell `understand`, in batches, one model call each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from ganzohr.channels.models import Channel
from ganzohr.core.events import emit
from ganzohr.core.times import now
from ganzohr.inbox import clocks
from ganzohr.inbox.events import MessagesUnderstood
from ganzohr.inbox.models import Conversation, Kind, Message
from ganzohr.topics.models import Topic
from ganzohr.ui.live import touch

if TYPE_CHECKING:
    from ganzohr.topics.understanding import Understood

BATCH = 50
NO_CLOCK = frozenset({Kind.PRAISE, Kind.NONSENSE, Kind.REACTION})


def understand_waiting() -> int:
    """Understand one batch of messages; how many. A message that a crash left behind is understood next time."""
    with transaction.atomic():
        rows = list(
            Message.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(understood_at=None, direction=Message.Direction.IN)
            .select_related("conversation")
            .order_by("id")[:BATCH]
        )
        if not rows:
            return 0
        readable = [row for row in rows if row.text.strip() and not row.is_automatic and not row.deleted_at]
        from ganzohr.topics.understanding import understand  # only the worker loads what understands

        found = understand([row.text for row in readable], [row.conversation.language for row in readable])
        _write(rows, dict(zip((row.pk for row in readable), found, strict=True)))
        emit(MessagesUnderstood(tuple(row.pk for row in rows)))
        touch("inbox", *(f"conversation:{row.conversation_id}" for row in rows))
    return len(rows)


def _write(rows: Sequence[Message], found: dict[int, Understood]) -> None:
    at = now()
    conversations: dict[int, Conversation] = {}
    for row in rows:
        row.understood_at = at
        said = found.get(row.pk)
        if said is None:
            continue
        row.language, row.kind = row.language or said.language, row.kind or said.kind
        conversation = conversations.setdefault(row.conversation_id, row.conversation)
        _about(conversation, row, said)
    Message.objects.bulk_update(rows, ["understood_at", "language", "kind"])
    _write_conversations(list(conversations.values()))


def _about(conversation: Conversation, message: Message, said: Understood) -> None:
    """The conversation follows its newest message, but never leaves a topic that a person or a sure model gave it for
    one that nobody is sure of."""
    conversation.language = conversation.language or message.language
    if said.is_sure or not conversation.topic_is_sure:
        conversation.topic_choices = said.choices
        if said.is_sure:
            conversation.topic_id, conversation.topic_is_sure = said.topic_id, True


def _kinds(rows: Sequence[Conversation]) -> dict[int, str]:
    """What each conversation asks of us: the newest kind that wants an answer among what is unanswered, else the
    newest kind at all. A thank-you after a question does not make the question go away."""
    found: dict[int, str] = {}
    told = Message.objects.filter(conversation__in=rows, direction=Message.Direction.IN, is_automatic=False)
    since = {row.pk: row.unanswered_since for row in rows}
    for pk, kind, at in (
        told.exclude(kind="").order_by("provider_at", "id").values_list("conversation_id", "kind", "provider_at")
    ):
        start = since[pk]
        waits = found.get(pk) not in (None, *NO_CLOCK) and kind in NO_CLOCK
        if start is None or (at >= start and not waits):
            found[pk] = kind
    return found


def _write_conversations(rows: list[Conversation]) -> None:
    kinds = _kinds(rows)
    topics = Topic.objects.in_bulk({row.topic_id for row in rows if row.topic_id})
    channels = Channel.objects.select_related("hours", "site__hours").in_bulk({row.channel_id for row in rows})
    for row in rows:
        row.kind = kinds.get(row.pk, row.kind)
        if row.unanswered_since:
            topic = topics.get(row.topic_id or 0)
            row.due_at = clocks.due_at(channels[row.channel_id], row.unanswered_since, topic)
        if row.kind in NO_CLOCK:
            row.due_at = None
    Conversation.objects.bulk_update(
        rows, ["language", "kind", "topic", "topic_is_sure", "topic_choices", "due_at"]
    )  # fmt: skip
