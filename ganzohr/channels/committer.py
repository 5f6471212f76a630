"""Group commit: what came while the last commit ran is written by the next one, in one statement.

Nothing waits on purpose: a delivery that comes alone is committed alone. Whoever gave one waits for its commit, or is
told that it was not kept; the unique key makes it safe to give it again. The bell is rung beside, once for many.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import psycopg
from asgiref.sync import sync_to_async
from django.db import connection

from ganzohr.channels.days import MOVED_ON
from ganzohr.channels.deliveries import STORE_MANY, Row, columns
from ganzohr.channels.line import Connection, Line
from ganzohr.core import jobs
from ganzohr.core.points import point

log = logging.getLogger(__name__)
MOST_WAITING = 2_000
MOST_BYTES = 64_000_000  # bodies that are being received or wait
BATCH = 500
BATCH_BYTES = 8_000_000
RINGS_APART = 0.25


class Full(Exception):
    """More waits than we hold; come again in a moment."""


class Ended(Exception):
    """This process ends; it was not kept."""


class _Waiting(NamedTuple):
    row: Row
    kept: asyncio.Future[None]


def _ring() -> None:
    try:
        jobs.ring("deliveries")
    finally:
        if not connection.in_atomic_block:
            connection.close()


async def ring() -> None:
    """Wake a worker."""
    await sync_to_async(_ring, thread_sensitive=False)()


class Committer:
    """Writes deliveries, one statement at a time. Belongs to one event loop."""

    def __init__(self, ring: Callable[[], Awaitable[None]] = ring) -> None:
        self.waiting: deque[_Waiting] = deque()
        self.bytes = 0
        self.commits = self.kept = 0
        self.is_ending = False
        self._ring = ring
        self._trouble: type[BaseException] | None = None
        self._line = Line()
        self._came, self._new = asyncio.Event(), asyncio.Event()

    def complain(self, words: str, error: BaseException) -> None:
        """One line in the log for each trouble, not one for each delivery."""
        if type(error) is not self._trouble:
            self._trouble = type(error)
            log.warning("%s: %s", words, error, exc_info=error)

    def hold(self, size: int) -> None:
        """Make room for so many bytes of a body; `Full` if there is none. Given back by `release`."""
        if self.bytes + size > MOST_BYTES:
            raise Full
        self.bytes += size

    def release(self, size: int) -> None:
        """These bytes are not held any more."""
        self.bytes -= size

    async def keep(self, row: Row) -> None:
        """Returns once the delivery is committed, now or earlier. `Full`, `Ended` or PostgreSQL's error: it is not."""
        if self.is_ending:
            raise Ended
        if len(self.waiting) >= MOST_WAITING:
            raise Full
        kept = asyncio.get_running_loop().create_future()
        self.waiting.append(_Waiting(row, kept))
        self._came.set()
        point("accept.taken")
        await kept

    async def run(self) -> None:
        """Commit what comes, until cancelled."""
        ringing = asyncio.create_task(self._ring_when_new())
        try:
            while True:
                await self._came.wait()
                self._came.clear()
                while batch := self._take():
                    await self._commit(batch)
        finally:
            ringing.cancel()
            self.is_ending = True
            _tell(self.waiting, Ended())
            await self._line.close()

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self.waiting and len(batch) < BATCH and (not batch or size + len(self.waiting[0].row.body) < BATCH_BYTES):
            batch.append(self.waiting.popleft())
            size += len(batch[-1].row.body)
        return batch

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        """All in one; where one of them is refused, each by itself, so that only the bad one is not kept."""
        try:
            await self._write([one.row for one in batch])
        except (psycopg.OperationalError, TimeoutError) as error:
            self.complain("the database is silent and nothing can be kept", error)
            _tell(batch, error)
        except Exception as error:
            if len(batch) == 1:
                return _tell(batch, error)
            for one in batch:
                await self._commit([one])
        except BaseException:
            _tell(batch, Ended())
            raise
        else:
            _tell(batch, None)

    async def _write(self, rows: Sequence[Row]) -> None:
        values = columns(list({row[:3]: row for row in rows}.values()))

        async def write(line: Connection) -> int:
            point("accept.before_commit")
            return (await line.execute(STORE_MANY, values, prepare=True)).rowcount

        try:
            new = await self._line.run(write)
        except MOVED_ON:
            new = await self._line.run(write)
        point("accept.after_commit")
        self._trouble = None
        self.commits += 1
        self.kept += new
        if new:
            self._new.set()

    async def _ring_when_new(self) -> None:
        while True:
            await self._new.wait()
            self._new.clear()
            try:
                await self._ring()
            except Exception:  # rows hold the truth; the round of the worker finds them
                log.warning("the bell could not be rung", exc_info=True)
            await asyncio.sleep(RINGS_APART)


def _tell(batch: Sequence[_Waiting] | deque[_Waiting], error: Exception | None) -> None:
    for _row, kept in batch:
        if kept.done():
            continue  # whoever waited has hung up
        if error:
            kept.set_exception(error)
        else:
            kept.set_result(None)
