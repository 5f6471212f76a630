"""What came in, offered to the rooms above: each claim in turn takes what is its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.module_loading import import_string

from ganzohr.channels.connectors.base import Incoming
from ganzohr.core.points import point


@dataclass(frozen=True)
class Arrived:
    """One thing that came in, and with which delivery."""

    channel_id: int
    delivery_id: int
    incoming: Incoming
    received_at: datetime


Claim = Callable[[list[Arrived]], set[int]]

_claims: list[str] = []


def tie(claims: Sequence[str]) -> None:
    """Set once at start whose an incoming value may be, in the order they are asked."""
    _claims[:] = claims


def offer(batch: list[Arrived]) -> set[int]:
    """Ask every claim, in order, about what is left; the positions somebody took. In the caller's transaction."""
    left = list(range(len(batch)))
    for name in _claims:
        if not left:
            break
        claim: Claim = import_string(name)
        taken = {left[position] for position in claim([batch[position] for position in left])}
        left = [position for position in left if position not in taken]
        point("read.in_batch")
    return set(range(len(batch))) - set(left)
