"""Facts in past tense, told upwards. Who listens stands in `config/wiring.py`.

A listener marked `now` runs inside the transaction of `emit` and writes rows only; its error undoes all. A listener
marked `later` becomes a row in the same transaction and is run by the worker, at least once, several facts of a
kind together. Nothing may rely on the order between listeners.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from django.db import transaction
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Event:
    """A fact: a frozen dataclass of plain values, ids as tuples (`message_ids: tuple[int, ...]`)."""

    @classmethod
    def name(cls) -> str:
        """How a stored row names this kind of fact."""
        return f"{cls.__module__}.{cls.__qualname__}"

    def payload(self) -> dict[str, Any]:
        """The fact as JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """The fact back from its JSON; lists become tuples."""
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in payload.items()})


Function = Callable[[Any], object]


@dataclass(frozen=True)
class Listener:
    """Who is told and when. The function is named by its dotted path and imported when first needed."""

    function: str
    when: Literal["now", "later"]

    def __call__(self, event: Event) -> None:
        """Tell."""
        import_string(self.function)(event)


def now(function: str) -> Listener:
    """In the same transaction."""
    return Listener(function, "now")


def later(function: str) -> Listener:
    """By the worker, after the commit, at least once; must be idempotent."""
    return Listener(function, "later")


Listeners = Mapping[type[Event], Sequence[Listener]]
Keep = Callable[[Event, Sequence[str]], object]

_listeners: dict[type[Event], list[Listener]] = {}
_keep: list[Keep] = []


def tie(listeners: Listeners, keep: Keep) -> None:
    """Set once at start who listens, and who keeps facts for later listeners."""
    _listeners.clear()
    _listeners.update({kind: list(row) for kind, row in listeners.items()})
    _keep[:] = [keep]


def emit(event: Event) -> None:
    """Tell a fact. Must be called inside the transaction that made it true."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{event.name()} was emitted outside a transaction")
    rows = _listeners.get(type(event), [])
    for listener in rows:
        if listener.when == "now":
            listener(event)
    waiting = [listener.function for listener in rows if listener.when == "later"]
    if waiting:
        _keep[0](event, waiting)


def kind_of(name: str) -> type[Event]:
    """The class behind a stored name."""
    kind: type[Event] = import_string(name)
    return kind


def merged(events: Sequence[Event]) -> list[Event]:
    """Facts of one kind whose single values agree become one, with all their ids once, in order."""
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for event in events:
        values = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
        single = tuple((name, repr(value)) for name, value in values.items() if not isinstance(value, tuple))
        held = groups.setdefault((type(event), single), {})
        for name, value in values.items():
            held[name] = (*held.get(name, ()), *value) if isinstance(value, tuple) else value
    return [
        kind(
            **{name: tuple(dict.fromkeys(value)) if isinstance(value, tuple) else value for name, value in row.items()}
        )
        for (kind, _single), row in groups.items()
    ]
