"""Who answers when somebody is away. Values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Why = Literal["here", "represented", "nobody"]


@dataclass(frozen=True)
class Away:
    """Somebody is away on these days, both included; `deputy` only if this absence names one."""

    colleague: int
    from_on: date
    until_on: date
    deputy: int | None = None


@dataclass(frozen=True)
class Stands:
    """Who answers: the colleague, whom we passed on the way (the asked one first), and why."""

    colleague: int | None
    chain: tuple[int, ...]
    why: Why


def who_answers(
    colleague: int, on: date, absences: Iterable[Away], deputies: Mapping[int, int | None], gone: Iterable[int] = ()
) -> Stands:
    """The colleague, or the first deputy along the chain who is there on that day.

    The deputy of an absence goes before the usual one; of several absences on a day the one that ends last counts.
    A chain that comes back to somebody ends: nobody answers.
    """
    away = _away_on(on, absences)
    left = frozenset(gone)
    passed: list[int] = []
    current: int | None = colleague
    while current is not None and current not in passed:
        passed.append(current)
        if current not in away and current not in left:
            return Stands(current, tuple(passed), "here" if len(passed) == 1 else "represented")
        named = away[current].deputy if current in away else None
        current = named if named is not None else deputies.get(current)
    return Stands(None, tuple(passed), "nobody")


def makes_circle(colleague: int, deputy: int | None, deputies: Mapping[int, int | None]) -> bool:
    """Whether this deputy would lead back to the colleague along the usual deputies."""
    passed: set[int] = set()
    current = deputy
    while current is not None and current not in passed:
        if current == colleague:
            return True
        passed.add(current)
        current = deputies.get(current)
    return False


def _away_on(on: date, absences: Iterable[Away]) -> dict[int, Away]:
    today = [absence for absence in absences if absence.from_on <= on <= absence.until_on]
    return {
        absence.colleague: absence for absence in sorted(today, key=lambda one: (one.until_on, one.deputy is not None))
    }
