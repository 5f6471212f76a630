"""`./run bench`: see docs/scaling.md. Prints a table; `--json FILE` writes the same with every figure."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ganzohr.proofs.bench import limits, paper
from ganzohr.proofs.bench.ground import Ground, ground
from ganzohr.proofs.bench.limits import Limits
from ganzohr.proofs.bench.table import Row, drawn

SUITES = ("intake", "process", "inbox", "search", "disk")
USUAL = 50_000


def options(arguments: list[str]) -> argparse.Namespace:
    """What may be said after `bench`."""
    parser = argparse.ArgumentParser(prog="./run bench")
    parser.add_argument("--suite", choices=(*SUITES, "all"), action="append", help="may be said again")
    parser.add_argument(
        "--size", type=int, default=USUAL, help="conversations of the large desk; the small one has a tenth"
    )
    parser.add_argument("--peers", action="store_true", help="install django-helpdesk beside and compare with it")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument(
        "--day", type=int, metavar="MESSAGES", help="what such a day needs, by the costs of --from FILE"
    )
    parser.add_argument("--from", type=Path, dest="source", nargs="+", metavar="FILE", help="of earlier runs")
    parser.add_argument("--into", type=Path, metavar="FILE", help="put every table in its place there: docs/scaling.md")
    chosen = parser.parse_args(arguments)
    if chosen.day and not chosen.source:
        parser.error("--day needs --from FILE")
    return chosen


def run(suite: str, made: Ground, first: Limits, chosen: argparse.Namespace) -> list[Row]:
    """One suite."""
    from ganzohr.proofs.bench import disk, inbox, intake, process, search

    if suite == "intake":
        return intake.suite(made, chosen.size, first)
    if suite == "process":
        return process.suite(made, chosen.size, chosen.peers)
    if suite == "inbox":
        return inbox.suite(made, chosen.size, chosen.peers)
    return search.suite(made, chosen.size) if suite == "search" else disk.suite()


def measure(wanted: Sequence[str], chosen: argparse.Namespace) -> tuple[list[Row], Limits, Limits]:
    """Every suite wanted, and the machine before and after."""
    rows: list[Row] = []
    with ground() as made:
        first = limits.look(made)
        for suite in wanted:
            started = time.monotonic()
            found = run(suite, made, first, chosen)
            rows += found
            print(f"{suite}: {time.monotonic() - started:.0f} s\n{drawn(found)}", file=sys.stderr, flush=True)
        return rows, first, limits.look(made)


def main(arguments: list[str]) -> int:
    """Measure, print, write. 1 if something promised fell short and the machine was quiet enough to say so."""
    chosen = options(arguments)
    if chosen.day:
        return _tell_of_a_day(chosen)
    named = chosen.suite or ["all"]
    wanted = [suite for suite in SUITES if suite in named or "all" in named]
    from ganzohr.config import catalogues
    from ganzohr.config.supervisor import Ending, end_on_signals

    end_on_signals()
    catalogues.compile_all()
    try:
        rows, first, last = measure(wanted, chosen)
    except Ending:
        print("Ended before the end; nothing is said.", file=sys.stderr)
        return 1
    noise = limits.noise(first, last)
    print(f"\n{drawn(rows)}\n\n{_about(first, last, noise)}", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(_figures(rows, first, last, noise, chosen.size), indent=1) + "\n")
    return 1 if not noise and any(row.is_reached is False for row in rows) else 0


def _tell_of_a_day(chosen: argparse.Namespace) -> int:
    try:
        parts = paper.made([json.loads(file.read_text()) for file in chosen.source], chosen.day)
        if chosen.into:
            paper.write(parts, chosen.into)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n\n".join(parts.values()))
    return 0


def _about(first: Limits, last: Limits, noise: Sequence[str]) -> str:
    lines = [
        f"commits a second, one writer: {first.one:,.0f} of 1 row, {first.hundred:,.0f} of 100 rows before; "
        f"{last.one:,.0f} and {last.hundred:,.0f} after.",
        f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {first.load:.1f} before and "
        f"{last.load:.1f} after.",
    ]
    if noise:
        lines.append(f"NOISY: {'; '.join(noise)}. Trust processor time and ratios, not the clock.")
    return "\n".join(lines)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "?")


def _figures(rows: Sequence[Row], first: Limits, last: Limits, noise: Sequence[str], size: int) -> dict[str, Any]:
    return {
        "machine": {"processor": _processor(), "cores": os.cpu_count(), "python": platform.python_version()},
        "size": size,
        "limits": {"first": first.figures(), "last": last.figures()},
        "noise": list(noise),
        "rows": [row.values() for row in rows],
    }
