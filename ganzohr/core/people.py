"""Whom an export or an erasure is about; each room finds its own rows by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Handle(NamedTuple):
    """How one channel knows somebody: the channel's row and the platform's name for the person."""

    channel_id: int
    external_id: str


@dataclass(frozen=True)
class Person:
    """One person outside: the contact, if there is one, and every handle of theirs."""

    contact_id: int | None
    handles: tuple[Handle, ...] = ()
