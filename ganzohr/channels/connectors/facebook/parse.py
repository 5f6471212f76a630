"""A webhook's body as what it says, entry by entry; nothing in it is passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ganzohr.channels.connectors.base import Account, Incoming
from ganzohr.channels.connectors.facebook import feed, messenger
from ganzohr.channels.connectors.facebook.place import Place
from ganzohr.channels.connectors.meta.values import part, parts, text, webhook

LISTS = ("messaging", "standby", "changes")
PLAIN = frozenset({"id", "time", "uid", "changed_fields", "hop_context"})


def parse(account: Account, body: bytes) -> list[Incoming]:
    """Everything in these bytes; [] for a body that says nothing. `ValueError` for what is no JSON object."""
    if not body.strip():
        return []
    found = webhook(body)
    entries = parts(found, "entry") if "entry" in found else _bare(found)
    return [one for entry in entries for one in _entry(Place.of(account, entry), entry)]


def _bare(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What came without its envelope: one event, one change, or something else that is kept as it is."""
    if {"sender", "recipient"} & found.keys() and messenger.NAMES & found.keys():
        return [{"id": part(found, "recipient").get("id"), "messaging": [found]}]
    if isinstance(found.get("value"), dict):
        return [{"changes": [found]}]
    rest = {name: value for name, value in found.items() if name != "object"}
    return [{"body": rest}] if rest else []


def _entry(place: Place, entry: Mapping[str, Any]) -> Iterator[Incoming]:
    for values in parts(entry, "messaging"):
        yield from messenger.read_event(place, values)
    for values in parts(entry, "standby"):
        yield from messenger.read_event(place, values, is_aside=True)
    for change in parts(entry, "changes"):
        yield from read_change(place, change)
    for name in entry:
        if name not in LISTS and name not in PLAIN and entry[name]:
            yield place.unsupported(f"entry {name}", {name: entry[name]})


def read_change(place: Place, change: Mapping[str, Any]) -> Iterator[Incoming]:
    """One change, of the feed or of what stands in for it."""
    field, value = text(change, "field").lower(), part(change, "value")
    reader = feed.READERS.get(field)
    if reader and value:
        yield from reader(place, value)
    elif {"sender", "recipient"} & value.keys() and messenger.NAMES & value.keys():  # as the dashboard's test sends it
        yield from messenger.read_event(place, value)
    else:
        yield place.unsupported(f"change {field}".strip(), change)
