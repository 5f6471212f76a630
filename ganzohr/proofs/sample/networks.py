"""What people did on the public page and on their phones before the demo began; plain values, nothing of the desk.

Comments, `written` and what phones say come in by the platform (see `proofs.meta.scenery`). What is `ours` or `private`
the desk itself answers, so that its history is real.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from ganzohr.proofs.sample.tables import rows

Kind = Literal["post", "comment", "ours", "private", "written", "edit", "like"]
Way = Literal["says", "voice", "picture", "call", "ours"]


@dataclass(frozen=True)
class Deed:
    """One thing on the page; `below` is the key of what it hangs under."""

    kind: Kind
    key: str
    below: str
    hours_ago: float
    who: str
    words: str


@dataclass(frozen=True)
class Line:
    """One thing in a WhatsApp talk with somebody."""

    way: Way
    who: str
    hours_ago: float
    words: str


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


def _lines() -> Iterator[Line]:
    for kind, who, hours, words in rows("phones.txt"):
        if kind != "phone":
            yield Line(cast(Way, kind), who, float(hours), words)
