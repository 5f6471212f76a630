"""What others may want to know about places and hours."""

from __future__ import annotations

from dataclasses import dataclass

from ganzohr.core.events import Event


@dataclass(frozen=True)
class HoursMadeUsual(Event):
    """These opening hours hold wherever nobody chose any."""

    hours_ids: tuple[int, ...]
