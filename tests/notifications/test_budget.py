"""How many mails a colleague gets a day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ganzohr.notifications.budget import MAILS_A_DAY, leaves_at

ZONE = "Europe/Berlin"
MONDAY = dt.datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo(ZONE)).astimezone(dt.UTC)
TUESDAY_AT_EIGHT = dt.datetime(2026, 11, 24, 8, 0, tzinfo=ZoneInfo(ZONE)).astimezone(dt.UTC)


def test_the_first_mails_of_a_day_leave_at_once() -> None:
    assert leaves_at(MONDAY, [MONDAY] * (MAILS_A_DAY - 1), ZONE) == (MONDAY, False)


def test_the_next_one_waits_for_the_morning() -> None:
    assert leaves_at(MONDAY, [MONDAY] * MAILS_A_DAY, ZONE) == (TUESDAY_AT_EIGHT, False)


def test_what_is_due_before_the_morning_passes() -> None:
    assert leaves_at(MONDAY, [MONDAY] * MAILS_A_DAY, ZONE, MONDAY + dt.timedelta(hours=3)) == (MONDAY, True)


def test_what_is_due_after_the_morning_waits() -> None:
    due = TUESDAY_AT_EIGHT + dt.timedelta(minutes=1)
    assert leaves_at(MONDAY, [MONDAY] * MAILS_A_DAY, ZONE, due) == (TUESDAY_AT_EIGHT, False)


def test_a_full_morning_gives_way_to_the_day_after() -> None:
    planned = [MONDAY] * MAILS_A_DAY + [TUESDAY_AT_EIGHT] * MAILS_A_DAY
    assert leaves_at(MONDAY, planned, ZONE) == (TUESDAY_AT_EIGHT + dt.timedelta(days=1), False)


def test_eight_in_the_morning_is_eight_on_both_sides_of_the_change_of_clocks() -> None:
    saturday = dt.datetime(2027, 3, 27, 12, 0, tzinfo=ZoneInfo(ZONE)).astimezone(dt.UTC)
    sunday = leaves_at(saturday, [saturday] * MAILS_A_DAY, ZONE)[0].astimezone(ZoneInfo(ZONE))
    assert sunday == dt.datetime(2027, 3, 28, 8, 0, tzinfo=ZoneInfo(ZONE))


@given(st.lists(st.integers(0, 72), max_size=40))
def test_no_day_holds_more_than_the_budget_of_what_is_not_urgent(hours: list[int]) -> None:
    planned: list[dt.datetime] = []
    for hour in sorted(hours):
        at, is_urgent = leaves_at(MONDAY + dt.timedelta(hours=hour), planned, ZONE)
        assert (is_urgent, at >= MONDAY + dt.timedelta(hours=hour)) == (False, True)
        planned.append(at)
    a_day = Counter(at.astimezone(ZoneInfo(ZONE)).date() for at in planned)
    assert max(a_day.values(), default=0) <= MAILS_A_DAY
