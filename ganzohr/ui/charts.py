"""Small drawn lines: the finding is the title, the first value stands under the line's begin, the last beside its end
or, where it is long, under it; an unknown value is a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

LEFT, RIGHT, TOP, BASE = 1.0, 258.0, 18.0, 72.0
ROOM = 6  # letters beside the end of the line


@dataclass(frozen=True)
class Point:
    """One value of the line. `value` None is unknown and drawn as a gap; `said` is the value in words."""

    label: str
    value: float | None
    said: str


@dataclass(frozen=True)
class Chart:
    """A line in a box of 328 by 92, ready for `ui/chart.html`."""

    finding: str
    rest: str
    column: str
    points: Sequence[Point]
    line: str = ""
    gaps: str = ""
    first: Point | None = None
    last: Point | None = None
    last_x: float = 0.0
    last_y: float = 0.0
    goal_y: float | None = None
    goal_said: str = ""
    note: str = ""
    rows: Sequence[Point] = field(default_factory=tuple)

    @property
    def is_last_long(self) -> bool:
        """Whether the last value has no room beside the line."""
        return self.last is not None and len(self.last.said) > ROOM


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
    first, (last_place, last) = drawn[0][1], drawn[-1]
    return Chart(
        finding,
        rest,
        column,
        points,
        line=_path(places),
        gaps=_gaps(places),
        first=first,
        last=last,
        last_x=last_place[0],
        last_y=last_place[1],
        goal_y=None if goal is None else _height(goal, top),
        goal_said=goal_said,
        note=note,
        rows=points,
    )


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
