"""Opening hours: every promise and every notice reckons with them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzohr.directory.hours import Rules, Slot, add_open_time, closed_period, holiday, is_open, next_open

OFFICE = Rules(
    slots=tuple(
        slot for weekday in range(5) for slot in (Slot(weekday, time(8), time(12)), Slot(weekday, time(13), time(17)))
    ),
    country="DE",
    region="BY",
)


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)  # type: ignore[arg-type,misc]


def test_open_means_between_opening_and_the_minute_of_closing() -> None:
    moments = [(7, 59), (8, 0), (11, 59), (12, 0), (13, 0), (17, 0)]
    assert [is_open(OFFICE, berlin(2026, 11, 23, *at)) for at in moments] == [False, True, True, False, True, False]


def test_a_question_on_friday_evening_is_answered_on_monday() -> None:
    assert next_open(OFFICE, berlin(2026, 11, 20, 22, 0)) == berlin(2026, 11, 23, 8, 0)


def test_a_public_holiday_of_the_region_and_a_day_off_are_closed() -> None:
    epiphany = berlin(2026, 1, 6, 9, 0)  # closed in Bavaria, open in Berlin
    outing = Rules(OFFICE.slots, days_off=frozenset({date(2026, 11, 23)}))
    assert holiday("DE", "BY", date(2026, 1, 6), "de") == "Heilige Drei Könige"
    assert (is_open(OFFICE, epiphany), is_open(Rules(OFFICE.slots, country="DE", region="BE"), epiphany)) == (
        False,
        True,
    )
    assert next_open(outing, berlin(2026, 11, 22, 12, 0)) == berlin(2026, 11, 24, 8, 0)


def test_a_closed_stretch_has_one_id_from_closing_to_opening() -> None:
    evening = closed_period(OFFICE, berlin(2026, 11, 20, 17, 0))
    sunday = closed_period(OFFICE, berlin(2026, 11, 22, 3, 0))
    assert evening == sunday
    assert sunday is not None
    assert (sunday.start, sunday.end) == (berlin(2026, 11, 20, 17, 0), berlin(2026, 11, 23, 8, 0))
    assert closed_period(OFFICE, berlin(2026, 11, 23, 9, 0)) is None


def test_promised_time_counts_open_minutes_only() -> None:
    asked = berlin(2026, 11, 20, 16, 0)
    assert add_open_time(OFFICE, asked, 60) == berlin(2026, 11, 20, 17, 0)
    assert add_open_time(OFFICE, asked, 61) == berlin(2026, 11, 23, 8, 1)
    assert add_open_time(OFFICE, asked, 8 * 60) == berlin(2026, 11, 23, 16, 0)


def test_as_long_as_nobody_entered_hours_the_usual_week_holds() -> None:
    sunday_night, friday = berlin(2026, 11, 22, 1, 0), berlin(2026, 11, 20, 16, 0)
    for nothing in (None, Rules()):
        assert [is_open(nothing, at) for at in (sunday_night, friday, friday + timedelta(hours=1))] == [
            False,
            True,
            False,
        ]
        assert next_open(nothing, sunday_night) == berlin(2026, 11, 23, 8, 0)
        assert add_open_time(nothing, sunday_night, 480) == berlin(2026, 11, 23, 16, 0)
        assert add_open_time(nothing, friday, 480) == berlin(2026, 11, 23, 15, 0)
    new_year = berlin(2026, 1, 1, 9, 0)
    assert is_open(None, new_year)  # nobody said whose holidays


def test_hours_that_never_open_promise_plain_time() -> None:
    never = Rules((Slot(0, time(8), time(9)),), days_off=frozenset(date(2026, 1, 1) + timedelta(d) for d in range(900)))
    at = berlin(2026, 2, 2, 8, 0)
    closed = closed_period(never, at)
    assert next_open(never, at) is None
    assert closed is not None
    assert (closed.id, closed.end) == ("for good", None)
    assert add_open_time(never, at, 30) == at + timedelta(minutes=30)


@pytest.mark.parametrize(("day", "length"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 7), 24)])
def test_a_day_is_as_long_as_the_clock_makes_it(day: date, length: int) -> None:
    sundays = Rules((Slot(6, time(0), time(23, 59)),))
    start = berlin(day.year, day.month, day.day)
    assert add_open_time(sundays, start, length * 60) == start + timedelta(hours=length)
    assert not is_open(sundays, start + timedelta(hours=length))


TIMES = st.times(min_value=time(0), max_value=time(23, 58)).map(lambda at: at.replace(second=0, microsecond=0))


def apart(one: time, other: time) -> int:
    return abs((one.hour - other.hour) * 60 + one.minute - other.minute)


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    """Any week with up to six slots of an hour or more, in zones that change their clocks and in one that does not."""
    pairs = draw(st.lists(st.tuples(st.integers(0, 6), TIMES, TIMES), min_size=1, max_size=6))
    slots = tuple(Slot(weekday, min(a, b), max(a, b)) for weekday, a, b in pairs if apart(a, b) >= 60)
    days = draw(st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5))
    zone = draw(st.sampled_from(["Europe/Berlin", "Europe/Amsterdam", "America/Sao_Paulo", "Europe/London"]))
    country = draw(st.sampled_from(["", "DE", "NL", "AT"]))
    return Rules(slots, zone, country, "", days)


MOMENTS = st.integers(0, 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(rules(), MOMENTS)
def test_the_next_opening_is_open_and_nothing_before_it_is(hours: Rules, at: datetime) -> None:
    opening = next_open(hours, at)
    if opening is None:
        return
    assert opening >= at
    assert is_open(hours, opening)
    if opening > at:
        assert not is_open(hours, at)
        assert not is_open(hours, opening - timedelta(minutes=1))


@given(rules(), MOMENTS, st.integers(1, 1200), st.integers(1, 1200))
def test_open_time_adds_up(hours: Rules, at: datetime, first: int, second: int) -> None:
    together = add_open_time(hours, at, first + second)
    if next_open(hours, at) is None:
        return
    assert add_open_time(hours, add_open_time(hours, at, first), second) == together
    assert together >= at + timedelta(minutes=first + second)
    if hours.slots:
        assert is_open(hours, together - timedelta(seconds=1))


@given(rules(), MOMENTS, MOMENTS)
def test_two_moments_share_a_closed_stretch_exactly_when_nothing_opens_between(
    hours: Rules, one: datetime, other: datetime
) -> None:
    early, late = min(one, other), max(one, other)
    first, second = closed_period(hours, early), closed_period(hours, late)
    if first is None or second is None or first.end is None:
        return
    assert (first.id == second.id) == (first.end > late)
