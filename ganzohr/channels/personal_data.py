"""What this room holds about a person: raw deliveries of theirs (14 days) and what was or will be sent to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from ganzohr.channels import accounts
from ganzohr.channels.models import Channel, Delivery, Outgoing
from ganzohr.core import crypto
from ganzohr.core.people import Person
from ganzohr.ui import live

NAMES_OF_PEOPLE = ("to", "person", "visit")  # where connectors' targets say whom they lead to


def export(person: Person) -> dict[str, Any]:
    """What was received raw and what was sent, in plain values."""
    return {
        "deliveries": [
            {"at": row.received_at.isoformat(), "state": row.state, "raw": bytes(row.body).decode("utf-8", "replace")}
            for row in _deliveries(person)
        ],
        "outgoing": [
            {
                "at": row.created_at.isoformat(),
                "kind": row.kind,
                "state": row.state,
                "text": row.payload.get("text", ""),
            }
            for row in _outgoing(person)
        ],
    }


@transaction.atomic
def erase(person: Person) -> dict[str, int]:
    """Remove both; what waited never leaves. Keys of deliveries stay: they are hashes and bring nothing back."""
    raw = [row.pk for row in _deliveries(person)]
    Delivery.objects.filter(pk__in=raw).delete()
    gone = {"deliveries": len(raw), "outgoing": _outgoing(person).count()}
    _outgoing(person).delete()
    live.touch("outbox")
    return gone


def _outgoing(person: Person) -> QuerySet[Outgoing]:
    chosen = Q(pk=None)
    for channel_id, external_id in person.handles:
        for name in NAMES_OF_PEOPLE:
            chosen |= Q(channel_id=channel_id, **{f"target__{name}": external_id})
        if "@" in external_id:
            chosen |= Q(channel_id=None, target__to=external_id)
    return Outgoing.objects.filter(chosen).order_by("id")


def _deliveries(person: Person) -> Iterator[Delivery]:
    """Deliveries written by one of these handles: told by the connector, by bare bytes where it cannot read them."""
    for channel_id, external_id in person.handles:
        channel = Channel.objects.filter(pk=channel_id).first()
        if channel is None:
            continue
        rows = Delivery.objects.filter(channel=channel).order_by("id")
        if channel.kind != "hand":  # whose handles are made from the words and stand in no bytes
            rows = rows.extra(where=["position(%s::bytea in body) > 0"], params=[external_id.encode()])
        yield from (row for row in rows.iterator(chunk_size=50) if _is_by(channel, row, external_id))


def _is_by(channel: Channel, row: Delivery, external_id: str) -> bool:
    try:
        found = accounts.connector_of(channel).parse(accounts.account_of(channel), row.headers, bytes(row.body))
    except (ValueError, crypto.Unreadable):
        return channel.kind != "hand"
    return any(one.sender_id == external_id for one in found)
