"""What is held, in the reader's language."""

from __future__ import annotations

from collections import Counter

from django import template

from ganzohr.channels.models import Outgoing
from ganzohr.inbox.models import Kind
from ganzohr.inquiries.models import Inquiry
from ganzohr.privacy import words

register = template.Library()


@register.filter
def in_words(held: dict[str, int]) -> list[str]:
    """`12 messages`, `2 files`, …"""
    return words.in_words(held)


@register.filter
def over_rooms(counts: dict[str, dict[str, int]]) -> list[str]:
    """The counts of an erasure, which lie room by room, in words."""
    together: Counter[str] = Counter()
    for part in counts.values():
        together.update(part)
    return words.in_words(together)


@register.filter
def people_lost(counts: dict[str, dict[str, int]]) -> dict[str, int]:
    """Conversations and messages of an erasure, what its row says before it is unfolded."""
    return {kind: counts.get("inbox", {}).get(kind, 0) for kind in ("conversations", "messages")}


@register.filter
def kind_label(kind: str) -> str:
    """The kind of a conversation in words."""
    return str(Kind(kind).label) if kind in Kind.values else ""


@register.filter
def not_sent_label(state: str) -> str:
    """What became of something that did not leave, in words; empty for what did, and for what they wrote."""
    not_left = set(Outgoing.State.values) - {Outgoing.State.ACCEPTED}
    return str(Outgoing.State(state).label) if state in not_left else ""


@register.filter
def state_label(state: str) -> str:
    """Where an inquiry stands, in words."""
    return str(Inquiry.State(state).label) if state in Inquiry.State.values else ""
