"""What happened to people outside."""

from __future__ import annotations

from dataclasses import dataclass

from ganzohr.core.events import Event


@dataclass(frozen=True)
class PeopleStopped(Event):
    """Whoever these handles belong to said stop: nothing that nobody asked for leaves any more."""

    handle_ids: tuple[int, ...]


@dataclass(frozen=True)
class PeopleJoined(Event):
    """Those contacts were this person all along: whatever names them names this one now. They go right after."""

    contact_id: int
    joined_ids: tuple[int, ...]
