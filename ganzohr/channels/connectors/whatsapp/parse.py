"""The bytes of a delivery as everything they say. Tolerant: what is missing or odd costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ganzohr.channels.connectors.base import Incoming
from ganzohr.channels.connectors.meta.values import leaves, moment, part, parts, text, text_id, webhooks
from ganzohr.channels.connectors.whatsapp import happenings, messages
from ganzohr.channels.connectors.whatsapp.messages import Place, Values
from ganzohr.core import times

AHEAD = timedelta(days=1)
NOTHING_BESIDE = frozenset(("messaging_product", "metadata", "contacts"))

# What a change may hold, by the name of its list, whatever its field is called.
READERS: Mapping[str, Callable[[Place, Values], Incoming]] = {
    "messages": messages.received,
    "statuses": happenings.status,
    "message_echoes": messages.sent_elsewhere,
    "calls": happenings.call,
    "user_preferences": happenings.preference,
    "user_id_update": happenings.new_id,
    "user_id_updates": happenings.new_id,
}


def parse(body: bytes) -> list[Incoming]:
    """Everything in these bytes; ValueError for what is no JSON of a webhook."""
    if not body.strip():
        return []
    return [one for webhook in webhooks(body) for one in _entries(webhook)]


def _entries(webhook: Any) -> Iterator[Incoming]:
    if not isinstance(webhook, dict):
        yield _odd("", "webhook", webhook)
        return
    if "entry" not in webhook:
        yield from _bare(webhook)
    elif webhook["entry"] and not isinstance(webhook["entry"], dict | list):
        yield _odd("", "entry", webhook["entry"])
    for entry in leaves(webhook, "entry"):
        if isinstance(entry, dict):
            yield from _entry(entry)
        else:
            yield _odd("", "entry", entry)


def _entry(entry: Values) -> Iterator[Incoming]:
    at, business = _bounded(moment(entry.get("time"))), text_id(entry.get("id"))
    for change in leaves(entry, "changes"):
        if not isinstance(change, dict):
            yield _odd(business, "change", change)
            continue
        values = leaves(change, "value")
        for value in values or [change.get("value")]:
            yield from _change(business, at, {**change, "value": value} if "value" in change else change)
    for name in entry.keys() - {"id", "time", "changes"}:
        if entry[name]:
            yield _odd(business, f"entry {name}", entry[name])


def _odd(business: str, name: str, thing: Any) -> Incoming:
    """Something where it is not expected, kept as it is."""
    return messages.unsupported(Place(business, times.now(), {}), name, {name: thing})


def _bare(webhook: Values) -> Iterator[Incoming]:
    """A change that came without its frame, as samples and resellers send it."""
    if part(webhook, "value"):
        yield from _change("", times.now(), webhook)
    elif READERS.keys() & webhook.keys():
        yield from _change("", times.now(), {"field": "messages", "value": webhook})


def _change(business: str, at: datetime, change: Values) -> Iterator[Incoming]:
    value, name = part(change, "value"), text(change, "field")
    number = text_id(part(value, "metadata").get("phone_number_id"))
    place = Place(number or business, at, value)
    found = [*_listed(place), *_history(place)]
    found = [*found, *_beside(place, found)] if found else _rest(place, name, change)
    for one in found:
        bounded = _bounded(one.provider_at)
        if business and one.what == "account":
            yield replace(one, provider_at=bounded, headers={**one.headers, "waba_id": business})
        else:
            yield one if bounded is one.provider_at else replace(one, provider_at=bounded)


def _listed(place: Place) -> Iterator[Incoming]:
    for name in _named(place):
        yield from (READERS[name](place, one) for one in parts(place.value, name))


def _named(place: Place) -> list[str]:
    """Which of the lists this change holds, in the order in which they are read."""
    return [name for name in READERS if name in place.value]


def _beside(place: Place, found: Sequence[Incoming]) -> Iterator[Incoming]:
    """What stands beside the things that people did: of another kind, or in a form of its own."""
    for name in _named(place):
        odd = [one for one in leaves(place.value, name) if not isinstance(one, dict)]
        if odd:
            yield messages.unsupported(place, name, {name: odd})
    said = {*NOTHING_BESIDE, *READERS, "history", "event"}
    if any(one.headers.get("form") == "unsupported" or one.what == "status" for one in found):
        said.add("errors")  # they say why
    for name in place.value.keys() - said:
        if place.value[name] and isinstance(place.value[name], dict | list):
            yield messages.unsupported(place, name, {name: place.value[name]})


def _history(place: Place) -> Iterator[Incoming]:
    for chunk in parts(place.value, "history"):
        for thread in parts(chunk, "threads"):
            yield from (messages.from_history(place, thread, one) for one in parts(thread, "messages"))


def _rest(place: Place, name: str, change: Values) -> list[Incoming]:
    """A change without anything a person did: news about the account, an error, nothing, or something unknown."""
    if name in happenings.ACCOUNT_FIELDS:
        return [happenings.news(place, name)]
    if name == "user_id_update" and place.value:
        return [happenings.new_id(place, place.value)]
    errors = parts(place.value, "errors")
    if errors:
        return [happenings.trouble(place, one) for one in errors]
    if change and place.value.keys() <= NOTHING_BESIDE and isinstance(change.get("value"), dict):
        return []
    lists = (place.value.get(one) for one in (*READERS, "history"))
    if any(one == [] for one in lists):
        return []
    return [messages.unsupported(place, name or "change", change)]


def _bounded(at: datetime | None) -> datetime:
    """A moment in the future would stand above everything for ever, so it counts as now; so does none."""
    now = times.now()
    return at if at and at <= now + AHEAD else now
