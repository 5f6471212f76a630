"""The desk of these stories, stopped at one moment. Django is imported inside: it is not set up when this is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from ganzohr.core.events import Event
    from tests.inbox.story import Desk

ROOMS = ("answering", "outcomes", "receiving", "sorting", "states", "understanding")


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    """It is Tuesday, 10:20 in Berlin."""
    from ganzohr.core.times import frozen
    from tests.inbox.story import NOW

    with frozen(NOW):
        yield


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Event]]:
    """What the inbox told, without the rooms above it."""
    from ganzohr.config import wiring
    from ganzohr.core import events

    heard: list[Event] = []
    own = {
        kind: [one for one in rows if one.function.startswith("ganzohr.inbox.actions.")]
        for kind, rows in wiring.LISTENERS.items()
    }
    events.tie(own, keep=lambda event, names: None)
    emit = events.emit

    def hear(event: Event) -> None:
        heard.append(event)
        emit(event)

    for room in ROOMS:
        monkeypatch.setattr(f"ganzohr.inbox.actions.{room}.emit", hear, raising=False)
    yield heard
    wiring.tie()


@pytest.fixture
def desk(db: None, told: list[Event]) -> Desk:
    """The desk of Kliniken Auental."""
    from tests.inbox.story import open_desk

    return open_desk(told)


@pytest.fixture
def as_sophie(desk: Desk) -> Client:
    """Sophie's browser."""
    from django.test import Client

    client = Client(headers={"accept-language": "en"})
    assert desk.sophie.user
    client.force_login(desk.sophie.user)
    return client
