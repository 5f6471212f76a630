"""What inquiries hold of a person outside: their question, the experts' words about it, the mails that carried it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from ganzohr.core.people import Person
from ganzohr.inquiries.actions.asking import KIND
from ganzohr.inquiries.models import ExpertWords, Inquiry
from ganzohr.notifications import actions as notifications


def _of(person: Person) -> QuerySet[Inquiry]:
    return (
        Inquiry.objects.filter(conversation__contact_id=person.contact_id)
        if person.contact_id
        else Inquiry.objects.none()
    )


def held(person: Person) -> dict[str, QuerySet[Any]]:
    """What there is, by kind, to be counted in one question to the database."""
    return {"inquiries": _of(person), "words": ExpertWords.objects.filter(inquiry__in=_of(person))}


def export(person: Person) -> dict[str, Any]:
    """Each inquiry with its question and what was said, without the names of colleagues."""
    rows = _of(person).prefetch_related("words").order_by("id")
    return {
        "inquiries": [
            {
                "created_at": row.created_at.isoformat(),
                "state": row.state,
                "question": row.question,
                "answered_at": row.answered_at.isoformat() if row.answered_at else None,
                "approved_text": row.approved_text,
                "words": [
                    {"said": said.said, "text": said.text, "at": said.created_at.isoformat()}
                    for said in row.words.all()
                ],
            }
            for row in rows
        ]
    }


def erase(person: Person) -> dict[str, int]:
    """Inquiries, words, asks, their mails and files, and what stood in the outbox; must run before the inbox erases."""
    ids = list(_of(person).values_list("pk", flat=True))
    asks = notifications.forget(KIND, ids)
    Inquiry.objects.filter(pk__in=ids).delete()
    return {"inquiries": len(ids), "asks": asks}
