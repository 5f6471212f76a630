"""The figures of docs/scaling.md, made of what earlier runs wrote: the tables, and what a day of a desk needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ganzohr.proofs.bench import day
from ganzohr.proofs.bench.day import Cores, Costs

Run = Mapping[str, Any]
ALIKE = 3  # messages to a conversation
KEPT, WARM = 14, 30  # days raw deliveries live; days whose indexes should lie in memory
SMALL = (("2 cores", Cores(1, 1, 2, 2)), ("4 cores", Cores(1, 2, 4, 4)), ("8 cores", Cores(2, 5, 8, 8)))
OF_WEB, OF_WORKER, OF_INTAKE = 20, 29, 4  # connections of a process, at most
GIB = 2**30


def made(runs: Sequence[Run], messages: int) -> dict[str, str]:
    """Every part of the paper by its name."""
    costs = day.costs_of(runs)
    return {
        "measured": _measured(runs),
        "costs": _costs(costs),
        "small": _small(costs),
        "large": _large(messages, costs),
        "space": _space(runs, messages),
    }


def write(parts: Mapping[str, str], file: Path) -> None:
    """Put each part where the file names it."""
    text = file.read_text()
    for name, words in parts.items():
        mark = re.compile(rf"(<!-- bench: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, found = mark.subn(lambda place, words=words: f"{place[1]}{words}\n{place[2]}", text)  # type: ignore[misc]
        if not found:
            raise ValueError(f"{file} has no place for “{name}”")
    file.write_text(text)


def _table(head: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)


def _measured(runs: Sequence[Run]) -> str:
    said = []
    for run in runs:
        first, last, machine = run["limits"]["first"], run["limits"]["last"], run["machine"]
        noise = f" Noisy: {'; '.join(run['noise'])}." if run["noise"] else ""
        said.append(
            f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}; one writer committed "
            f"{first['commits_of_1']:,} and {last['commits_of_1']:,} times a second with 1 row, "
            f"{first['commits_of_100']:,} and {last['commits_of_100']:,} with 100; load {first['load']} and "
            f"{last['load']}; `--size {run['size']}`.{noise}"
        )
        lines = [[row["what"].replace("|", "/"), row["ours"], row["compared"], _ratio(row), row["reach"], _verdict(row)]
                 for row in run["rows"]]  # fmt: skip
        said.append(_table(("what", "ours", "compared", "ratio", "reach", ""), lines))
    return "\n\n".join(said)


def _ratio(row: Mapping[str, Any]) -> str:
    return "" if row["ratio"] is None else f"{row['ratio']:.2f}×"


def _verdict(row: Mapping[str, Any]) -> str:
    return {True: "met", False: "**short**", None: ""}[row["is_reached"]]


def _costs(costs: Costs) -> str:
    lines = (
        ("a delivery taken in", "web", costs.take), ("a message read", "worker", costs.read),
        ("a message understood", "worker", costs.understand), ("a page of the inbox", "web", costs.page),
        ("an answer approved", "web", costs.approve), ("an answer sent", "worker", costs.send),
    )  # fmt: skip
    return _table(
        ("operation", "by", "its milliseconds", "PostgreSQL's"),
        [(what, by, f"{cost[0]:.2f}", f"{cost[1]:.2f}") for what, by, cost in lines],
    )


def _small(costs: Costs) -> str:
    lines = []
    for name, cores in SMALL:
        carried, day_ = day.most(costs, cores)
        alone = f"{cores.web} web, {cores.worker} worker{'s' if cores.worker > 1 else ''}"
        lines.append((name, alone, f"{round(carried, -3):,}", f"{day_.shown:.0f} s, {day_.understood:.0f} s"))
    head = (
        "one server with",
        "processes",
        "carries a day",
        "just above it, longest wait to be shown, to be understood",
    )
    return _table(head, lines)


def _large(messages: int, costs: Costs) -> str:
    cores, calm = day.needed(messages, costs)
    lines = [("as planned", *_cores(cores), *_came(calm))]
    for name, words in day.NAMES.items():
        less = replace(cores, **{name: max(1, getattr(cores, name) // 2)})
        lines.append((f"half of {words}", *_cores(less), *_came(day.live(messages, costs, less, day.TEAM))))
    carried, too_much = day.most(costs, cores, day.TEAM)
    head = ("cores for", *day.NAMES.values(), "fullest minute", "longest wait to be shown", "understood")
    return (
        f"{_table(head, lines)}\n\nThe cores of the first line carry {carried / 1e6:,.1f} million a day. Beyond "
        f"it the first to give way: **{day.NAMES[too_much.first]}**. Connections to PostgreSQL, at most: "
        f"{(cores.web + 1) * OF_WEB + cores.worker * OF_WORKER + 2 * OF_INTAKE:,}."
    )


def _cores(cores: Cores) -> tuple[int, int, int]:
    return cores.web, cores.worker, cores.database


def _came(lived: day.Day) -> tuple[str, str, str]:
    full = ", ".join(f"{value:.0%}" for value in lived.fullest.values())
    return full, f"{lived.shown:.0f} s", f"{lived.understood:.0f} s"


def _space(runs: Sequence[Run], messages: int) -> str:
    found: dict[str, Mapping[str, float]] = {}
    for run in runs:
        for row in run["rows"]:
            found |= {name: one for name, one in row["figures"].items() if isinstance(one, dict) and "bytes" in one}
    missing = {"message", "conversation", "person", "handle", "delivery", "key"} - set(found)
    if missing:
        raise ValueError(f"no file says what these take: {', '.join(sorted(missing))}")
    people = [found[name] for name in ("conversation", "person", "handle")]
    each = found["message"]["bytes"] + sum(one["bytes"] for one in people) / ALIKE
    index = found["message"]["index_bytes"] + sum(one["index_bytes"] for one in people) / ALIKE
    lines = [
        *((f"a {name}", f"{one['bytes']:,.0f} bytes, {one['index_bytes']:,.0f} of them indexes")
          for name, one in found.items()),
        ("what stays of a day", f"{messages * (each + found['key']['bytes']) / GIB:,.1f} GiB"),
        ("of a year", f"{365 * messages * (each + found['key']['bytes']) / GIB:,.0f} GiB"),
        (f"raw deliveries, {KEPT} days of them", f"{KEPT * messages * found['delivery']['bytes'] / GIB:,.0f} GiB"),
        (f"indexes of the newest {WARM} days", f"{WARM * messages * index / GIB:,.0f} GiB"),
    ]  # fmt: skip
    return _table((f"space at {messages:,} messages a day", ""), lines)
