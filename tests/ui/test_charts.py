"""Drawn lines: known values joined, unknown ones a gap."""

from __future__ import annotations

from ganzohr.ui.charts import Point, line


def test_a_line_runs_from_left_to_right_and_an_unknown_week_is_a_gap() -> None:
    chart = line("Better", [Point("1", 10, "10"), Point("2", None, "?"), Point("3", 5, "5")])
    assert chart.line == "M1.0 18.0M258.0 45.0"
    assert chart.gaps == "M1.0 18.0L258.0 45.0"
    assert (chart.first, chart.last) == (chart.points[0], chart.points[2])


def test_nothing_known_draws_nothing() -> None:
    chart = line("Nothing", [Point("1", None, "?")])
    assert (chart.line, chart.first, chart.last) == ("", None, None)


def test_zeros_lie_on_the_base() -> None:
    assert line("Zero", [Point("1", 0, "0"), Point("2", 0, "0")]).line == "M1.0 72.0L258.0 72.0"


def test_a_long_last_value_stands_where_there_is_room() -> None:
    said = ["17 %", "3 Std. 30 Min."]
    assert [line("Now", [Point("1", 0, "0"), Point("2", 1, last)]).is_last_long for last in said] == [False, True]
