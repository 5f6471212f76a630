"""The bytes of a delivery as everything they say. Tolerant: what is missing or odd costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ganzohr.channels.connectors.base import Incoming
from ganzohr.channels.connectors.meta.values import loads, moment, part, parts, snake, text, text_id
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
    try:
        found = snake(loads(body))
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return [one for webhook in _webhooks(found) for one in _entries(webhook)]


def _webhooks(found: Any) -> Sequence[dict[str, Any]]:
    webhooks = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in webhooks):
        raise ValueError("no webhook of WhatsApp")
    return webhooks


def _entries(webhook: Values) -> Iterator[Incoming]:
    if "entry" not in webhook:
        yield from _bare(webhook)
    for entry in parts(webhook, "entry"):
        at = _bounded(moment(entry.get("time")))
        for change in parts(entry, "changes"):
            yield from _change(text_id(entry.get("id")), at, change)


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
    if not found:
        found = _rest(place, name, change)
    for one in found:
        headers = {**one.headers, "waba_id": business} if business and one.what == "account" else one.headers
        yield replace(one, provider_at=_bounded(one.provider_at), headers=headers)


def _listed(place: Place) -> Iterator[Incoming]:
    for name, read in READERS.items():
        things = parts(place.value, name) or [one for one in (part(place.value, name),) if one]
        yield from (read(place, one) for one in things)


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
