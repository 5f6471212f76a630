"""Candidates' words among the examples.

Learnt examples are candidates' messages. This room knows messages only by number, and nobody's handles: whoever holds
the messages (the inbox) names them when a person is exported or erased, through `examples_of` and
`actions.forget_examples`. Both must be called before the messages themselves are gone. Texts of the starter catalogue
and our own are nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ganzohr.core.people import Person
from ganzohr.topics.models import Example


def examples_of(message_ids: Iterable[int]) -> list[dict[str, Any]]:
    """What was learnt from these messages, to be exported with them."""
    rows = Example.objects.filter(message_id__in=list(message_ids)).select_related("topic").order_by("id")
    return [
        {
            "message": row.message_id,
            "text": row.text,
            "topic": row.topic.slug if row.topic else None,
            "kind": row.kind,
            "learnt_at": row.created_at.isoformat(),
        }
        for row in rows
    ]


def export(person: Person) -> dict[str, Any]:
    """Nothing by person: the inbox exports by message."""
    return {}


def erase(person: Person) -> dict[str, int]:
    """Nothing by person: the inbox erases by message."""
    return {}
