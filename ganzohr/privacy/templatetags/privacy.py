"""Names of what is held, for people."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext, gettext_lazy

register = template.Library()

TABLES = {
    "contact": gettext_lazy("Name and language"),
    "contacts": gettext_lazy("Name and language"),
    "handles": gettext_lazy("Addresses and names on channels"),
    "consents": gettext_lazy("Consents"),
    "conversations": gettext_lazy("Conversations"),
    "messages": gettext_lazy("Messages"),
    "attachments": gettext_lazy("Files"),
    "files": gettext_lazy("Files"),
    "notes": gettext_lazy("Internal notes"),
    "drafts": gettext_lazy("Drafts"),
    "examples": gettext_lazy("Examples learnt from messages"),
    "inquiries": gettext_lazy("Inquiries to colleagues"),
    "words": gettext_lazy("Words of colleagues in inquiries"),
    "asks": gettext_lazy("Requests to colleagues"),
    "mails": gettext_lazy("Mails of colleagues"),
    "deliveries": gettext_lazy("Raw deliveries"),
    "outgoing": gettext_lazy("Things on their way out"),
    "visits": gettext_lazy("Private links of website conversations"),
}


@register.filter
def table_name(table: str) -> str:
    """What a table holds, in the reader's language."""
    return str(TABLES.get(table, gettext("Other data")))


@register.filter
def flat_counts(counts: dict[str, dict[str, int]]) -> list[tuple[str, int]]:
    """(table, count) over all rooms."""
    return [(table, count) for part in counts.values() for table, count in part.items() if count]
