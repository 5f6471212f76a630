"""The sentence of the day: how much waits, in words, with its times apart so that the page can colour them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, ngettext

from ganzohr.desk.today import SOON, Sums
from ganzohr.ui import formats
from ganzohr.ui.counted import CAP

NUMBERS = {
    "en": ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    "de": ("zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"),
    "nl": ("twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf"),
}


@dataclass(frozen=True)
class Sentence:
    """The parts in order; `late` and `soon` may be empty. `more` is a second, quieter sentence."""

    start: str
    late: str
    soon: str
    more: str


def number(count: int) -> str:
    """Two to twelve as a word of the language in force, else digits; `100+` from a hundred on."""
    words = NUMBERS.get((get_language() or "en")[:2], NUMBERS["en"])
    if count >= CAP:
        return f"{CAP}+"
    return words[count - 2] if 2 <= count <= 12 else str(count)


def sentence(sums: Sums, at: datetime) -> Sentence:
    """What waits now, said so that it can be taken in within five seconds."""
    start = _start(sums.questions)
    late = _late(sums) if sums.late else ""
    soon = ""
    if sums.next_due_at and sums.next_due_at - at <= SOON:
        soon = gettext("the next is due in %(duration)s") % {"duration": formats.duration(sums.next_due_at - at)}
    return Sentence(start, late, soon, _more(sums))


def _start(count: int) -> str:
    if not count:
        return gettext("Nothing is waiting for you")
    text = ngettext("One conversation is waiting for you", "%(number)s conversations are waiting for you", count)
    return capfirst(text % {"number": number(count)})


def _late(sums: Sums) -> str:
    if sums.late == sums.questions < CAP:
        return ngettext("and it is overdue", "all of them overdue", sums.late)
    return ngettext("one is overdue", "%(number)s are overdue", sums.late) % {"number": number(sums.late)}


def _more(sums: Sums) -> str:
    if sums.failed:
        text = ngettext("One answer did not leave.", "%(number)s answers did not leave.", sums.failed)
        return capfirst(text % {"number": number(sums.failed)})
    if sums.drafts:
        text = ngettext("One draft waits to be read.", "%(number)s drafts wait to be read.", sums.drafts)
        return capfirst(text % {"number": number(sums.drafts)})
    if sums.unsent:
        text = ngettext("One question has not left yet.", "%(number)s questions have not left yet.", sums.unsent)
        return capfirst(text % {"number": number(sums.unsent)})
    if sums.asked:
        text = ngettext("One colleague is asked.", "%(number)s questions lie with colleagues.", sums.asked)
        return capfirst(text % {"number": number(sums.asked)})
    return ""
