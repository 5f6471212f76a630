"""What goes wrong: by dice (`Mischief`) or exactly as a test asks (`Faults`)."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field

BEFORE = ("timeout_before", "drop_before")
AFTER = ("timeout_after", "drop_after", "html_after")
REFUSALS = (
    "throttle_app", "throttle_page", "throttle_429", "throttle_calls", "pair_limit", "server_error", "unavailable",
    "throttle_instagram", "throttle_messenger", "throttle_business", "stopped_marketing", "experiment",
    "token_expired", "restricted", "person_unavailable", "html",
)  # fmt: skip


@dataclass
class Mischief:
    """How often, from 0 to 1, what happens. The same seed does the same."""

    seed: int = 0
    duplicate: float = 0.0
    reorder: float = 0.0
    batch: float = 0.0
    delay: float = 0.0
    longest_delay: float = 1.0
    throttle: float = 0.0
    server_error: float = 0.0
    timeout_before: float = 0.0
    timeout_after: float = 0.0
    drop_after: float = 0.0
    dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def happens(self, chance: float) -> bool:
        """Throws the dice."""
        return chance > 0 and self.dice.random() < chance

    def of_call(self) -> str:
        """What goes wrong with this call of ours; mostly nothing."""
        for name in ("server_error", "timeout_before", "timeout_after", "drop_after"):
            if self.happens(getattr(self, name)):
                return name
        return (
            self.dice.choice(["throttle_app", "throttle_page", "throttle_429"]) if self.happens(self.throttle) else ""
        )


@dataclass
class _Planned:
    name: str
    road: str
    method: str
    times: int


class Faults:
    """The next calls that go wrong. `on` is a road ("comment.reply", "messenger.send", "whatsapp.send", "media.upload",
    …, see `graph.ROADS`); empty is any call of that method."""

    def __init__(self, mischief: Mischief) -> None:
        self.mischief = mischief
        self._lock = threading.Lock()
        self._planned: list[_Planned] = []

    def next(self, name: str, on: str = "", times: int = 1, method: str = "POST") -> None:
        """The next `times` calls on that road go wrong like this: one of BEFORE, AFTER or REFUSALS."""
        if name not in {*BEFORE, *AFTER, *REFUSALS}:
            raise ValueError(name)
        with self._lock:
            self._planned.append(_Planned(name, on, method, times))

    def of_call(self, method: str, road: str) -> str:
        """What goes wrong now, or nothing. The dice are thrown for what sends only."""
        with self._lock:
            for planned in self._planned:
                if planned.times > 0 and planned.method == method and planned.road in ("", road):
                    planned.times -= 1
                    return planned.name
            return self.mischief.of_call() if method == "POST" else ""
