"""Promised times in words; they count in minutes of opening hours, eight hours a day."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

DAY = 480
USUAL = (60, 120, 240, DAY, 2 * DAY, 3 * DAY, 5 * DAY)


def in_words(minutes: int) -> str:
    """`one working day`, `half a working day`, `2 hours`, `90 minutes`."""
    if minutes % DAY == 0 and minutes:
        return ngettext("%(n)d working day", "%(n)d working days", minutes // DAY) % {"n": minutes // DAY}
    if minutes == DAY // 2:
        return gettext("half a working day")
    if minutes % 60 == 0 and minutes:
        return ngettext("%(n)d hour", "%(n)d hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
