"""Doorbells and rounds. Rows hold the truth; a bell only says that somebody should look now.

`ring(queue)` leaves at most one waiting bell per queue, after the commit and in a transaction of its own, so no
intake and no outbox commit ever holds the cluster-wide lock of NOTIFY. A doorbell function claims rows in batches
(SKIP LOCKED) and returns how many it did; it is called again while it did something. Every queue is also looked at
once a second, so a lost bell costs a second. Rounds are functions run every so often by one worker, however many
there are. The tables stand in `config/wiring.py`; the loop that runs them in `config/worker.py`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)

Bell = Callable[[], int]


@dataclass(frozen=True)
class Round:
    """A function run again and again: `seconds` after its last start, but never twice at once."""

    name: str
    seconds: float
    function: str

    def __call__(self) -> object:
        """Run it once."""
        return import_string(self.function)()


_doorbells: dict[str, str] = {}
_rounds: list[Round] = []


def tie(doorbells: Mapping[str, str], rounds: Sequence[Round]) -> None:
    """Set once at start which functions answer bells and which rounds there are."""
    _doorbells.clear()
    _doorbells.update(doorbells)
    _rounds[:] = rounds


def queues() -> tuple[str, ...]:
    """Every queue that has a doorbell."""
    return tuple(_doorbells)


def rounds() -> tuple[Round, ...]:
    """Every round."""
    return tuple(_rounds)


def ring(queue: str) -> None:
    """Ring after the commit; harmless if a bell waits already or nobody hears it."""
    if queue not in _doorbells:
        raise KeyError(f"no doorbell for {queue!r} in config/wiring.py")
    transaction.on_commit(lambda: _defer(queue), robust=True)


def _defer(queue: str) -> None:
    from procrastinate.contrib.django import app
    from procrastinate.exceptions import AlreadyEnqueued

    if _bell_waits(queue):
        return
    try:
        app.configure_task("doorbell", queue=queue, queueing_lock=queue).defer(queue=queue)
    except AlreadyEnqueued:
        log.debug("a bell waits already in %s", queue)


def _bell_waits(queue: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'", [queue])
        return cursor.fetchone() is not None


def answer(queue: str, budget: float = 20.0) -> int:
    """Call the queue's function until it finds nothing or `budget` seconds are gone; how many rows it did."""
    function: Bell = import_string(_doorbells[queue])
    done, started = 0, time.monotonic()
    while (did := function()) > 0:
        done += did
        if time.monotonic() - started > budget:
            ring(queue)
            break
    return done


def run_everything(limit: int = 100) -> int:
    """For tests and the demo: answer every queue and run every round until nothing moves; how many rows moved."""
    for round_ in _rounds:
        round_()
    moved = 0
    for _ in range(limit):
        did = sum(answer(queue) for queue in _doorbells)
        if not did:
            return moved
        moved += did
    raise RuntimeError(f"still moving after {limit} turns")
