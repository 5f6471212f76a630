"""What the platform was asked and what it accepted: the proof of who received which words, how often."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Accepted:
    """One thing that left for a person: words, a reaction, a file. `answered` is False where we never heard of it."""

    number: int
    at: str
    road: str
    account: str
    to: str
    id: str
    text: str
    body: str
    fault: str = ""


@dataclass(frozen=True)
class Call:
    """One request: what came and what was answered (0: nothing)."""

    method: str
    path: str
    road: str
    status: int
    code: int = 0
    token_in_address: bool = False


class Record:
    """Only grows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.accepted: list[Accepted] = []
        self.calls: list[Call] = []

    def accept(self, **said: Any) -> None:
        """Keep what was accepted."""
        with self._lock:
            self.accepted.append(Accepted(number=len(self.accepted) + 1, **said))

    def call(self, call: Call) -> None:
        """Keep that it was asked."""
        with self._lock:
            self.calls.append(call)

    def to(self, person: str, road: str = "") -> list[Accepted]:
        """What reached that person (their id or number)."""
        return [one for one in self.accepted if one.to == person and road in ("", one.road)]

    def often(self, text: str) -> int:
        """How often these very words were accepted."""
        return sum(one.text == text for one in self.accepted)

    def as_json(self) -> dict[str, Any]:
        """For a proof that runs in another process."""
        with self._lock:
            return {"accepted": [asdict(one) for one in self.accepted], "calls": [asdict(one) for one in self.calls]}
