"""What people did on the public page and on their phones before the demo began; plain values, nothing of the desk.

Comments, `written` and what phones say come in by the platform (see `proofs.meta.scenery`). What is ours the desk
itself does, so that its history is real.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from ganzohr.proofs.sample.tables import rows

Kind = Literal["post", "comment", "ours", "private", "written", "edit", "delete", "like", "hide", "aside"]
Way = Literal["says", "voice", "picture", "call", "reads", "reacts", "ours"]
OURS = frozenset({"ours", "private", "hide", "aside"})


@dataclass(frozen=True)
class Deed:
    """One thing on the page; `below` is the key of what it hangs under."""

    kind: Kind
    key: str
    below: str
    hours_ago: float
    who: str
    words: str

    @property
    def is_ours(self) -> bool:
        """The desk does it; what the page published itself is not of the desk."""
        return self.kind in OURS or (self.kind == "like" and not self.who)


@dataclass(frozen=True)
class Line:
    """One thing in a WhatsApp talk with somebody."""

    way: Way
    who: str
    hours_ago: float
    words: str

    @property
    def is_ours(self) -> bool:
        """The desk does it."""
        return self.way in OURS


def deeds() -> list[Deed]:
    """What happened on the page, oldest first."""
    found = [
        Deed(cast(Kind, kind), key, below, float(hours), who, words)
        for kind, key, below, hours, who, words in rows("network.txt")
    ]
    return sorted(found, key=lambda deed: -deed.hours_ago)


def phones() -> dict[str, str]:
    """Who has which number; a name behind an @ hides it."""
    return {who: number for kind, who, number, _ in rows("phones.txt") if kind == "phone"}


def lines() -> list[Line]:
    """What was said by WhatsApp, oldest first."""
    return sorted(_lines(), key=lambda line: -line.hours_ago)


def story() -> list[Deed | Line]:
    """Everything that happened, on the page and on phones, oldest first."""
    return sorted([*deeds(), *lines()], key=lambda one: -one.hours_ago)


def _lines() -> Iterator[Line]:
    for kind, who, hours, words in rows("phones.txt"):
        if kind != "phone":
            yield Line(cast(Way, kind), who, float(hours), words)
