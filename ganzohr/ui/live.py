"""Live pages: `touch()` says which topics changed, `/live` tells open pages, pages fetch their part again.

Each web process reads the append-only revisions once a second in one task, however many pages are open.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection, transaction

from ganzohr.core.times import now
from ganzohr.ui.models import Revision

log = logging.getLogger(__name__)

KEPT = timedelta(hours=1)
OVERLAP = 200  # ids read again each second: a commit may become visible after a later id
MOST = 5000  # revisions read at once; whoever missed more is told that everything changed
HEARTBEAT = 15  # seconds without an event after which a comment keeps proxies from hanging up


@dataclass(eq=False)
class _Touched:
    """Topics of one transaction, written as one row after its commit."""

    topics: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.__qualname__ = "touch"  # Django writes it into the log when the call fails

    def __call__(self) -> None:
        Revision.objects.create(topics=sorted(self.topics), at=now())


def touch(*topics: str) -> None:
    """Tell open pages, after the running transaction commits, that these topics changed; one row per commit."""
    open_savepoints = set(connection.savepoint_ids)
    for hook in connection.run_on_commit:
        waiting = hook[1]
        if isinstance(waiting, _Touched) and hook[0] == open_savepoints:
            waiting.topics.update(topics)
            return
    transaction.on_commit(_Touched(set(topics)), robust=True)


def forget_revisions() -> int:
    """Revisions older than an hour go; nobody waits for them."""
    return Revision.objects.filter(at__lt=now() - KEPT).delete()[0]


class Listener:
    """One open page: the topics it shows and what changed since it was last told."""

    def __init__(self, topics: Iterable[str]) -> None:
        self.topics = frozenset(topics)
        self.changed: dict[str, int] = {}
        self.woken = asyncio.Event()

    def tell(self, revision: int, topics: Iterable[str]) -> None:
        """Note what of this revision the page shows, and wake it."""
        for topic in self.topics.intersection(topics):
            self.changed[topic] = revision
        if self.changed:
            self.woken.set()

    def take(self) -> dict[str, int]:
        """What changed since the last call."""
        changed, self.changed = self.changed, {}
        self.woken.clear()
        return changed


class Switchboard:
    """Reads the revisions for all open pages of this process while there are any."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self.last = 0
        self.seen: set[int] = set()
        self.ready = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.is_closing = False

    async def join(self, listener: Listener) -> None:
        """Connect a page; the first one starts the reading."""
        self.listeners.add(listener)
        if self.task is None or self.task.done():
            self.ready = asyncio.Event()
            self.task = asyncio.create_task(self._read())
        await self.ready.wait()

    def leave(self, listener: Listener) -> None:
        """Disconnect a page; the last one ends the reading."""
        self.listeners.discard(listener)
        if not self.listeners and self.task:
            self.task.cancel()
            self.task = None

    async def _read(self) -> None:
        self.last, self.seen = 0, set()
        while self.listeners and not self.is_closing:
            try:
                await self._read_once()
            except DatabaseError:
                log.warning("the database is silent; live pages wait for it")
            await asyncio.sleep(1)
        self.ready.set()
        for listener in self.listeners:
            listener.woken.set()

    async def _read_once(self) -> None:
        if not self.ready.is_set():
            self.last = await _read_newest()
            self.seen = {revision for revision, _topics in await _read_after(self.last - OVERLAP)}
            self.ready.set()
        for revision, topics in await _read_after(self.last - OVERLAP):
            if revision not in self.seen:
                self._tell_all(revision, topics)
        self.seen = {seen for seen in self.seen if seen > self.last - OVERLAP}

    def _tell_all(self, revision: int, topics: Sequence[str]) -> None:
        self.seen.add(revision)
        self.last = max(self.last, revision)
        for listener in self.listeners:
            listener.tell(revision, topics)


switchboard = Switchboard()


def close() -> None:
    """End every open live connection within a second; called by the web process when it is told to stop."""
    switchboard.is_closing = True
    for listener in list(switchboard.listeners):
        listener.woken.set()


async def stream(topics: Sequence[str], since: int | None) -> AsyncIterator[str]:
    """Server-sent events, one per changed topic, until the page leaves or the server stops.

    They begin after the revision `since`, or now without one.
    """
    await _let_go()
    listener = Listener(topics)
    try:
        await switchboard.join(listener)
        yield "retry: 2000\n\n"
        if since is not None:
            await _tell_missed(listener, since)
        while not switchboard.is_closing:
            for topic, revision in listener.take().items():
                yield f"id: {revision}\nevent: {topic}\ndata: {revision}\n\n"
            try:
                await asyncio.wait_for(listener.woken.wait(), HEARTBEAT)
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        switchboard.leave(listener)


async def _tell_missed(listener: Listener, since: int) -> None:
    """What changed since; everything, where that is no longer known: revisions were forgotten or are too many."""
    missed = await _read_after(since)
    first, last = (missed[0][0], missed[-1][0]) if missed else (0, since)
    is_known = since == 0 or await _is_kept(since) or first == since + 1
    if not is_known or len(missed) == MOST:
        listener.tell(last, listener.topics)
    for revision, changed in missed:
        listener.tell(revision, changed)


def newest() -> int:
    """The revision a page drawn now is at least as new as; costs no query while pages are open."""
    if switchboard.task and not switchboard.task.done():
        return switchboard.last
    return Revision.objects.order_by("-id").values_list("id", flat=True).first() or 0


@sync_to_async
def _let_go() -> None:
    """The request's own connection; an open page must hold none."""
    connection.close()


@sync_to_async(thread_sensitive=False)
def _read_newest() -> int:
    try:
        return Revision.objects.order_by("-id").values_list("id", flat=True).first() or 0
    finally:
        connection.close()


@sync_to_async(thread_sensitive=False)
def _is_kept(revision: int) -> bool:
    try:
        return Revision.objects.filter(pk=revision).exists()
    finally:
        connection.close()


@sync_to_async(thread_sensitive=False)
def _read_after(revision: int) -> list[tuple[int, list[str]]]:
    try:
        rows = Revision.objects.filter(id__gt=revision).order_by("id").values_list("id", "topics")
        return list(rows[:MOST])
    finally:
        connection.close()
