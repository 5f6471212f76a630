"""What happened to topics."""

from __future__ import annotations

from dataclasses import dataclass

from ganzohr.core.events import Event


@dataclass(frozen=True)
class TopicsArchived(Event):
    """These topics are offered and chosen no more."""

    topic_ids: tuple[int, ...]
