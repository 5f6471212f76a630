"""Opening hours as people write them: `8-12, 13:00–17:30`. Words in, values out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import pairwise

RANGE = re.compile(
    r"^\s*(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|—|bis|tot|to)\s*(\d{1,2})(?:[:.](\d{2}))?\s*(?:uhr|uur|h)?\s*$", re.I
)
DATES = ("%d.%m.%Y", "%Y-%m-%d", "%d-%m-%Y")


class NotUnderstood(ValueError):
    """The part of the text that makes no sense."""


def ranges(text: str) -> list[tuple[time, time]]:
    """The open ranges of a day, in order; an empty text means closed. Overlaps and turned ranges are refused."""
    found = sorted(_range(part) for part in re.split(r"[,;]|\s+und\s+|\s+en\s+|\s+and\s+", text) if part.strip())
    for (_start, end), (start, _end) in pairwise(found):
        if start < end:
            raise NotUnderstood(f"{start:%H:%M}")
    return found


def _range(part: str) -> tuple[time, time]:
    match = RANGE.match(part)
    if not match:
        raise NotUnderstood(part.strip())
    hours = [int(match[1]), int(match[3])]
    minutes = [int(match[2] or 0), int(match[4] or 0)]
    if hours[1] == 24 and minutes[1] == 0:
        hours[1], minutes[1] = 23, 59
    try:
        opens, closes = time(hours[0], minutes[0]), time(hours[1], minutes[1])
    except ValueError as error:
        raise NotUnderstood(part.strip()) from error
    if closes <= opens:
        raise NotUnderstood(part.strip())
    return opens, closes


def written(slots: Iterable[tuple[time, time]]) -> str:
    """`08:00–12:00, 13:00–17:00`."""
    return ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in sorted(slots))


def days_off(text: str) -> dict[date, str]:
    """One date a line, with why behind it: `24.12.2026 Heiligabend`."""
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        first, _, why = line.partition(" ")
        found[_date(first.rstrip(",:;"), line)] = why.strip()
    return found


def _date(word: str, line: str) -> date:
    for form in DATES:
        try:
            return datetime.strptime(word, form).date()  # noqa: DTZ007  (a date has no zone)
        except ValueError:
            continue
    raise NotUnderstood(line)
