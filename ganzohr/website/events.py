"""What happened on our website channels."""

from __future__ import annotations

from dataclasses import dataclass

from ganzohr.core.events import Event


@dataclass(frozen=True)
class ErasuresAsked(Event):
    """Visitors asked on their private page that everything about them be deleted."""

    visit_ids: tuple[int, ...]
