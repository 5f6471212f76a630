"""The sample's days once more, step by step at their own time, with the desk's own acts between what people did.

The desk that is being filled is not up yet: what it would be told is handed over instead, signed as ever. The
platform's clock stands at each step, so that an answer of three days ago is one of three days ago on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ganzohr.proofs.meta import scenery
from ganzohr.proofs.meta.platform import Platform
from ganzohr.proofs.meta.scenery import Scenery
from ganzohr.proofs.sample import networks
from ganzohr.proofs.sample.networks import Deed, Line


class Course:
    """Goes on until the desk has to do something itself; from its end on, everything is sent as usual."""

    def __init__(self, platform: Platform, scene: Scenery) -> None:
        self.platform, self.scene = platform, scene
        self.left = networks.story()
        self.began = datetime.now(UTC)
        self.handed: list[dict[str, Any]] = []
        self._usual, platform.hooks.post = platform.hooks.post, self._take

    def go_on(self) -> dict[str, Any]:
        """What the desk is told since the last time, and what it does next: None at the end."""
        self.platform.settle()  # what came of the desk's last act
        while self.left and not self.left[0].is_ours:
            one = self.left.pop(0)
            scenery.do(self.platform, self.scene, one, self._turn_clock(one))
            self.platform.settle()
        ours = self._ours(self.left.pop(0)) if self.left else None
        if ours is None:
            self.platform.clock.ahead, self.platform.hooks.post = timedelta(), self._usual
        handed, self.handed = self.handed, []
        return {"deliveries": handed, "ours": ours}

    def _turn_clock(self, one: Deed | Line) -> datetime:
        at = self.began - timedelta(hours=one.hours_ago)
        self.platform.clock.ahead = at - datetime.now(UTC)
        return at

    def _take(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        at = self.platform.now().isoformat()
        self.handed.append({"at": at, "path": urlsplit(url).path, "headers": dict(headers), "body": body.decode()})
        return 200

    def _ours(self, one: Deed | Line) -> dict[str, Any]:
        """`about` is the message the desk acts on, by the id it knows."""
        at, kind = self._turn_clock(one), one.way if isinstance(one, Line) else one.kind
        return {"at": at.isoformat(), "kind": kind, "about": self._about(one), "words": one.words}

    def _about(self, one: Deed | Line) -> str:
        if isinstance(one, Deed):
            return self.scene.made[one.below].id
        talk = self.platform.world.talk(self.scene.number, self.scene.people[one.who])
        return next(letter.id for letter in reversed(talk.letters) if not letter.by_us and letter.kind != "call")
