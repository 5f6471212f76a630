"""The worker's loop: answers doorbells, runs rounds, keeps long readers alive.

Any number of workers may run on any number of machines. Bells go to whoever is free (Procrastinate). Rounds are run
by the one worker that holds an advisory lock; when it dies, its connection ends, and another takes over within two
seconds. The holder speaks once a second on that connection: where a whole machine or the network to it is gone, and
nobody ends the connection, PostgreSQL does after `SILENCE`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from django.db import close_old_connections
from django.utils.module_loading import import_string
from procrastinate import App, PsycopgConnector

from ganzohr.core import jobs
from ganzohr.core.jobs import Round

log = logging.getLogger(__name__)
LOCK = 0x726F756E  # "roun"
CONCURRENCY = 4
LOOK = 1.0
LOCK_LOOK = 2.0
SILENCE = 20.0


def add_tasks(app: App) -> None:
    """Give Procrastinate the one task there is: answer a doorbell."""

    def doorbell(queue: str) -> None:
        safely(lambda: jobs.answer(queue))

    app.task(name="doorbell")(doorbell)


def safely(function: Callable[[], object]) -> None:
    """Run with a fresh connection; what goes wrong is logged, never the end of the worker."""
    close_old_connections()
    try:
        function()
    except Exception:
        log.exception("something in the background failed")
    finally:
        close_old_connections()


class Rounds:
    """Runs each round when it is due, each in a thread, none twice at once."""

    def __init__(self, rounds: list[Round]) -> None:
        self.due = dict.fromkeys(rounds, 0.0)
        self.running: set[Round] = set()
        self.threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="round")

    def waiting(self, at: float) -> list[Round]:
        """What is due at this moment and does not run."""
        return [round_ for round_, due in self.due.items() if due <= at and round_ not in self.running]

    def turn(self, at: float) -> list[Round]:
        """Start what is due at this moment; which rounds that were."""
        started = self.waiting(at)
        for round_ in started:
            self.due[round_] = at + round_.seconds
            self.running.add(round_)
            self.threads.submit(self._run, round_)
        return started

    def _run(self, round_: Round) -> None:
        try:
            safely(round_)
        finally:
            self.running.discard(round_)


def every_round() -> list[Round]:
    """The rounds of the wiring, and a look into each queue once a second in case a bell was lost."""
    looks = [Look(f"look:{queue}", LOOK, queue) for queue in jobs.queues()]
    return [*looks, *jobs.rounds()]


class Look(Round):
    """Answers a queue nobody rang for; `function` names the queue."""

    def __call__(self) -> object:
        """Look."""
        return jobs.answer(self.function)


async def line() -> psycopg.AsyncConnection[tuple[object, ...]]:
    """A connection of our own on which we must not be silent."""
    held = await psycopg.AsyncConnection.connect(**connection_parameters(), autocommit=True)
    await held.execute(f"SET idle_session_timeout = {int(SILENCE * 1000)}".encode())
    return held


async def run_rounds(stop: asyncio.Event) -> None:
    """Wait for the lock, then turn until told to stop or the lock's connection is gone."""
    async with await line() as held:
        while not stop.is_set() and not await _scalar(held, "SELECT pg_try_advisory_lock(%s)", [LOCK]):
            await _pause(stop, LOCK_LOOK)
        rounds, checked = Rounds(every_round()), 0.0
        while not stop.is_set():
            now = time.monotonic()
            if now - checked > 1 or rounds.waiting(now):  # nothing is begun once the lock may be somebody else's
                await asyncio.wait_for(_scalar(held, "SELECT 1", []), SILENCE)
                checked = now
            rounds.turn(now)
            await _pause(stop, 0.1)


async def _scalar(held: psycopg.AsyncConnection[tuple[object, ...]], query: str, values: list[int]) -> object:
    row = await (await held.execute(query.encode(), values)).fetchone()
    return row[0] if row else None


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def connection_parameters() -> dict[str, Any]:
    """How to reach the database beside Django's connections."""
    from procrastinate.contrib.django.utils import connector_params

    return {name: value for name, value in connector_params().items() if name != "prepare_threshold"}


async def answer_bells(stop: asyncio.Event) -> None:
    """Run Procrastinate's worker, with connections of its own, until told to stop."""
    app = App(connector=PsycopgConnector(kwargs=connection_parameters(), min_size=1, max_size=CONCURRENCY))
    add_tasks(app)
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                concurrency=CONCURRENCY,
                delete_jobs="always",
                install_signal_handlers=False,
                shutdown_graceful_timeout=1,
            )
        )
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if stop.is_set():
            worker.cancel()
        await worker


async def again_and_again(name: str, run: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    """Run until told to stop; after a failure (the database was restarted, say) start over."""
    while not stop.is_set():
        try:
            await run(stop)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.warning("%s stopped (%s) and starts again", name, type(error).__name__)
            await _pause(stop, 1.0)


def keep(function: str, stop: threading.Event) -> None:
    """Run a long reader until told to stop; start it again when it ends."""
    while not stop.is_set():
        safely(lambda: import_string(function)(stop))
        stop.wait(1.0)


async def work(stop: asyncio.Event, keepers: list[str]) -> None:
    """All of it, until `stop`."""
    stop_threads = threading.Event()
    for function in keepers:
        threading.Thread(target=keep, args=(function, stop_threads), daemon=True, name=function).start()
    tasks = [
        asyncio.create_task(again_and_again("rounds", run_rounds, stop)),
        asyncio.create_task(again_and_again("bells", answer_bells, stop)),
    ]
    await stop.wait()
    stop_threads.set()
    await asyncio.wait(tasks, timeout=1.5)
