"""How long an answer may still leave: the clock of a platform's window, as values."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzohr.channels.connectors.base import Abilities
from ganzohr.inbox import limits, windows

AT = dt.datetime(2026, 11, 24, 9, 20, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
MESSENGER = Abilities(window_hours=24, human_hours=168)
WHATSAPP = Abilities(window_hours=24)
spans = st.integers(min_value=0, max_value=400 * 3600).map(lambda seconds: dt.timedelta(seconds=seconds))


@given(later=spans, free=st.integers(1, 100), human=st.integers(0, 300))
def test_a_window_only_ever_closes_and_never_before_its_hours_are_over(
    later: dt.timedelta, free: int, human: int
) -> None:
    window = windows.window(Abilities(window_hours=free, human_hours=human), AT)
    assert window is not None
    order = ("free", "human", "closed")
    now, then = window.state(AT + later), window.state(AT + later + HOUR)
    assert order.index(now) <= order.index(then)
    assert (now == "free") == (later < free * HOUR)
    assert (now == "closed") == (later >= max(free, human) * HOUR)
    if now != "closed":
        assert window.state(window.until(AT + later)) != now
        assert window.state(window.until(AT + later) - dt.timedelta(microseconds=1)) == now


def test_where_a_platform_sets_no_limit_there_is_no_window() -> None:
    assert windows.window(Abilities(), AT) is None


def test_somebody_who_never_wrote_cannot_be_written_to() -> None:
    window = windows.window(WHATSAPP, None)
    assert window is not None
    assert window.state(AT) == "closed"


@pytest.mark.parametrize(
    ("hours", "words", "is_low"),
    [
        (0, "24 h 0 min left to answer freely", False),
        (20.8, "3 h 12 min left to answer freely", False),
        (22, "2 h 0 min left to answer freely", True),
        (23.5, "30 min left to answer freely", True),
        (23.999, "less than a minute left to answer freely", True),
        (24, "only answers written by a person, until Tue, 1 Dec, 10:20", False),
        (167, "only answers written by a person, until 10:20", True),
        (168, None, None),
    ],
)
def test_the_line_counts_down_and_turns_amber(hours: float, words: str | None, is_low: bool | None) -> None:
    window = windows.window(MESSENGER, AT)
    assert window is not None
    line = limits.line(window, AT + hours * HOUR)
    assert (line and line.words, line and line.is_low) == (words, is_low)
