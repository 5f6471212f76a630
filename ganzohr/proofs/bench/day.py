"""The evening of a desk's day, second by second, with the costs a bench measured: what it needs, what gives way first.

Taking in comes first, because platforms do not wait; then pages, because people do not; workers get what is left of the
database. A queue is first in, first out. Nothing here is fitted: change the costs and it says something else.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

FROM, TO = 18 * 3600, 22 * 3600  # the fullest hours
HOURS = (4, 3, 2, 2, 3, 6, 14, 26, 38, 44, 46, 48, 50, 46, 44, 44, 46, 50, 56, 62, 60, 44, 24, 10)  # share by the hour
BURST, BURST_AT, BURST_LASTS = 4.0, 20 * 3600, 600  # a post goes round in the evening
FULL = 0.7  # of a core may be planned with
SHOWN, UNDERSTOOD = 10.0, 60.0  # the longest wait allowed, in seconds
SMALL_TEAM, TEAM = 20, 500  # people at work on one small server and on a very large desk
BETWEEN_PAGES, BETWEEN_ANSWERS = 15.0, 60.0  # seconds of one person
NAMES = {"web": "web", "worker": "workers", "database": "PostgreSQL"}


@dataclass(frozen=True)
class Costs:
    """Processor milliseconds of one operation, at the process that does it and at PostgreSQL."""

    take: tuple[float, float]
    read: tuple[float, float]
    understand: tuple[float, float]
    page: tuple[float, float]
    approve: tuple[float, float] = (0.0, 0.0)
    send: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Cores:
    """What there is; where all of them share one machine, no more than that machine has."""

    web: int
    worker: int
    database: int
    machine: float = math.inf


@dataclass
class Day:
    """What came of it: how full everything was in its fullest minute, and the longest waits."""

    fullest: dict[str, float]
    shown: float
    understood: float

    @property
    def is_well(self) -> bool:
        """Nobody waited too long, and nothing was too full to take in what comes."""
        return self.shown <= SHOWN and self.understood <= UNDERSTOOD and self.fullest["web"] <= 1

    @property
    def first(self) -> str:
        """What gives way first."""
        return max(self.fullest, key=lambda name: self.fullest[name])


def costs_of(runs: Iterable[Mapping[str, Any]]) -> Costs:
    """Out of what `./run bench --json` wrote, in one run or in several."""
    rows = [row for run in runs for row in run["rows"]]

    def found(words: str) -> Mapping[str, float]:
        for row in rows:
            if words in row["what"] and row["figures"].get("ours"):
                return dict(row["figures"]["ours"])
        raise ValueError(f"no file speaks of “{words}”; run the suites intake, process and inbox with --json")

    def both(figures: Mapping[str, float]) -> tuple[float, float]:
        return figures["server_cpu_ms"], figures["database_cpu_ms"]

    return Costs(
        both(found("accepted webhooks a second")),
        both(found("webhook to message in the inbox")),
        both(found("and its language")),
        both(found("whole page")),
        both(found("an answer approved")),
        both(found("an answer sent")),
    )


def arrivals(messages: int, seed: int = 4) -> Iterator[float]:
    """How many come in each second."""
    dice, total = random.Random(seed), sum(HOURS) * 3600
    for second in range(FROM, TO):
        rate = messages * HOURS[second // 3600] / total
        rate *= BURST if 0 <= second - BURST_AT < BURST_LASTS else 1
        yield max(0.0, dice.gauss(rate, rate**0.5))


class _Queue:
    """First in, first out: how long the last that was done had waited."""

    def __init__(self) -> None:
        self.came, self.done, self.marks, self.at, self.longest = 0.0, 0.0, [0.0], 0, 0.0

    def turn(self, came: float, able: float, second: int) -> float:
        """So many come and so many could be done; how many were."""
        self.came += came
        self.marks.append(self.came)
        did = min(able, self.came - self.done)
        self.done += did
        while self.at < len(self.marks) - 1 and self.marks[self.at] <= self.done + 1e-6:
            self.at += 1
        if self.came - self.done > 1e-6:
            self.longest = max(self.longest, second + 1 - self.at)
        return did


def live(messages: int, costs: Costs, cores: Cores, team: int) -> Day:
    """One day."""
    read, understand, send = _Queue(), _Queue(), _Queue()
    minutes: dict[str, list[float]] = {name: [0.0] * ((TO - FROM) // 60) for name in NAMES}
    pages, answers = team / BETWEEN_PAGES, team / BETWEEN_ANSWERS
    for second, came in enumerate(arrivals(messages)):
        web, database = (came * costs.take[n] + pages * costs.page[n] + answers * costs.approve[n] for n in (0, 1))
        left = _Left(cores, web, database)
        did = left.turn(read, came, costs.read, second)
        left.turn(send, answers, costs.send, second)
        left.turn(understand, did, costs.understand, second)
        used = {
            "web": web / cores.web,
            "worker": left.worked / cores.worker,
            "database": (database + left.asked) / cores.database,
        }
        for name, value in used.items():
            minutes[name][second // 60] += value / 60_000
    longest = max(read.longest, send.longest)
    return Day({name: max(values) for name, values in minutes.items()}, longest, understand.longest)


class _Left:
    """What workers can still do in a second once platforms and people had theirs."""

    def __init__(self, cores: Cores, web: float, database: float) -> None:
        self.worker, self.database = 1000.0 * cores.worker, max(0.0, 1000.0 * cores.database - database)
        self.machine = max(0.0, 1000.0 * cores.machine - web - database)
        self.worked = self.asked = 0.0

    def turn(self, queue: _Queue, came: float, cost: tuple[float, float], second: int) -> float:
        """So many come; as many as still can be are done."""
        ways = (self.worker, cost[0]), (self.database, cost[1]), (self.machine, sum(cost))
        did = queue.turn(came, min((left / each for left, each in ways if each), default=came), second)
        self.worker, self.database = self.worker - did * cost[0], self.database - did * cost[1]
        self.machine -= did * sum(cost)
        self.worked, self.asked = self.worked + did * cost[0], self.asked + did * cost[1]
        return did


def most(costs: Costs, cores: Cores, team: int = SMALL_TEAM) -> tuple[int, Day]:
    """How many messages a day these cores carry, to the nearest five in a hundred; and the day that is too much."""
    carried, too_many = 1000, 1000
    while (day := live(too_many, costs, cores, team)).is_well:
        carried, too_many = too_many, too_many * 2
    while too_many > carried * 1.05:
        middle = (carried + too_many) // 2
        tried = live(middle, costs, cores, team)
        carried, too_many, day = (middle, too_many, day) if tried.is_well else (carried, middle, tried)
    return carried, day


def needed(messages: int, costs: Costs) -> tuple[Cores, Day]:
    """The fewest cores with which a day goes well and nothing is fuller than planned."""
    cores = Cores(1, 1, 1)
    while True:
        day = live(messages, costs, cores, TEAM)
        tight = [name for name, value in day.fullest.items() if value > FULL]
        if not tight and day.is_well:
            return cores, day
        tight = tight or ["worker"]
        cores = replace(cores, **{name: _more(getattr(cores, name), day.fullest[name]) for name in tight})


def _more(cores: int, full: float) -> int:
    return max(cores + 1, int(cores * full / FULL))
