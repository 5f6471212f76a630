"""What this room holds of a person outside: mails that a colleague's address sent before it turned out to be theirs.

Asks are found by the room that asks (`actions.forget`); here are mails whose sender is one of the person's handles.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from ganzohr.core.people import Person
from ganzohr.notifications.models import ColleagueMail


def _mails(person: Person) -> list[ColleagueMail]:
    return list(_chosen(person).prefetch_related("files"))


def _chosen(person: Person) -> QuerySet[ColleagueMail]:
    addresses = {handle.external_id for handle in person.handles if "@" in handle.external_id}
    return ColleagueMail.objects.filter(from_address__in=addresses).exclude(passed_on_at=None)


def held(person: Person) -> dict[str, QuerySet[Any]]:
    """What there is, by kind, to be counted in one question to the database."""
    return {"colleague_mails": _chosen(person)}


def export(person: Person) -> dict[str, Any]:
    """Their mails that first lay with the colleagues' mails."""
    return {
        "colleague_mails": [
            {"received_at": mail.received_at.isoformat(), "subject": mail.subject, "text": mail.text}
            for mail in _mails(person)
        ]
    }


def erase(person: Person) -> dict[str, int]:
    """Those mails with their files; how many there were."""
    mails = _mails(person)
    for mail in mails:
        for file in mail.files.all():
            file.file.delete(save=False)
        mail.delete()
    return {"colleague_mails": len(mails)}
