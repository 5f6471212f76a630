"""What this room holds about a person: raw deliveries of theirs (14 days) and what was or will be sent to them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BinaryField, Lookup, Q, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from ganzohr.channels import accounts, days, reading_back
from ganzohr.channels.connectors.base import Incoming
from ganzohr.channels.models import Channel, Delivery, Outgoing, PlatformRequest
from ganzohr.core.people import Handle, Person
from ganzohr.ui import live

UNNAMED = "unknown:"
WORD = re.compile(rb"[^\s\"'<>()\[\]{},;:]+")
NAMES_OF_PEOPLE = (
    "to",
    "person",
    "visit",
    "recipient_id",
    "recipient",
    "sender_id",
)  # where connectors' targets say whom they lead to


@transaction.atomic(savepoint=False)
def held(person: Person) -> dict[str, QuerySet[Any]]:
    """What there is, by kind, to be counted in one question; telling deliveries apart takes some more.

    Counted in a transaction around both, none of it is away for a moment (`days`).
    """
    days.all_in_place()
    raw = [row.pk for row in _deliveries(person)]
    return {
        "deliveries": Delivery.objects.filter(pk__in=raw),
        "outgoing": _outgoing(person),
        "platform_requests": _requests(person),
    }


@transaction.atomic(savepoint=False)
def export(person: Person) -> dict[str, Any]:
    """What was received raw and what was sent, in plain values."""
    days.all_in_place()
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
                "text": row.payload.get("text", "") or row.payload.get("reaction", ""),
            }
            for row in _outgoing(person)
        ],
        "platform_requests": [
            {"at": row.received_at.isoformat(), "kind": row.kind, "known_as": row.subject} for row in _requests(person)
        ],
    }


@transaction.atomic
def erase(person: Person) -> dict[str, int]:
    """Remove both; what waited never leaves. Keys of deliveries stay: they are hashes and bring nothing back."""
    days.all_in_place()
    raw = [row.pk for row in _deliveries(person)]
    Delivery.objects.filter(pk__in=raw).delete()
    gone = {"deliveries": len(raw), "outgoing": _outgoing(person).count()}
    _outgoing(person).delete()
    gone["platform_requests"] = _requests(person).update(subject="")
    live.touch("outbox")
    return gone


def forget_unread(is_theirs: Callable[[Handle, datetime], bool]) -> int:
    """Remove what nobody could read so far and is by nobody but those whom this knows by their handle, at the moment
    it came; how many. Nobody needs to be known here: told by the connector, or by every word of the bytes where it
    cannot or must not read them. What still waits to be read is not looked at."""
    aside = Delivery.objects.filter(state__in=(Delivery.State.FAILED, Delivery.State.UNSUPPORTED))
    of_apps: dict[tuple[int | None, str], list[int]] = defaultdict(list)
    for pk, app_id, kind in Channel.objects.exclude(app=None).values_list("pk", "app_id", "kind"):
        of_apps[app_id, kind].append(pk)
    gone = []
    for row in aside.select_related("channel__app", "app").order_by("id").iterator(chunk_size=50):
        if _is_all_by(row, [row.channel_id] if row.channel_id else of_apps[row.app_id, row.kind], is_theirs):
            gone.append(row.pk)
    Delivery.objects.filter(pk__in=gone).delete()
    return len(gone)


def _is_all_by(row: Delivery, homes: Sequence[int], is_theirs: Callable[[Handle, datetime], bool]) -> bool:
    def is_meant(name: str) -> bool:
        return any(is_theirs(Handle(home, name), row.received_at) for home in homes)

    said = _read(row)
    if said is None:
        return any(is_meant(word.decode("utf-8", "replace")) for word in set(WORD.findall(bytes(row.body))))
    return bool(said) and all(any(map(is_meant, {one.sender_id, *one.also_known_as} - {""})) for one in said)


def _outgoing(person: Person) -> QuerySet[Outgoing]:
    chosen = Q(pk=None)
    for channel_id, external_id in person.handles:
        for name in NAMES_OF_PEOPLE:
            chosen |= Q(channel_id=channel_id, **{f"target__{name}": external_id})
        if external_id.startswith(UNNAMED):  # somebody known by nothing but a comment
            chosen |= Q(channel_id=channel_id, target__comment_id=external_id.removeprefix(UNNAMED))
        if "@" in external_id:
            chosen |= Q(channel_id=None, target__to=external_id)
    return Outgoing.objects.filter(chosen).order_by("id")


def _requests(person: Person) -> QuerySet[PlatformRequest]:
    """What a platform asked of us under an id of theirs."""
    chosen = Q(pk=None)
    for channel_id, external_id in person.handles:
        if external_id:
            chosen |= Q(app__channels=channel_id, subject=external_id)
    return PlatformRequest.objects.filter(pk__in=PlatformRequest.objects.filter(chosen).values("pk"))


def _deliveries(person: Person) -> Iterator[Delivery]:
    """Deliveries written by one of these handles: told by the connector, by bare bytes where it cannot or must not
    read them."""
    known = Channel.objects.select_related("app").in_bulk({channel_id for channel_id, _ in person.handles})
    chosen = Q(pk=None)
    for channel_id, external_id in person.handles:
        if (channel := known.get(channel_id)) is None:
            continue
        # the handles of a `hand` channel are made from the words and stand in no bytes
        here = Q(channel=channel) | (Q(app=channel.app, kind=channel.kind) if channel.app else Q(pk=None))
        chosen |= here if channel.kind == "hand" else here & Q(body__holds=external_id.encode())
    rows = Delivery.objects.filter(chosen).select_related("channel__app", "app").order_by("id")
    for row in rows.iterator(chunk_size=50):
        names = {name for channel_id, name in person.handles if _may_hold(row, known.get(channel_id))}
        if _is_by(row, names):
            yield row


def _may_hold(row: Delivery, channel: Channel | None) -> bool:
    return channel is not None and (row.channel_id == channel.pk or (row.app_id or 0) == channel.app_id)


@BinaryField.register_lookup
class _Holds(Lookup):
    """These bytes stand somewhere in the column."""

    lookup_name = "holds"

    def get_prep_lookup(self) -> bytes:
        return bytes(self.rhs)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        column, of_column = self.process_lhs(compiler, connection)
        words, of_words = self.process_rhs(compiler, connection)
        return f"position({words}::bytea in {column}) > 0", [*of_words, *of_column]


def _is_by(row: Delivery, names: set[str]) -> bool:
    said = _read(row)
    if said is None:  # what was written down by hand names nobody in its bytes
        return not _is_hand(row) and _stands_in(row, names)
    return any(names & {one.sender_id, *one.also_known_as} for one in said)


def _read(row: Delivery) -> list[Incoming] | None:
    """What it says; None where its connector cannot or must not read it."""
    if _may_kill(row) and not _is_hand(row):
        return None
    try:
        connector, account = accounts.door_of(row.channel, row.app, row.kind)
        return reading_back.parsed(connector, account, row)
    except Exception:  # damaged, or a fault of the connector, which is no reason to keep anybody
        return None


def _is_hand(row: Delivery) -> bool:
    return row.channel is not None and row.channel.kind == "hand"


def _may_kill(row: Delivery) -> bool:
    """Whether its reader did not come back: nobody watches us here, and a page must not end with it."""
    return row.error == "crashed" or (row.state == Delivery.State.WAITING and row.attempts > 1)


def _stands_in(row: Delivery, names: set[str]) -> bool:
    return any(name.encode() in bytes(row.body) for name in names)
