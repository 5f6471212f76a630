"""Drawn lines: known values joined, unknown ones a gap."""

from __future__ import annotations

from ganzohr.ui.charts import Point, line


def test_a_line_runs_from_left_to_right_and_an_unknown_week_is_a_gap() -> None:
    chart = line("Better", [Point("1", 10, "10"), Point("2", None, "?"), Point("3", 5, "5")])
    assert chart.line == "M1.0 24.0M258.0 52.0"
    assert chart.gaps == "M1.0 24.0L258.0 52.0"
    assert (chart.first, chart.last) == (chart.points[0], chart.points[2])


def test_nothing_known_draws_nothing() -> None:
    chart = line("Nothing", [Point("1", None, "?")])
    assert (chart.line, chart.first, chart.last) == ("", None, None)


def test_zeros_lie_on_the_base() -> None:
    assert line("Zero", [Point("1", 0, "0"), Point("2", 0, "0")]).line == "M1.0 80.0L258.0 80.0"
