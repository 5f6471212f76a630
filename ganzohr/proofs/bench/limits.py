"""What this machine can do at all, now: commits a second of one writer, with 1 and with 100 rows of 1 KB.

The rows come over the writer's connection, each with a body of its own, as anything does that is kept.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from ganzohr.proofs.bench.ground import Ground

SECONDS = 1.5
NOISY = 0.25  # first and last differ by more than this share
TABLE = (
    "CREATE TABLE IF NOT EXISTS bench_limit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)"
)
INSERT = "INSERT INTO bench_limit (body) SELECT unnest(%b::bytea[])"


@dataclass(frozen=True)
class Limits:
    """Commits a second with 1 row and with 100, and how busy the machine was."""

    one: float
    hundred: float
    load: float

    @property
    def rows(self) -> float:
        """Rows a second, a hundred to a commit."""
        return 100 * self.hundred

    def figures(self) -> dict[str, float]:
        """For the JSON."""
        return {"commits_of_1": round(self.one), "commits_of_100": round(self.hundred), "load": round(self.load, 2)}


def look(ground: Ground, database: str = "postgres") -> Limits:
    """Measure."""
    load = os.getloadavg()[0]
    return Limits(_commits(ground, database, 1), _commits(ground, database, 100), load)


def _commits(ground: Ground, database: str, rows: int) -> float:
    bodies, count = [os.urandom(1024) for _ in range(rows)], 0
    with ground.connect(database) as connection:
        connection.execute(TABLE)
        connection.execute("TRUNCATE bench_limit")
        started = time.perf_counter()
        while (seconds := time.perf_counter() - started) < SECONDS:
            connection.execute(INSERT, [bodies])
            count += 1
        connection.execute("TRUNCATE bench_limit")
    return count / seconds


def noise(first: Limits, last: Limits) -> list[str]:
    """Why this run is not to be trusted by the clock; empty when it is."""
    cores, why = os.cpu_count() or 1, []
    for name, before, after in (("1 row", first.one, last.one), ("100 rows", first.hundred, last.hundred)):
        change = after / before - 1
        if abs(change) > NOISY:
            why.append(f"commits of {name} changed by {change:+.0%} during the run")
    if max(first.load, last.load) > cores:
        why.append(f"load {first.load:.1f} before and {last.load:.1f} after, on {cores} cores")
    return why
