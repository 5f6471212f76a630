"""Saved replies in a conversation: what is known here to fill their placeholders, and putting one into the box."""

from __future__ import annotations

from datetime import time

from django.db import transaction

from ganzohr.accounts.models import User
from ganzohr.inbox import actions
from ganzohr.inbox.models import Conversation, Draft
from ganzohr.inbox.notices import language_of
from ganzohr.inbox.people import colleague_of
from ganzohr.knowledge import actions as knowledge
from ganzohr.knowledge import choosing, filling, placeholders


def place_of(conversation: Conversation, user: User) -> choosing.Place:
    """Where a reply would be written; a value is there only when it is true here."""
    language = language_of(conversation)
    topic, site = conversation.topic, conversation.site
    me = colleague_of(user)
    values = {
        "first_name": filling.first_name(conversation.contact.name),
        "name": conversation.contact.name if filling.first_name(conversation.contact.name) else "",
        "me": me.first_name if me else "",
        "expert": _expert(conversation),
        "topic": topic.name_in(language) if topic and conversation.topic_is_sure else "",
        "site": site.name if site else "",
        "opening_hours": placeholders.hours(_slots(conversation), language),
    }
    return choosing.Place(
        conversation.channel,
        language,
        conversation.topic_id,
        conversation.site_id,
        {k: v for k, v in values.items() if v},
    )


def _expert(conversation: Conversation) -> str:
    """The first name of who was asked or whose words lie in the box, if they agreed to be named outside."""
    draft = Draft.objects.filter(conversation=conversation, mode=Draft.Mode.REPLY).select_related("expert").first()
    expert = (draft.expert if draft else None) or conversation.waits_for
    return expert.first_name if expert and expert.may_be_named else ""


def _slots(conversation: Conversation) -> list[tuple[int, time, time]]:
    """The opening hours somebody wrote down; the usual week is a guess and no promise."""
    channel = conversation.channel
    hours = channel.hours or (channel.site.hours if channel.site else None)
    return [(slot.weekday, slot.opens, slot.closes) for slot in hours.rules().slots] if hours else []


@transaction.atomic
def append(conversation: Conversation, mode: str, choice: choosing.Choice, user: User) -> None:
    """Put it under what lies in the box already; no typed word is replaced."""
    Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk=conversation.pk).first()
    draft = Draft.objects.filter(conversation=conversation, mode=mode).first()
    typed = draft.text.rstrip() if draft else ""
    text = f"{typed}\n\n{choice.text}" if typed else choice.text
    knows = draft.knows_message_id if draft else 0
    revision = draft.revision if draft else 0
    actions.save_draft(conversation, mode, text, colleague_of(user), revision, knows_message_id=knows)
    knowledge.note_use(choice.reply)
