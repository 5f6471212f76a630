"""A webhook's body as what it says, entry by entry; nothing in it is passed over in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ganzohr.channels.connectors.base import Account, Incoming
from ganzohr.channels.connectors.facebook import feed, messenger
from ganzohr.channels.connectors.facebook.place import Place
from ganzohr.channels.connectors.meta.values import leaves, part, text, webhooks

PLAIN = frozenset({"id", "time", "uid", "changed_fields", "hop_context"})


def parse(account: Account, body: bytes) -> list[Incoming]:
    """Everything in these bytes; [] for a body that says nothing. `ValueError` for what is no JSON of a webhook."""
    if not body.strip():
        return []
    entries = (entry for found in webhooks(body) for entry in _entries(found))
    return [one for entry in entries for one in _entry(Place.of(account, entry), entry)]


def _entries(found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, dict):
        return [{"body": found}]
    if "entry" not in found:
        return _bare(found)
    listed = leaves(found, "entry") or [found["entry"]] * bool(found["entry"])
    return [one if isinstance(one, dict) else {"entry": one} for one in listed]


def _bare(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What came without its envelope: one event, one change, or something else that is kept as it is."""
    if {"sender", "recipient"} & found.keys() and messenger.NAMES & found.keys():
        return [{"id": part(found, "recipient").get("id"), "messaging": [found]}]
    if isinstance(found.get("value"), dict):
        return [{"changes": [found]}]
    rest = {name: value for name, value in found.items() if name != "object"}
    return [{"body": rest}] if rest else []


def _entry(place: Place, entry: Mapping[str, Any]) -> Iterator[Incoming]:
    said = False
    for name, read in LISTS.items():
        for values in leaves(entry, name):
            said = True
            if isinstance(values, dict):
                yield from read(place, values)
            else:
                yield place.unsupported(f"entry {name}", {name: values})
    for name in entry:
        is_odd = name in LISTS and not isinstance(entry[name], dict | list)
        if entry[name] and (is_odd or (name not in LISTS and name not in PLAIN)):
            said = True
            yield place.unsupported(f"entry {name}", {name: entry[name]})
    if not said and entry.get("changed_fields"):
        yield place.unsupported("entry changed_fields", {"changed_fields": entry["changed_fields"]})


def read_change(place: Place, change: Mapping[str, Any]) -> Iterator[Incoming]:
    """One change, of the feed or of what stands in for it."""
    values = leaves(change, "value")
    for value in values if len(values) > 1 else ():
        yield from _read_change(place, {**change, "value": value})
    if len(values) <= 1:
        yield from _read_change(place, {**change, "value": values[0]} if values else change)


def _read_change(place: Place, change: Mapping[str, Any]) -> Iterator[Incoming]:
    field, value = text(change, "field").lower(), part(change, "value")
    reader = feed.READERS.get(field)
    if reader and value:
        yield from reader(place, value)
    elif {"sender", "recipient"} & value.keys() and messenger.NAMES & value.keys():  # as the dashboard's test sends it
        yield from messenger.read_event(place, value)
    else:
        yield place.unsupported(f"change {field}".strip(), change)


def _aside(place: Place, values: Mapping[str, Any]) -> Iterator[Incoming]:
    return messenger.read_event(place, values, is_aside=True)


LISTS: dict[str, Callable[[Place, Mapping[str, Any]], Iterator[Incoming]]] = {
    "messaging": messenger.read_event,
    "standby": _aside,
    "changes": read_change,
}
