"""Processor time of processes and everything below them, and the figures made of what was counted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil


def spent(process: psutil.Process) -> float:
    """Seconds of processor time of a process, of all below it, and of those below that have ended."""
    total = 0.0
    with suppress(psutil.NoSuchProcess):
        for one in [process, *process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of all does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0


@dataclass
class Span:
    """What happened between two looks: seconds, and seconds of processor time by name."""

    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)


@contextmanager
def measured(**processes: psutil.Process) -> Iterator[Span]:
    """Looks before and after."""
    span = Span()
    before = {name: spent(one) for name, one in processes.items()}
    started = time.perf_counter()
    try:
        yield span
    finally:
        span.seconds = time.perf_counter() - started
        span.cpu = {name: spent(one) - before[name] for name, one in processes.items()}


@dataclass
class Rounds:
    """Several rounds of the same: operations a second, milliseconds each took, processor milliseconds each cost."""

    per_second: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    cpu: dict[str, list[float]] = field(default_factory=dict)

    def add(self, count: int, span: Span, times: Sequence[float] = ()) -> None:
        """One round of `count` operations; `times` in milliseconds."""
        self.per_second.append(count / max(span.seconds, 1e-9))
        self.times.extend(times)
        for name, seconds in span.cpu.items():
            self.cpu.setdefault(name, []).append(1000 * seconds / max(count, 1))

    @property
    def rate(self) -> float:
        """The middle round's operations a second."""
        return statistics.median(self.per_second) if self.per_second else 0.0

    @property
    def p50(self) -> float:
        """Half were quicker."""
        return percentile(self.times, 0.5)

    @property
    def p99(self) -> float:
        """One of a hundred was slower."""
        return percentile(self.times, 0.99)

    def cost(self, *names: str) -> float:
        """Processor milliseconds each, of these processes or of all; the middle round's."""
        chosen = names or tuple(self.cpu)
        sums = [sum(parts) for parts in zip(*(self.cpu[name] for name in chosen if name in self.cpu), strict=True)]
        return statistics.median(sums) if sums else 0.0

    def figures(self) -> dict[str, float]:
        """For the JSON."""
        found = {"per_second": self.rate, "rounds": len(self.per_second)}
        if self.times:
            found |= {"p50_ms": self.p50, "p99_ms": self.p99}
        found |= {f"{name}_cpu_ms": self.cost(name) for name in self.cpu}
        return {name: round(value, 4) for name, value in found.items()}
