"""What the directory holds about colleagues. Candidates do not occur in it.

An export or erasure of a person outside finds nothing here; a colleague's own data is listed by `of_colleague`.
"""

from __future__ import annotations

from typing import Any

from ganzohr.core.people import Person
from ganzohr.directory.models import Colleague


def export(person: Person) -> dict[str, Any]:
    """Nothing about people outside."""
    return {}


def erase(person: Person) -> dict[str, int]:
    """Nothing about people outside."""
    return {}


def of_colleague(colleague: Colleague) -> dict[str, Any]:
    """Everything the directory knows about one colleague, for whoever asks what is stored about them."""
    return {
        "name": colleague.name,
        "mail address": colleague.email,
        "role": colleague.role_title,
        "site": str(colleague.site or ""),
        "department": str(colleague.department or ""),
        "reports to": str(colleague.reports_to or ""),
        "deputy": str(colleague.deputy or ""),
        "mails in": colleague.language,
        "answers in": list(colleague.languages),
        "form of address": colleague.address,
        "may be named": colleague.may_be_named,
        "initials": colleague.initials,
        "entered": colleague.created_at.isoformat(),
        "left": colleague.left_at.isoformat() if colleague.left_at else "",
        "absences": [
            {"from": str(absence.from_on), "until": str(absence.until_on), "deputy": str(absence.deputy or "")}
            for absence in colleague.absences.select_related("deputy")
        ],
    }
