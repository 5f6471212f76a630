"""Small drawn lines: the finding is the title, first and last value stand at the line, an unknown value is a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

LEFT, RIGHT, TOP, BASE = 1.0, 258.0, 24.0, 80.0


@dataclass(frozen=True)
class Point:
    """One value of the line. `value` None is unknown and drawn as a gap; `said` is the value in words."""

    label: str
    value: float | None
    said: str


@dataclass(frozen=True)
class Chart:
    """A line in a box of 328 by 100, ready for `ui/chart.html`."""

    finding: str
    rest: str
    column: str
    points: Sequence[Point]
    line: str = ""
    gaps: str = ""
    first: Point | None = None
    last: Point | None = None
    first_y: float = 0.0
    last_x: float = 0.0
    last_y: float = 0.0
    goal_y: float | None = None
    goal_said: str = ""
    note: str = ""
    rows: Sequence[Point] = field(default_factory=tuple)


def line(
    finding: str,
    points: Sequence[Point],
    *,
    rest: str = "",
    column: str = "",
    goal: float | None = None,
    goal_said: str = "",
    note: str = "",
) -> Chart:
    """A chart of these values from left to right; the scale starts at zero."""
    known = [point.value for point in points if point.value is not None]
    top = max([*known, goal or 0.0, 0.0]) or 1.0
    places = [_place(index, len(points), point.value, top) for index, point in enumerate(points)]
    drawn = [(place, point) for place, point in zip(places, points, strict=True) if place is not None]
    if not drawn:
        return Chart(finding, rest, column, points, note=note, rows=points)
    (first_place, first), (last_place, last) = drawn[0], drawn[-1]
    return Chart(
        finding,
        rest,
        column,
        points,
        line=_path(places),
        gaps=_gaps(places),
        first=first,
        last=last,
        first_y=round(_highest(places, first_place, 8.0 * len(first.said)) - 8, 1),
        last_x=last_place[0],
        last_y=last_place[1],
        goal_y=None if goal is None else _height(goal, top),
        goal_said=goal_said,
        note=note,
        rows=points,
    )


def _highest(places: Sequence[tuple[float, float] | None], first: tuple[float, float], width: float) -> float:
    """Where the line stands highest within this width from its first point: words above that lie free of it."""
    end, before, highest = first[0] + width, first, first[1]
    for place in places:
        if place is None or place[0] <= first[0]:
            continue
        if place[0] > end:
            share = (end - before[0]) / (place[0] - before[0])
            return min(highest, before[1] + share * (place[1] - before[1]))
        before, highest = place, min(highest, place[1])
    return highest


def _height(value: float, top: float) -> float:
    return round(BASE - (BASE - TOP) * value / top, 1)


def _place(index: int, count: int, value: float | None, top: float) -> tuple[float, float] | None:
    if value is None:
        return None
    across = LEFT if count < 2 else LEFT + (RIGHT - LEFT) * index / (count - 1)
    return round(across, 1), _height(value, top)


def _path(places: Sequence[tuple[float, float] | None]) -> str:
    path, pen_is_down = "", False
    for place in places:
        if place is not None:
            path += f"{'L' if pen_is_down else 'M'}{place[0]} {place[1]}"
        pen_is_down = place is not None
    return path


def _gaps(places: Sequence[tuple[float, float] | None]) -> str:
    path, before, is_open = "", None, False
    for place in places:
        if place is None:
            is_open = True
            continue
        if is_open and before is not None:
            path += f"M{before[0]} {before[1]}L{place[0]} {place[1]}"
        before, is_open = place, False
    return path
