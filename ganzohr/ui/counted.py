"""How many there are, counted no further than it is worth."""

from __future__ import annotations

from dataclasses import dataclass

CAP = 100


@dataclass(frozen=True)
class Count:
    """A number, counted up to `CAP`, that says `99+` when there are more."""

    number: int

    def __str__(self) -> str:
        return str(self.number) if self.number < CAP else f"{CAP - 1}+"

    def __bool__(self) -> bool:
        return self.number > 0
