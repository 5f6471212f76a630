"""How templates of every room name a topic."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from ganzohr.topics.models import Topic
from ganzohr.topics.promises import in_words

register = template.Library()


@register.filter
def topic_name(topic: Topic | None) -> str:
    """The topic's name in the reader's language; nothing for no topic."""
    return topic.name_in((get_language() or "en")[:2]) if topic else ""


@register.filter
def emergency_note(topic: Topic | None) -> str:
    """What to do in an emergency, in the reader's language; '' for topics without such a note."""
    return topic.emergency_note_in((get_language() or "en")[:2]) if topic else ""


@register.filter
def promised(minutes: int) -> str:
    """A promised time in words: `1 working day`."""
    return in_words(minutes)
