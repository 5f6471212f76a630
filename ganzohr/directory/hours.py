"""When somebody is there. Local wall times become moments here, and nowhere else.

As long as nobody wrote hours down, the usual week holds: Monday to Friday, 8 to 17, by the desk's clock, without public
holidays, since nobody said of which region. So a new desk never promises an answer for Sunday night.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings

if TYPE_CHECKING:
    import holidays

    from ganzohr.directory.models import OpeningHours

HORIZON = 400  # days after which we stop looking for an open one
DAY_ENDS = time(23, 59)  # until then means until midnight


@dataclass(frozen=True)
class Slot:
    """Open on this weekday (Monday is 0) between two local wall times."""

    weekday: int
    opens: time
    closes: time


USUAL = tuple(Slot(weekday, time(8), time(17)) for weekday in range(5))


@dataclass(frozen=True)
class Rules:
    """Weekly slots in a time zone, closed on public holidays of a region and on days off. None at all: the usual."""

    slots: tuple[Slot, ...] = ()
    time_zone: str = "Europe/Berlin"
    country: str = ""
    region: str = ""
    days_off: frozenset[date] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Closed:
    """A stretch of time in which nobody is there; `id` is the same for every moment of it."""

    id: str
    start: datetime | None
    end: datetime | None


def rules(hours: Rules | OpeningHours | None) -> Rules:
    """The rules behind stored hours, always with slots: the usual week where none are written down."""
    if hours is None:
        return Rules(USUAL, settings.TIME_ZONE)
    known = hours if isinstance(hours, Rules) else hours.rules()
    return known if known.slots else replace(known, slots=USUAL)


def is_open(hours: Rules | OpeningHours | None, at: datetime) -> bool:
    """Somebody is there at this moment; the minute of closing is closed."""
    known = rules(hours)
    return any(start <= at < end for start, end in _around(known, at))


def next_open(hours: Rules | OpeningHours | None, at: datetime) -> datetime | None:
    """The moment itself if it is open, else the next opening; None if there is none within a year."""
    known = rules(hours)
    return next((max(start, at) for start, end in _from(known, at) if end > at), None)


def closed_period(hours: Rules | OpeningHours | None, at: datetime) -> Closed | None:
    """The closed stretch this moment lies in; None while it is open."""
    return _closed_period(rules(hours), at)


@lru_cache(maxsize=256)
def _closed_period(known: Rules, at: datetime) -> Closed | None:
    """Kept, because a whole batch of messages asks about the same moment."""
    if is_open(known, at):
        return None
    end = next_open(known, at)
    start = max((end_ for _start, end_ in _before(known, at) if end_ <= at), default=None)
    return Closed(f"until {end:%Y-%m-%dT%H:%MZ}" if end else "for good", start, end)


def add_open_time(hours: Rules | OpeningHours | None, at: datetime, minutes: int) -> datetime:
    """The moment at which so many minutes of open time have passed; plain time if it is never open again."""
    known, left = rules(hours), timedelta(minutes=minutes)
    for start, end in _from(known, at):
        begin = max(start, at)
        if end > begin and left <= end - begin:
            return begin + left
        left -= max(end - begin, timedelta())
    return at + timedelta(minutes=minutes)


def holiday(country: str, region: str, on: date, language: str = "en") -> str:
    """The name of the public holiday on this date in a language, or nothing."""
    return str(_calendar(country, region, language).get(on, "")) if country else ""


def regions(country: str) -> list[str]:
    """The codes of the regions of a country that have public holidays of their own."""
    import holidays  # slow to load, and not needed to start

    return sorted(holidays.list_supported_countries().get(country, []))


@lru_cache(maxsize=64)
def _calendar(country: str, region: str, language: str) -> holidays.HolidayBase:
    known = region if region in regions(country) else None
    import holidays

    return holidays.country_holidays(country, subdiv=known, language="en_US" if language == "en" else language)


def _from(known: Rules, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    return _stretches(known, _local(known, at) - timedelta(days=1), HORIZON)


def _around(known: Rules, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    return _stretches(known, _local(known, at) - timedelta(days=1), 3)


def _before(known: Rules, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    return _stretches(known, _local(known, at) - timedelta(days=HORIZON // 4), HORIZON // 4 + 1)


def _local(known: Rules, at: datetime) -> date:
    return at.astimezone(ZoneInfo(known.time_zone)).date()


def _stretches(known: Rules, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
    """Open stretches in UTC, in order, those that touch joined."""
    running: tuple[datetime, datetime] | None = None
    for offset in range(days):
        for start, end in _open_on(known, first + timedelta(days=offset)):
            if running and start <= running[1]:
                running = (running[0], max(running[1], end))
                continue
            if running:
                yield running
            running = (start, end)
    if running:
        yield running


def _open_on(known: Rules, on: date) -> list[tuple[datetime, datetime]]:
    if on in known.days_off or holiday(known.country, known.region, on):
        return []
    zone = ZoneInfo(known.time_zone)
    stretches = [
        (_moment(on, slot.opens, zone), _end(on, slot.closes, zone))
        for slot in known.slots
        if slot.weekday == on.weekday()
    ]
    return sorted((start, end) for start, end in stretches if end > start)


def _moment(on: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, at, zone).astimezone(UTC)


def _end(on: date, at: time, zone: ZoneInfo) -> datetime:
    """The later one of an hour that comes twice; midnight for the last minute of a day."""
    if at >= DAY_ENDS:
        return _moment(on + timedelta(days=1), time(), zone)
    return max(_moment(on, at, zone), datetime.combine(on, at.replace(fold=1), zone).astimezone(UTC))
