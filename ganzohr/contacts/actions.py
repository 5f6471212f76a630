"""Recognising people outside, and what they agreed to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from ganzohr.audit import actions as audit
from ganzohr.contacts.events import PeopleJoined, PeopleStopped
from ganzohr.contacts.models import Consent, Contact, Handle, OtherId
from ganzohr.core.events import emit
from ganzohr.core.rows import change
from ganzohr.core.times import now

Key = tuple[int, str]
KNOWN = "h.id, h.contact_id, h.channel_id, h.external_id, h.name, h.address, h.stopped_at, c.name, c.language"
NAMED = "(SELECT * FROM unnest(%s::bigint[], %s::text[]))"

LOOK = f"""
SELECT false, channel_id, value, handle_id FROM contacts_otherid WHERE (channel_id, value) IN {NAMED}
UNION ALL SELECT true, channel_id, external_id, id FROM contacts_handle WHERE (channel_id, external_id) IN {NAMED}
"""  # noqa: S608  no values in it

# One lock for each name, or all at once where they are so many that they would fill the database's table of locks.
NAMES, MOST_NAMES = 0x6E616D65, 500  # "name"
ALONE = """
SELECT pg_advisory_xact_lock_shared(%s)
UNION ALL SELECT pg_advisory_xact_lock(hashtextextended(value, channel_id))
    FROM unnest(%s::bigint[], %s::text[]) AS one(channel_id, value)
"""
ALONE_WITH_ALL = "SELECT pg_advisory_xact_lock(%s)"

# What a colleague wrote down of whoever goes stays, where nothing is known of whoever stays.
INHERIT = """
UPDATE contacts_contact stays SET name = coalesce(nullif(stays.name, ''), goes.name),
  language = coalesce(nullif(stays.language, ''), goes.language),
  source = coalesce(nullif(stays.source, ''), goes.source)
FROM contacts_contact goes WHERE stays.id = %(stays)s AND goes.id = %(goes)s
"""

# NO KEY: the commit of a page that wrote a row of this person must not wait for us, who may wait for that page.
LOCK = f"""
SELECT {KNOWN} FROM contacts_handle h JOIN contacts_contact c ON c.id = h.contact_id
WHERE h.id = ANY(%s) ORDER BY h.id FOR NO KEY UPDATE OF h
"""  # noqa: S608  no values in it

# The handle decides: its contact is made only where it is new. The foreign key is looked at when all is done.
MAKE = """
WITH given AS (
    SELECT nextval(pg_get_serial_sequence('contacts_contact', 'id')) AS person, one.*
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS one(channel_id, external_id, name, address, language, source)
), h AS (
    INSERT INTO contacts_handle (contact_id, channel_id, external_id, name, address, created_at)
    SELECT person, channel_id, external_id, name, address, %s FROM given
    ON CONFLICT DO NOTHING RETURNING *
), c AS (
    INSERT INTO contacts_contact (id, name, language, source, created_at)
    SELECT person, given.name, language, source, h.created_at FROM given JOIN h ON h.contact_id = person
    RETURNING *
)
SELECT KNOWN FROM h JOIN c ON c.id = h.contact_id
""".replace("KNOWN", KNOWN)


@dataclass(frozen=True)
class Stranger:
    """Somebody as a channel names them."""

    channel_id: int
    external_id: str
    name: str = ""
    language: str = ""
    source: str = ""
    address: str = ""
    consent: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    stopped_at: datetime | None = None

    @property
    def key(self) -> Key:
        """What is unique about them."""
        return self.channel_id, self.external_id[:300]

    @property
    def names(self) -> list[Key]:
        """Each id the channel named for them, their own first."""
        return [self.key, *((self.channel_id, value[:300]) for value in self.also if value)]


@dataclass(slots=True)
class Known:
    """Somebody a channel knows: a row of handles with the contact it belongs to."""

    id: int
    contact_id: int
    channel_id: int
    external_id: str
    name: str
    address: str
    stopped_at: datetime | None
    contact_name: str
    language: str

    @property
    def key(self) -> Key:
        """What is unique about them."""
        return self.channel_id, self.external_id


def recognise(strangers: Iterable[Stranger]) -> dict[Key, Known]:
    """Who each of them is, made where nobody knew them, with a contact. Call it inside a transaction.

    Their handles, and ids nobody had yet, stay locked until the transaction ends, so two workers never handle the same
    person at once, whatever each was told of who that is. Names and addresses that were unknown are filled in; consents
    are kept in the words and version shown. Two that turn out to be one become one contact with two handles.
    """
    wanted: dict[Key, Stranger] = {}
    for stranger in strangers:
        known = wanted.get(stranger.key)
        wanted[stranger.key] = _joined(known, stranger) if known else stranger
    names = _meant(wanted)
    held = _held(wanted, names)
    missing = [wanted[key] for key in sorted(wanted) if key not in held]
    made = _made(missing) if missing else {}
    held |= made
    if len(held) < len(wanted) or any(name in made for one in wanted.values() for name in one.names[1:]):
        names = _meant(wanted)
        held = _held(wanted, names)
    _fill_in(held, wanted)
    _keep_consents(held, wanted)
    _keep_other_ids(held, wanted, names)
    return held


def add_handle(contact: Contact, handle: Handle) -> bool:
    """This person is known by that handle too, and what was said under it is theirs; whether it was so done.

    The contact that had nothing but this handle goes; one that has more keeps it.
    """
    spare = handle.contact_id
    if Handle.objects.filter(contact_id=spare).exclude(pk=handle.pk).exists():
        return False
    handle.contact = contact
    handle.save(update_fields=["contact"])
    emit(PeopleJoined(contact.pk, (spare,)))
    with connection.cursor() as cursor:
        cursor.execute(INHERIT, {"stays": contact.pk, "goes": spare})
    Contact.objects.filter(pk=spare, handles=None).delete()
    return True


def _joined(first: Stranger, second: Stranger) -> Stranger:
    return Stranger(
        second.channel_id, second.external_id,
        second.name or first.name, second.language or first.language, first.source or second.source,
        second.address or first.address, second.consent or first.consent,
        tuple(dict.fromkeys((*first.also, *second.also))), second.stopped_at or first.stopped_at,
    )  # fmt: skip


def _meant(wanted: Mapping[Key, Stranger]) -> dict[Key, int]:
    """Whose handle each of their names is. Those that are nobody's are ours alone until the transaction ends.

    These locks come before those of handles and in one order, so nobody waits for us while we wait for them.
    """
    named = {name for stranger in wanted.values() for name in stranger.names}
    meant = _look(named)
    if unknown := named - meant.keys():
        with connection.cursor() as cursor:
            if len(unknown) > MOST_NAMES:
                cursor.execute(ALONE_WITH_ALL, [NAMES])
            else:
                cursor.execute(ALONE, [NAMES, *_columns(sorted(unknown))])
        meant |= _look(unknown)  # again: whoever had them before us may have made somebody of them
    return meant


def _look(named: Collection[Key]) -> dict[Key, int]:
    with connection.cursor() as cursor:
        cursor.execute(LOOK, _columns(named) * 2)
        return {(channel, value): handle for _is_own, channel, value, handle in sorted(cursor.fetchall())}


def _columns(named: Collection[Key]) -> list[list[Any]]:
    return [[channel for channel, _ in named], [value for _, value in named]]


def _held(wanted: Mapping[Key, Stranger], meant: Mapping[Key, int]) -> dict[Key, Known]:
    """Each that is known, by their own id, else by any other id the channel named for them; locked in one order."""
    pks = sorted(set(meant.values()))
    rows, held = _lock(pks), dict[Key, int]()
    for key, stranger in wanted.items():
        for pk in [pk for name in stranger.names if (pk := meant.get(name, 0)) in rows]:
            if _become_one(rows[held.setdefault(key, pk)], rows[pk]):
                rows = _lock(pks)
    return {key: rows[pk] for key, pk in held.items()}


def _lock(pks: Sequence[int]) -> dict[int, Known]:
    with connection.cursor() as cursor:
        for _ in range(2):  # who became somebody else's handle while we waited is found the second time
            cursor.execute(LOCK, [list(pks)])
            rows = {row[0]: Known(*row) for row in cursor.fetchall()}
            if len(rows) == len(pks):
                break
    return rows


def _become_one(one: Known, another: Known) -> bool:
    """Two handles the channel calls the same person get one contact, if it may be the one that was here first."""
    if one.contact_id == another.contact_id:
        return False
    old, new = sorted((one, another), key=lambda known: known.contact_id)
    return any(
        add_handle(Contact(pk=stays.contact_id), Handle(pk=goes.id, contact_id=goes.contact_id))
        for stays, goes in ((old, new), (new, old))
    )


def _keep_other_ids(held: Mapping[Key, Known], wanted: Mapping[Key, Stranger], meant: Mapping[Key, int]) -> None:
    rows = [
        OtherId(channel_id=name[0], handle_id=held[key].id, value=name[1])
        for key, stranger in wanted.items()
        for name in stranger.names
        if name not in meant and name != held[key].key
    ]
    if rows:
        OtherId.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def change_id(channel_id: int, was: str, now_is: str) -> bool:
    """The channel knows this person by another id from now on; False when we never knew them by the one before.

    Where the new id was somebody already, both become one contact with two handles.
    """
    both = {key: Stranger(*key) for key in ((channel_id, was[:300]), (channel_id, now_is[:300]))}
    held = _held(both, _meant(both))
    before, after = held.get((channel_id, was[:300])), held.get((channel_id, now_is[:300]))
    if before is None or not now_is:
        return False
    if after is None:
        other = OtherId(channel_id=channel_id, handle_id=before.id, value=now_is[:300])
        OtherId.objects.bulk_create([other], ignore_conflicts=True)
    else:
        _become_one(before, after)
    return True


def known_as(value: str, channel_ids: Iterable[int]) -> list[Contact]:
    """Everybody these channels know by that id, own or other; nobody for an empty one."""
    on = Q(handles__channel_id__in=list(channel_ids))
    is_named = Q(handles__external_id=value) | Q(handles__other_ids__value=value)
    return list(Contact.objects.filter(on & is_named).distinct().order_by("id")) if value else []


def stop(channel_id: int, external_id: str, at: datetime | None) -> None:
    """They said stop at that moment: nothing leaves unasked any more. None: they take it back."""
    wanted = {(channel_id, external_id[:300]): Stranger(channel_id, external_id)}
    handle = _handles(_held(wanted, _meant(wanted)))
    for row in handle.values():
        row.stopped_at = at
        row.save(update_fields=["stopped_at"])
    _tell_stopped([row.pk for row in handle.values()] if at else [])


def _handles(held: Mapping[Key, Known]) -> dict[Key, Handle]:
    rows = Handle.objects.in_bulk([one.id for one in held.values()])
    return {key: rows[one.id] for key, one in held.items()}


def _tell_stopped(handles: Sequence[int]) -> None:
    if handles:
        emit(PeopleStopped(tuple(handles)))


def _made(missing: Sequence[Stranger]) -> dict[Key, Known]:
    """New contacts with their handle; of a handle somebody else made meanwhile nothing is made."""
    given = [
        (one.channel_id, one.external_id[:300], one.name[:160], one.address[:300], one.language[:5], one.source[:120])
        for one in missing
    ]
    with connection.cursor() as cursor:
        cursor.execute(MAKE, [*(list(column) for column in zip(*given, strict=True)), now()])
        made = [Known(*row) for row in cursor.fetchall()]
    return {one.key: one for one in made}


def _fill_in(held: Mapping[Key, Known], wanted: Mapping[Key, Stranger]) -> None:
    handles, contacts = {}, {}
    for key, row in held.items():
        stranger = wanted[key]
        before, known = (row.name, row.address, row.stopped_at), (row.contact_name, row.language)
        row.name, row.address = stranger.name[:160] or row.name, stranger.address[:300] or row.address
        row.stopped_at = stranger.stopped_at or row.stopped_at
        if before != (row.name, row.address, row.stopped_at):
            handles[row.id] = (row.id, row.name, row.address, row.stopped_at)
        row.contact_name = row.contact_name or stranger.name[:160]
        row.language = row.language or stranger.language[:5]
        if known != (row.contact_name, row.language):
            contacts[row.contact_id] = (row.contact_id, row.contact_name, row.language)
    if handles:
        change(Handle, ["name", "address", "stopped_at"], list(handles.values()))
        _tell_stopped([row.id for key, row in held.items() if wanted[key].stopped_at])
    change(Contact, ["name", "language"], list(contacts.values()))


def _keep_consents(held: Mapping[Key, Known], wanted: Mapping[Key, Stranger]) -> None:
    at = now()
    rows = [
        Consent(
            handle_id=held[key].id,
            kind=str(given.get("kind") or "contact")[:40],
            version=str(given.get("version", ""))[:40],
            text=str(given.get("text", "")),
            language=str(given.get("language", ""))[:5],
            given_at=_moment(given.get("given_at")) or at,
        )
        for key, stranger in wanted.items()
        if (given := stranger.consent)
    ]
    if rows:
        Consent.objects.bulk_create(rows, ignore_conflicts=True)


def _moment(value: object) -> datetime | None:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else None


@transaction.atomic
def withdraw_consent(consent: Consent, actor: audit.Actor) -> None:
    """The person no longer agrees; the words agreed to stay as proof of what was."""
    if Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=now()):
        audit.record(actor, "withdrew consent", consent, kind=consent.kind, version=consent.version)


@transaction.atomic
def rename(contact: Contact, name: str, actor: audit.Actor) -> None:
    """Call a person by the name they use; the names channels gave stay with the handles."""
    contact.name = name.strip()[:160]
    contact.save(update_fields=["name"])
    audit.record(actor, "renamed", contact)
