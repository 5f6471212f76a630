"""Searching three million messages, and the scan for promises that run out."""

from __future__ import annotations

from ganzohr.proofs.bench import scenery
from ganzohr.proofs.bench.ground import Ground
from ganzohr.proofs.bench.inbox import LARGE, desks
from ganzohr.proofs.bench.meter import percentile
from ganzohr.proofs.bench.table import Row, brief

ELSEWHERE = "a common word by somebody limited to a site without it"
WANTED = {
    "a rare word": scenery.RARE,
    "a common word": scenery.COMMON,
    "two words": scenery.TWO,
    "an inflected German word": scenery.INFLECTED,
    "a word of this week": scenery.LATE,
    ELSEWHERE: scenery.ELSEWHERE,
}
TIMES = 100


def suite(ground: Ground, size: int) -> list[Row]:
    """The time of all queries of one search; in this state of the database nothing is cached by us."""
    desks(ground, size)
    rows = []
    with ground.part(LARGE) as part:
        for what, words in WANTED.items():
            asked = {"words": words, "limited": what == ELSEWHERE}
            part.ask("search", times=3, **asked)
            found, span = part.timed("search", times=TIMES, **asked)
            p99, cpu = percentile(found["database_ms"], 0.99), 1000 * span.cpu["database"] / TIMES
            rows.append(
                Row(
                    "search", f"{what} in {3 * size:,} messages", f"p99 {brief(p99)} ms, {brief(cpu)} ms CPU", "", None,
                    "p99 ≤ 50 ms", p99 <= 50,
                    {"p50_ms": round(percentile(found["database_ms"], 0.5), 3), "database_cpu_ms": round(cpu, 3),
                     "rows": found["rows"]},
                )
            )  # fmt: skip
        part.ask("due", times=3)
        found, span = part.timed("due", times=TIMES)
        p99, cpu = percentile(found["database_ms"], 0.99), 1000 * span.cpu["database"] / TIMES
        what = f"scan for due clocks at {size:,} conversations"
        said = f"p99 {brief(p99)} ms, {brief(cpu)} ms CPU"
        rows.append(Row("search", what, said, "", None, "≤ 5 ms", p99 <= 5, {"rows": found["rows"]}))
    return rows
