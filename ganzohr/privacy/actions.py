"""Everything held about one person: handing it over, and erasing it at once from every room."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet, Value

from ganzohr.audit import actions as audit
from ganzohr.contacts.models import Contact, OtherId
from ganzohr.contacts.models import Handle as KnownHandle
from ganzohr.core import times
from ganzohr.core.people import Handle, Person
from ganzohr.privacy import erasures
from ganzohr.privacy.models import Erasure

ROOMS: list[str] = []
"""Dotted modules with `export` and `erase`, top to bottom; filled by config/wiring."""


def person_of(contact: Contact) -> Person:
    """The contact and every handle of theirs, under each id their channel knew it by."""
    own = KnownHandle.objects.filter(contact=contact).values_list("channel_id", "external_id")
    others = OtherId.objects.filter(handle__contact=contact).values_list("channel_id", "value")
    return Person(contact.pk, tuple(Handle(channel, name) for channel, name in own.union(others, all=True)))


def export(person: Person) -> dict[str, Any]:
    """All that every room holds about the person, as JSON: {"inbox": {"messages": […]}, …}; empty rooms are out."""
    parts = {_room(name): import_module(name).export(person) for name in ROOMS}
    return {room: part for room, part in parts.items() if any(part.values())}


@transaction.atomic(savepoint=False)
def held(person: Person) -> dict[str, int]:
    """How many rows of each kind there are over all rooms, in one question; kinds of which nothing is held are out."""
    rooms = [import_module(name).held(person) for name in ROOMS]
    counted = [_count(kind, rows) for room in rooms for kind, rows in room.items()]
    found = counted[0].union(*counted[1:], all=True)
    return {row["what"]: row["how_many"] for row in found if row["how_many"]}


def _count(kind: str, rows: QuerySet[Any]) -> Any:
    return rows.order_by().annotate(what=Value(kind)).values("what").annotate(how_many=Count("pk", distinct=True))


def erase(person: Person, actor: audit.Actor, asked_by: str = "user") -> Erasure:
    """Erase the person from every room in one transaction; what remains is this proof without a name."""
    with transaction.atomic():
        erasure = Erasure.objects.create(
            handle_hashes=sorted(map(erasures.hash_of, person.handles)),
            counts=everywhere(person),
            asked_by=asked_by,
            erased_at=times.now(),
        )
        audit.record(actor, "erased a person", erasure)
        transaction.on_commit(erasures.write_down, robust=True)
    return erasure


def everywhere(person: Person) -> dict[str, dict[str, int]]:
    """Erase from every room; how many rows of which table went."""
    counts = {_room(name): import_module(name).erase(person) for name in ROOMS}
    return {room: {table: count for table, count in part.items() if count} for room, part in counts.items()}


def _room(module: str) -> str:
    return module.split(".")[1]
