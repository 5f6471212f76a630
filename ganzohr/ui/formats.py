"""Times and names in words, the same on every page. Values in, words out."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.conf import settings
from django.utils.translation import get_language, gettext, ngettext

DAY = {"de": "EEE, dd.MM.yyyy", "nl": "EEE dd-MM-yyyy", "en": "EEE, d MMM yyyy"}
SHORT_DAY = {"de": "EEE, dd.MM.", "nl": "EEE dd-MM", "en": "EEE, d MMM"}
DATE = {"de": "dd.MM.yyyy", "nl": "dd-MM-yyyy", "en": "d MMM yyyy"}
SHORT_DATE = {"de": "dd.MM.", "nl": "dd-MM", "en": "d MMM"}
SMALL_WORDS = {
    "und",
    "von",
    "van",
    "der",
    "den",
    "de",
    "of",
    "and",
    "en",
    "für",
    "voor",
    "for",
    "the",
    "het",
    "zu",
    "zur",
}


def local(value: datetime) -> datetime:
    """The moment in the one time zone of the desk."""
    return value.astimezone(ZoneInfo(settings.TIME_ZONE))


def moment(value: datetime) -> str:
    """The whole moment: `Sa., 21.11.2026, 21:40`."""
    at = local(value)
    return f"{_date(at.date(), DAY)}, {at:%H:%M}"


def day(value: date) -> str:
    """The whole date: `Sa., 21.11.2026`."""
    return _date(_on(value), DAY)


def short_day(value: date, today: date) -> str:
    """`heute`, `gestern`, `morgen`, else `Mo., 23.11.`, with the year if it is another one."""
    on = _on(value)
    named = {0: gettext("today"), -1: gettext("yesterday"), 1: gettext("tomorrow")}.get((on - today).days)
    return named or _date(on, SHORT_DAY if on.year == today.year else DAY)


def clock(value: datetime, now: datetime) -> str:
    """`10:18` today, else with its day: `gestern, 21:47`, `Mo., 23.11., 17:00`."""
    at, today = local(value), local(now).date()
    return f"{at:%H:%M}" if at.date() == today else f"{short_day(at, today)}, {at:%H:%M}"


def brief(value: datetime, now: datetime) -> str:
    """As short as a list needs it: `10:18`, `gestern`, `23.11.`, `23.11.2025`."""
    at, today = local(value), local(now).date()
    if at.date() == today:
        return f"{at:%H:%M}"
    if at.date() == today - timedelta(days=1):
        return gettext("yesterday")
    return _date(at.date(), SHORT_DATE if at.year == today.year else DATE)


def until(value: datetime, now: datetime) -> str:
    """`bis heute, 14:00`, `bis Mi., 25.11., 12:00`."""
    at = local(value)
    return gettext("until %(day)s, %(time)s") % {"day": short_day(at, local(now).date()), "time": f"{at:%H:%M}"}


def duration(span: timedelta) -> str:
    """`20 Min.`, `1 Std. 50 Min.`, `3 Tage`; rounded down, never negative."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes >= 48 * 60:
        return ngettext("%(n)d day", "%(n)d days", minutes // 1440) % {"n": minutes // 1440}
    hours, rest = divmod(minutes, 60)
    if hours and rest and hours < 12:
        return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
    return gettext("%(n)d h") % {"n": hours} if hours else gettext("%(n)d min") % {"n": minutes}


def since(value: datetime, now: datetime) -> str:
    """How long ago something began: `seit 20 Min.`, `seit 3 Tagen`."""
    span = now - value
    if span >= timedelta(days=2):
        return ngettext("for %(n)d day", "for %(n)d days", span.days) % {"n": span.days}
    return gettext("for %(duration)s") % {"duration": duration(span)}


def left(value: datetime, now: datetime) -> str:
    """How long until something: `noch 40 Min.`, `noch 3 Tage`."""
    return gettext("%(duration)s left") % {"duration": duration(value - now)}


@lru_cache(4000)
def initials(name: str) -> str:
    """One or two letters for a face; titles and small words are skipped."""
    words = [word for word in re.split(r"[\s._/@]+|-\s", re.sub(r"\b\w+\.\s", "", name)) if word[:1].isalnum()]
    telling = [word for word in words if word.lower() not in SMALL_WORDS] or words
    telling = [word for word in telling if not word[0].isdecimal()] or telling  # @kuechenfee_77 is K, not K7
    letters = [word[0] for word in telling]
    return "".join(letters if len(letters) < 2 else [letters[0], letters[-1]]).upper() or "?"


def _on(value: date) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def _date(value: date, patterns: dict[str, str]) -> str:
    language = (get_language() or "en")[:2]
    return _written(value, patterns.get(language, patterns["en"]), language if language in patterns else "en")


@lru_cache(2000)
def _written(value: date, pattern: str, language: str) -> str:
    """A list writes the same few days again and again."""
    return format_date(value, pattern, locale=language)
