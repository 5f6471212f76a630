"""Facts wait for their later listeners in the database and are told at least once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction

from ganzohr.audit import pending
from ganzohr.audit.models import PendingEvent
from ganzohr.config import wiring
from ganzohr.core import events, times

pytestmark = pytest.mark.django_db
HERE = __name__
told: list[LettersArrived] = []
broken: list[bool] = []
poison: set[int] = set()
deadly: set[int] = set()


class Killed(BaseException):
    """The worker is gone."""


@dataclass(frozen=True)
class LettersArrived(events.Event):
    """A fact for these tests."""

    letter_ids: tuple[int, ...]
    box: str = "red"


def listen(event: LettersArrived) -> None:
    """Remember, or fail while broken."""
    if deadly & set(event.letter_ids):
        raise Killed
    if broken or poison & set(event.letter_ids):
        raise ValueError("broken")
    told.append(event)


@pytest.fixture(autouse=True)
def _tied() -> Iterator[None]:
    told.clear()
    broken.clear()
    poison.clear()
    deadly.clear()
    events.tie({LettersArrived: [events.later(f"{HERE}.listen")]}, keep=pending.keep)
    yield
    wiring.tie()


def emit(*ids: int, box: str = "red") -> None:
    """Tell it as an action would."""
    with transaction.atomic():
        events.emit(LettersArrived(ids, box))


def test_waiting_facts_of_a_kind_are_told_together_and_then_forgotten() -> None:
    emit(1, 2)
    emit(2, 3)
    emit(4, box="blue")
    assert told == []
    assert pending.run_pending() == 3
    assert told == [LettersArrived((1, 2, 3)), LettersArrived((4,), "blue")]
    assert (pending.run_pending(), PendingEvent.objects.count()) == (0, 0)


def test_a_failed_listener_is_told_again_later_and_the_reason_is_kept() -> None:
    start = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    broken.append(True)
    with times.frozen(start):
        emit(7)
        pending.run_pending()
        assert (pending.run_pending(), PendingEvent.objects.get().error) == (0, "ValueError")
    broken.clear()
    with times.frozen(start + dt.timedelta(seconds=3)):
        pending.run_pending()
    assert (told, PendingEvent.objects.count()) == ([LettersArrived((7,))], 0)


def test_a_worker_that_dies_in_the_middle_leaves_the_fact_to_the_next() -> None:
    start = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    with times.frozen(start):
        emit(8)
        PendingEvent.objects.update(not_before=start + dt.timedelta(minutes=5))  # claimed, then killed
        assert pending.run_pending() == 0
    with times.frozen(start + dt.timedelta(minutes=6)):
        assert pending.run_pending() == 1
    assert told == [LettersArrived((8,))]


def test_a_fact_that_was_undone_is_never_told() -> None:
    with transaction.atomic():
        events.emit(LettersArrived((9,)))
        transaction.set_rollback(True)
    assert (pending.run_pending(), told) == (0, [])


def test_what_cannot_be_told_holds_up_nothing_but_itself() -> None:
    poison.add(2)
    emit(1)
    emit(2, 3)
    emit(4, box="blue")
    assert pending.run_pending() == 3
    assert told == [LettersArrived((1,)), LettersArrived((3,)), LettersArrived((4,), "blue")]
    left = PendingEvent.objects.get()
    assert (left.payload, left.attempts, left.error) == ({"letter_ids": [2], "box": "red"}, 1, "ValueError")


def test_what_ends_the_worker_each_time_is_given_up_and_takes_nobody_along(caplog: pytest.LogCaptureFixture) -> None:
    start = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    deadly.add(2)
    deaths = 0
    with times.frozen(start):
        emit(1, 2, 3)
        emit(4, box="blue")
    for minutes in range(0, 60, 6):
        with times.frozen(start + dt.timedelta(minutes=minutes)):
            for _life in range(5):
                try:
                    while pending.run_pending():
                        pass
                except Killed:
                    deaths += 1
    assert (deaths, sorted(one for event in told for one in event.letter_ids)) == (pending.MOST_UNHEARD, [1, 3, 4])
    left = PendingEvent.objects.get()
    assert (left.payload["letter_ids"], left.not_before, left.error) == ([2], None, "crashed")
    assert [line.split(" ")[-2:] for line in caplog.messages] == [["given", "up"]]


def test_a_claim_that_was_heard_of_is_not_held_against_a_fact() -> None:
    start = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    poison.add(7)
    with times.frozen(start):
        emit(7)
    for hours in range(2 * pending.MOST_UNHEARD):
        with times.frozen(start + dt.timedelta(hours=2 * hours)):
            assert (pending.run_pending(), PendingEvent.objects.get().unheard) == (1, 0)
