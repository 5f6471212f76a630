"""What takes deliveries in belongs to an event loop: one committer and one memory of doors for each.

Pages are made by threads beside the loop. Whoever starts such a thread inside `lent` lets it hand its deliveries to the
loop's committer; everywhere else (the worker, a command, a test) there is none and a delivery is written by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from ganzohr.channels.committer import Committer, Ended
from ganzohr.channels.deliveries import Row
from ganzohr.channels.doors import Doors

PATIENCE = 10.0  # seconds somebody at a page waits for the commit of what they wrote
HEAVY = 200_000  # bytes from which on nobody else should wait for the same commit


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


_beside: ContextVar[asyncio.AbstractEventLoop | None] = ContextVar("beside", default=None)


@contextmanager
def lent() -> Iterator[None]:
    """Threads started inside hand their deliveries to the group of this event loop."""
    before = _beside.set(asyncio.get_running_loop())
    try:
        yield
    finally:
        _beside.reset(before)


def kept_together(row: Row) -> bool:
    """Whether the committer beside this thread has committed it, now or earlier.

    False: there is none, or it ends, or the row is heavy; whoever asks writes it. Any error: nobody knows whether it is
    kept, and giving it again is safe. Blocks the thread, never for longer than PATIENCE.
    """
    loop = _beside.get()
    if loop is None or len(row.body) > HEAVY:
        return False
    keeping = asyncio.run_coroutine_threadsafe(_keep(row), loop)
    try:
        keeping.result(PATIENCE)
    except Ended:
        return False
    finally:
        keeping.cancel()
    return True


async def _keep(row: Row) -> None:
    """The body counts as held meanwhile, as that of a hook."""
    committer = here().committer
    committer.hold(len(row.body))
    try:
        await committer.keep(row)
    finally:
        committer.release(len(row.body))


def waiting() -> int:
    """Deliveries of this process that wait for their commit."""
    return sum(len(one.committer.waiting) for one in list(_groups.values()))


def drain() -> None:
    """From now on nothing new is taken in here; what waits is still committed and answered."""
    here().committer.is_ending = True
