"""One bell per queue waits, rung after the commit; a lost bell costs a second and no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from ganzohr.config import wiring
from ganzohr.config.rounds import tidy_jobs
from ganzohr.config.worker import Rounds
from ganzohr.core import jobs

left: list[int] = []
turns: list[str] = []


def take() -> int:
    """Do two of what is left."""
    did = min(2, len(left))
    del left[:did]
    return did


def turn() -> None:
    """Remember a turn."""
    turns.append("turn")


@pytest.fixture(autouse=True)
def _tied() -> Iterator[None]:
    left.clear()
    turns.clear()
    jobs.tie({"letters": f"{__name__}.take"}, [jobs.Round("turn", 60, f"{__name__}.turn")])
    yield
    wiring.tie()


@pytest.fixture
def silence(transactional_db: None) -> None:
    """No bell waits; tables of Procrastinate are not emptied between tests by Django."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def bells() -> list[tuple[str, str]]:
    """What waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_name, status::text FROM procrastinate_jobs ORDER BY id")
        return list(cursor.fetchall())


@pytest.mark.usefixtures("silence")
def test_however_often_it_is_rung_one_bell_waits_and_none_before_the_commit() -> None:
    with transaction.atomic():
        jobs.ring("letters")
        jobs.ring("letters")
        assert bells() == []
    jobs.ring("letters")
    assert bells() == [("letters", "todo")]


@pytest.mark.usefixtures("silence")
def test_what_was_undone_rings_no_bell() -> None:
    with transaction.atomic():
        jobs.ring("letters")
        transaction.set_rollback(True)
    assert bells() == []


@pytest.mark.usefixtures("silence")
def test_a_bell_whose_worker_died_is_heard_again_unless_another_waits() -> None:
    jobs.ring("letters")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    assert tidy_jobs() == 1
    assert bells() == [("letters", "todo")]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    jobs.ring("letters")
    tidy_jobs()
    assert bells() == [("letters", "todo")]


def test_a_bell_is_answered_until_nothing_is_left() -> None:
    left.extend(range(5))
    assert (jobs.answer("letters"), left) == (5, [])


@pytest.mark.django_db
def test_everything_runs_until_nothing_moves() -> None:
    left.extend(range(3))
    assert (jobs.run_everything(), left, turns) == (3, [], ["turn"])


def test_a_queue_without_a_doorbell_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        jobs.ring("nothing")


def test_a_round_runs_when_it_is_due_and_never_twice_at_once() -> None:
    slow = jobs.Round("slow", 10, f"{__name__}.turn")
    rounds = Rounds([slow])
    rounds.threads.shutdown()
    rounds.threads = Still()  # type: ignore[assignment]
    assert [rounds.turn(at) == [slow] for at in (0.0, 5.0, 10.0)] == [True, False, False]
    rounds.running.clear()
    assert (rounds.turn(11.0), rounds.turn(21.0)) == ([slow], [])


class Still:
    """Threads that never begin."""

    def submit(self, *_arguments: object) -> None:
        """Nothing."""
