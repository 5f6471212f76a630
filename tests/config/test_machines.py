"""Many web processes and workers, on as many machines as you like, with one PostgreSQL."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections

from ganzohr.channels import readers
from ganzohr.config import worker
from ganzohr.core import times
from ganzohr.core.jobs import Round
from ganzohr.topics import understanding
from ganzohr.topics.models import Example
from ganzohr.ui import live
from ganzohr.ui.models import Revision

PATIENCE = 30.0


def until(is_so: Callable[[], bool]) -> None:
    """Wait for other threads."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def scalar(query: str, values: list[int] | None = None) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
        return row[0] if row else None


@contextmanager
def turning(name: str) -> Iterator[None]:
    """A worker's loop of rounds in a thread of this name."""
    ready: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def run() -> None:
        ready.append((asyncio.get_running_loop(), asyncio.Event()))
        await worker.again_and_again("rounds", worker.run_rounds, ready[0][1])

    thread = threading.Thread(target=asyncio.run, args=[run()], name=name, daemon=True)
    thread.start()
    until(lambda: bool(ready))
    try:
        yield
    finally:
        ready[0][0].call_soon_threadsafe(ready[0][1].set)
        thread.join(PATIENCE)


class Told(Round):
    """A round that notes which worker ran it; `function` is that worker's name."""

    ran: list[str]

    def __call__(self) -> None:
        Told.ran.append(self.function)


HOLDER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted"


@pytest.mark.django_db(transaction=True)
def test_rounds_are_run_by_one_worker_and_by_the_other_once_its_line_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    Told.ran = []
    monkeypatch.setattr(worker, "every_round", lambda: [Told("told", 0, threading.current_thread().name)])
    monkeypatch.setattr(worker, "LOCK_LOOK", 0.05)
    with turning("first"):
        until(lambda: "first" in Told.ran)
        with turning("second"):
            count = len(Told.ran)
            until(lambda: len(Told.ran) > count + 3)
            assert set(Told.ran) == {"first"}
            scalar(f"SELECT pg_terminate_backend(({HOLDER}))", [worker.LOCK])
            until(lambda: Told.ran[-1] == "second")
            count = len(Told.ran)
            until(lambda: len(Told.ran) > count + 6)
            assert set(Told.ran[-3:]) == {"second"}


@pytest.mark.django_db(transaction=True)
def test_a_holder_that_is_silent_but_not_gone_loses_the_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "SILENCE", 0.2)

    async def fall_silent() -> None:
        held = await worker.line()
        await held.execute("SELECT pg_advisory_lock(4711)")
        await asyncio.to_thread(until, lambda: bool(free()))
        await held.close()

    def free() -> object:
        try:
            return scalar("SELECT pg_try_advisory_lock(4711)")
        finally:
            connections.close_all()

    asyncio.run(fall_silent())


def test_a_long_reader_moves_within_thirty_seconds_of_a_death() -> None:
    assert readers.LEASE + timedelta(seconds=readers.LOOK_EVERY) < timedelta(seconds=30)
    assert 3 * timedelta(seconds=readers.LOOK_EVERY) < readers.LEASE  # and a slow look costs a living one nothing


@pytest.mark.django_db(transaction=True)
async def test_pages_of_every_web_process_hear_what_any_of_them_changed() -> None:
    boards = live.Switchboard(), live.Switchboard()
    pages = [live.Listener(["inbox"]) for _ in boards]
    for board, page in zip(boards, pages, strict=True):
        await board.join(page)
    row = await Revision.objects.acreate(topics=["inbox"], at=times.now())
    async with asyncio.timeout(PATIENCE):
        for page in pages:
            await page.woken.wait()
            assert page.take() == {"inbox": row.pk}
    for board, page in zip(boards, pages, strict=True):
        board.leave(page)
    await sync_to_async(connections.close_all)()


@pytest.mark.django_db
def test_what_is_taken_away_leaves_the_memory_of_a_worker_that_heard_no_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    taught: list[list[str]] = []
    monkeypatch.setattr(understanding, "embed_examples", lambda: 0)
    monkeypatch.setattr(understanding, "_train", lambda _at: taught.append([e.text for e in Example.objects.kept()]))
    monkeypatch.setattr(understanding, "LOOK_EVERY", 0)
    monkeypatch.setattr(understanding, "_kept", [])
    Example.objects.create(text="Lena fragt nach Teilzeit", language="de")
    understanding.stay_fresh(threading.Event())
    assert taught == []  # nothing was learnt yet, so nothing is held
    understanding.model()
    understanding.stay_fresh(threading.Event())
    assert taught == [["Lena fragt nach Teilzeit"]]
    Example.objects.all().delete()
    understanding.stay_fresh(threading.Event())
    assert taught[1:] == [[]]
