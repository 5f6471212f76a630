"""Facts reach their listeners at the promised moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from django.db import transaction

from ganzohr.config import wiring
from ganzohr.core import events

heard: list[events.Event] = []
kept: list[tuple[events.Event, list[str]]] = []


@dataclass(frozen=True)
class LettersArrived(events.Event):
    """A fact for these tests."""

    letter_ids: tuple[int, ...]


def listen(event: events.Event) -> None:
    """Remember."""
    heard.append(event)


def fail(_event: events.Event) -> None:
    """Undo."""
    raise ValueError("no")


def keep(event: events.Event, names: Sequence[str]) -> None:
    """Remember for later."""
    kept.append((event, list(names)))


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    heard.clear()
    kept.clear()
    yield
    wiring.tie()


@pytest.mark.django_db
def test_now_is_told_at_once_and_later_is_kept() -> None:
    rows = [events.now(f"{__name__}.listen"), events.later("a.b"), events.later("c.d")]
    events.tie({LettersArrived: rows}, keep=keep)
    with transaction.atomic():
        events.emit(LettersArrived((1,)))
        assert heard == [LettersArrived((1,))]
    assert kept == [(LettersArrived((1,)), ["a.b", "c.d"])]


@pytest.mark.django_db
def test_an_error_of_a_listener_of_now_reaches_whoever_told() -> None:
    events.tie({LettersArrived: [events.now(f"{__name__}.fail")]}, keep=keep)
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        events.emit(LettersArrived((1,)))


@pytest.mark.django_db(transaction=True)
def test_a_fact_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        events.emit(LettersArrived((1,)))


def test_a_fact_survives_its_way_through_json() -> None:
    event = LettersArrived((1, 2))
    assert LettersArrived.from_payload({"letter_ids": [1, 2]}) == event
    assert events.kind_of(event.name()) is LettersArrived
