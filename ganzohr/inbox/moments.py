"""Days and times as people outside read them: `today, 16:00`, `Monday, 23 November, 8:00`. Values in, words out."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from ganzohr.core.words import say
from ganzohr.directory.hours import Rules

DAY = {"de": "EEEE, d.M.", "nl": "EEEE d MMMM", "en": "EEEE, d MMMM"}


def zone_of(hours: Rules) -> ZoneInfo:
    """In which time zone people at this place read a clock."""
    return ZoneInfo(hours.time_zone)


def by(until: datetime, now: datetime, zone: ZoneInfo, language: str) -> str:
    """`today, 16:00`, `tomorrow, 10:00`, `Monday, 23 November, 12:00`."""
    at = until.astimezone(zone)
    return f"{_day(at, now.astimezone(zone), language)}, {_clock(at)}"


def _clock(at: datetime) -> str:
    return f"{at.hour}:{at:%M}"


def _day(at: datetime, now: datetime, language: str) -> str:
    days = (at.date() - now.date()).days
    if days == 0:
        return say("today")
    if days == 1:
        return say("tomorrow")
    code = language if language in DAY else "en"
    return format_date(at.date(), DAY[code], locale=code)
