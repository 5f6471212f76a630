"""What takes deliveries in belongs to an event loop: one committer and one memory of doors for each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from ganzohr.channels.committer import Committer
from ganzohr.channels.doors import Doors


@dataclass
class Group:
    """Who writes and who knows, for all requests of one event loop."""

    committer: Committer = field(default_factory=Committer)
    doors: Doors = field(default_factory=Doors)
    task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until the loop ends."""
        try:
            await self.committer.run()
        finally:
            _groups.pop(asyncio.get_running_loop(), None)
            await self.doors.line.close()


_groups: WeakKeyDictionary[asyncio.AbstractEventLoop, Group] = WeakKeyDictionary()


def here() -> Group:
    """The group of the running event loop, which ends with it."""
    loop = asyncio.get_running_loop()
    found = _groups.get(loop)
    if found is None:
        found = _groups[loop] = Group()
        found.task = loop.create_task(found.run())
    return found


def waiting() -> int:
    """Deliveries of this process that wait for their commit."""
    return sum(len(one.committer.waiting) for one in list(_groups.values()))


def drain() -> None:
    """From now on nothing new is taken in here; what waits is still committed and answered."""
    here().committer.is_ending = True
