"""The placeholders in words: what each becomes, what stands there while it is open, and an example to look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from babel.dates import get_day_names
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ganzohr.knowledge import filling

LABELS: dict[str, str | Promise] = {
    "first_name": _("first name"),
    "name": _("full name"),
    "me": _("your first name"),
    "expert": _("expert's first name"),
    "topic": _("topic of the question"),
    "site": _("name of the site"),
    "opening_hours": _("opening hours"),
    filling.LINK: _("short link"),
}
SAMPLE_WEEK = tuple((weekday, time(8), time(17)) for weekday in range(5))


@dataclass(frozen=True)
class Hint:
    """One placeholder as it is offered while writing."""

    written: str
    label: str


def hints() -> list[Hint]:
    """Everything that can be put into a saved reply, but the short links."""
    language = translation.get_language()
    return [Hint(filling.written(name, language), str(LABELS[name])) for name in filling.NAMES]


def open_words(language: str) -> dict[str, str]:
    """What stands in brackets for what could not be filled, in the language of the reply."""
    with translation.override(language):
        return {name: str(label) for name, label in LABELS.items()}


def hours(slots: Iterable[tuple[int, time, time]], language: str) -> str:
    """`Monday to Thursday 8:00–17:00, Friday 8:00–14:00`; '' where nothing was written down."""
    names = get_day_names("wide", locale=language)
    with translation.override(language):
        said = [
            _stretch(names[first], names[last], first, last, times) for first, last, times in filling.stretches(slots)
        ]
    return ", ".join(said)


def _stretch(first_name: str, last_name: str, first: int, last: int, times: tuple[tuple[time, time], ...]) -> str:
    days = first_name
    if last != first:
        words = gettext("%(first)s to %(last)s") if last > first + 1 else gettext("%(first)s and %(last)s")
        days = words % {"first": first_name, "last": last_name}
    written = gettext(" and ").join(f"{a.hour}:{a:%M}–{b.hour}:{b:%M}" for a, b in times)
    return gettext("%(days)s %(times)s") % {"days": days, "times": written}


def sample(language: str, topic: str, site: str) -> dict[str, str]:
    """Values to look at a text with; the topic and site of the reply where it has them."""
    with translation.override(language):
        return {
            "first_name": "Yasmin",
            "name": "Yasmin Öztürk",
            "me": "Sophie",
            "expert": "Karin",
            "topic": topic or gettext("Apprenticeship"),
            "site": site or gettext("Example Town"),
            "opening_hours": hours(SAMPLE_WEEK, language),
        }
