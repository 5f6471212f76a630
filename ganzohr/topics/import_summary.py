"""What an import did, as its page says it afterwards: what was made, what was changed, what stayed out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from ganzohr.directory.models import Colleague, Department, Site
from ganzohr.topics import words
from ganzohr.topics.importing.topic_plan import Problem
from ganzohr.topics.importing_page import MOST_LINES, Said, ShownLine
from ganzohr.topics.models import Sheet, Topic

MOST = 60


@dataclass(frozen=True)
class Part:
    """Things of one noun: how many, and the first of them with their pages."""

    noun: str
    count: int
    links: list[tuple[str, str]]

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.links)


@dataclass(frozen=True)
class Did:
    """The whole page."""

    made: list[Part]
    changed: list[Part]
    same_rows: int
    out: list[ShownLine]
    more_out: int
    without_mail: int


def of(sheet: Sheet) -> Did:
    """What the sheet did; it has been imported."""
    result: dict[str, Any] = sheet.result or {}
    counts = result["counts"]
    new_people = Colleague.objects.filter(pk__in=result["made"].get("colleague", []), email="")
    return Did(
        _parts(result["made"]),
        _parts(result["changed"]),
        counts.get("same", 0),
        [_out(*row) for row in sheet.rows[:MOST_LINES]],
        max(len(sheet.rows) - MOST_LINES, 0),
        new_people.count(),
    )


def _parts(ids: dict[str, list[int]]) -> list[Part]:
    return [Part(noun, len(rows), _links(noun, rows[:MOST])) for noun, rows in ids.items() if rows]


def _links(noun: str, ids: list[int]) -> list[tuple[str, str]]:
    if noun == "topic":
        language = (get_language() or "en")[:2]
        rows = [
            (row.name_in(language), reverse("topics:topic", args=[row.pk])) for row in Topic.objects.filter(pk__in=ids)
        ]
        return rows
    model, name = {
        "site": (Site, "directory:site"),
        "department": (Department, "directory:department"),
        "colleague": (Colleague, "directory:colleague"),
    }[noun]
    found: Any = model._default_manager.filter(pk__in=ids)
    return [(str(row), reverse(name, args=[row.pk])) for row in found]


def _out(number: int, outcome: str, kept: dict[str, Any]) -> ShownLine:
    said = [Problem(*one) for one in kept["problems"]]
    problems = [Said(one.weight, words.problem(one)) for one in said]
    return ShownLine(number, outcome, str(words.OUTCOMES[outcome]), kept["text"], problems, False, False)
