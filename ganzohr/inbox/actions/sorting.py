"""What it is about, what it does, who has it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.core.events import emit
from ganzohr.directory.models import Colleague, Site
from ganzohr.inbox import clocks
from ganzohr.inbox.actions.answering import newest_inbound
from ganzohr.inbox.events import TopicsChosen
from ganzohr.inbox.models import Conversation, Message
from ganzohr.topics.actions import forget_examples, learn_choice
from ganzohr.topics.models import Topic
from ganzohr.ui.live import touch


@transaction.atomic
def choose_topic(conversation: Conversation, topic: Topic | None, actor: Actor) -> None:
    """A person says what it is about; learnt at once, and the promise counts by the topic's time from now on."""
    held = _held(conversation)
    before, held.topic, held.topic_is_sure, held.topic_message_id = held.topic_id, topic, True, None
    if held.unanswered_since:
        held.due_at = clocks.due_at(held.channel, held.unanswered_since, topic)
    held.save(update_fields=["topic", "topic_is_sure", "topic_message_id", "due_at"])
    message = newest_inbound(held)
    if message:
        learn(message, held, topic, actor)
    audit.record(actor, "chose the topic", held, before=before, after=topic.pk if topic else None)
    emit(TopicsChosen((held.pk,)))
    _show(conversation, held, "topic", "topic_is_sure", "topic_message_id", "due_at")


@transaction.atomic
def choose_site(conversation: Conversation, site: Site | None, actor: Actor, *, is_chosen: bool = True) -> None:
    """A person says which site it is about; no text decides that again, unless the choice is taken back with
    `is_chosen` False. Who is asked from now on follows; an expert who was asked already stays asked."""
    held = _held(conversation)
    before, held.site, held.site_is_chosen = held.site_id, site, is_chosen
    held.save(update_fields=["site", "site_is_chosen"])
    audit.record(actor, "chose the site", held, before=before, after=held.site_id)
    _show(conversation, held, "site", "site_is_chosen")


@transaction.atomic
def choose_kind(conversation: Conversation, kind: str, actor: Actor) -> None:
    """A person says what the newest message does (question, praise, …); learnt at once."""
    held = _held(conversation)
    before, held.kind = held.kind, kind
    held.save(update_fields=["kind"])
    message = newest_inbound(held)
    if message:
        Message.objects.filter(pk=message.pk).update(kind=kind)
        learn(message, held, held.topic, actor, topic_chosen=held.topic_is_sure)
    audit.record(actor, "chose the kind", held, before=before, after=kind)
    _show(conversation, held, "kind")


@transaction.atomic
def forget_topic(conversation: Conversation, actor: Actor) -> None:
    """Nobody said what it is about: the choice is taken back, and what was learnt from it."""
    held = _held(conversation)
    before, held.topic, held.topic_is_sure, held.topic_message_id = held.topic_id, None, False, None
    if held.unanswered_since:
        held.due_at = clocks.due_at(held.channel, held.unanswered_since)
    held.save(update_fields=["topic", "topic_is_sure", "topic_message_id", "due_at"])
    message = newest_inbound(held)
    if message:
        forget_examples([message.pk])
    audit.record(actor, "took the topic back", held, before=before)
    _show(conversation, held, "topic", "topic_is_sure", "topic_message_id", "due_at")


def learn(
    message: Message, held: Conversation, topic: Topic | None, actor: Actor, *, topic_chosen: bool = True
) -> None:
    """Let the next message be understood with this choice."""
    learn_choice(
        message_id=message.pk,
        text=message.text,
        language=message.language or held.language,
        topic=topic,
        kind=held.kind,
        topic_chosen=topic_chosen,
        actor=actor,
    )


@transaction.atomic
def assign(conversation: Conversation, colleague: Colleague | None, actor: Actor) -> None:
    """Who has it from now on; nobody is fine too."""
    held = _held(conversation)
    before, held.assignee = held.assignee_id, colleague
    if before == held.assignee_id:
        return
    held.save(update_fields=["assignee"])
    audit.record(actor, "assigned", held, before=before, after=held.assignee_id)
    _show(conversation, held, "assignee")


@transaction.atomic
def set_waiting(conversation_id: int, colleague: Colleague | None, until: datetime | None) -> None:
    """An expert was asked (until when), or nobody is waited for any more."""
    Conversation.objects.filter(pk=conversation_id).update(waits_for=colleague, waits_until=until)
    touch("inbox", f"conversation:{conversation_id}")


def _held(conversation: Conversation) -> Conversation:
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("channel__hours", "channel__site__hours", "topic").get(pk=conversation.pk)


def _show(conversation: Conversation, held: Conversation, *names: str) -> None:
    for name in names:
        setattr(conversation, name, getattr(held, name))
    touch("inbox", f"conversation:{held.pk}")
