"""Recognising people outside, and what they agreed to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from ganzohr.audit import actions as audit
from ganzohr.contacts.events import PeopleStopped
from ganzohr.contacts.models import Consent, Contact, Handle, OtherId
from ganzohr.core.events import emit
from ganzohr.core.rows import write
from ganzohr.core.times import now

Key = tuple[int, str]


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


def recognise(strangers: Iterable[Stranger]) -> dict[Key, Handle]:
    """The handle of each, made where it is new, with its contact. Call it inside a transaction.

    The handles stay locked until the transaction ends, so two workers never handle the same person at once. Names and
    addresses that were unknown are filled in; consents are kept in the words and version shown.
    """
    wanted: dict[Key, Stranger] = {}
    for stranger in strangers:
        wanted[stranger.key] = _joined(wanted.get(stranger.key), stranger)
    held = _locked(wanted)
    missing = [stranger for key, stranger in wanted.items() if key not in held]
    if missing:
        _make(missing)
        held = _locked(wanted)
    _fill_in(held, wanted)
    _keep_consents(held, wanted)
    _keep_other_ids(held, wanted)
    return held


def add_handle(contact: Contact, handle: Handle) -> None:
    """This person is known by that handle too; a contact that had nothing but it goes."""
    spare = handle.contact_id
    if Handle.objects.filter(contact_id=spare).exclude(pk=handle.pk).exists():
        return
    handle.contact = contact
    handle.save(update_fields=["contact"])
    Contact.objects.filter(pk=spare, handles=None).delete()


def _joined(first: Stranger | None, second: Stranger) -> Stranger:
    if first is None:
        return second
    return Stranger(
        second.channel_id, second.external_id,
        second.name or first.name, second.language or first.language, first.source or second.source,
        second.address or first.address, second.consent or first.consent,
        tuple(dict.fromkeys((*first.also, *second.also))), second.stopped_at or first.stopped_at,
    )  # fmt: skip


def _locked(wanted: Mapping[Key, Stranger]) -> dict[Key, Handle]:
    """The handle of each, by its own id, else by any other id the channel named for it; all locked in one order."""
    known = _known_ids(wanted)
    rows = (
        Handle.objects.select_for_update(of=("self",))
        .select_related("contact")
        .filter(pk__in=set(known.values()))
        .order_by("id")
    )
    by_pk = {row.pk: row for row in rows}
    found: dict[Key, Handle] = {}
    for key, stranger in wanted.items():
        ids = (known.get((key[0], value[:300])) for value in (key[1], *stranger.also))
        if pk := next((pk for pk in ids if pk in by_pk), None):
            found[key] = by_pk[pk]
    return found


def _known_ids(wanted: Mapping[Key, Stranger]) -> dict[Key, int]:
    channels = {channel for channel, _ in wanted}
    ids = {value[:300] for key, one in wanted.items() for value in (key[1], *one.also)}
    others = OtherId.objects.filter(channel_id__in=channels, value__in=ids).values_list("channel_id", "value", "handle")
    own = Handle.objects.filter(channel_id__in=channels, external_id__in=ids)
    known: dict[Key, int] = {(channel, value): handle for channel, value, handle in others}
    return known | {(channel, value): pk for channel, value, pk in own.values_list("channel_id", "external_id", "pk")}


def _keep_other_ids(held: Mapping[Key, Handle], wanted: Mapping[Key, Stranger]) -> None:
    rows = [
        OtherId(channel_id=key[0], handle=held[key], value=value[:300])
        for key, stranger in wanted.items()
        for value in (key[1], *stranger.also)
        if value and value[:300] != held[key].external_id
    ]
    if rows:
        OtherId.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def change_id(channel_id: int, was: str, now_is: str) -> bool:
    """The channel knows this person by another id from now on; False when we never knew them by the one before.

    Where the new id was somebody already, both become one contact with two handles.
    """
    held = _locked({key: Stranger(*key) for key in ((channel_id, was[:300]), (channel_id, now_is[:300]))})
    before, after = held.get((channel_id, was[:300])), held.get((channel_id, now_is[:300]))
    if before is None or not now_is:
        return False
    if after is None:
        OtherId.objects.bulk_create(
            [OtherId(channel_id=channel_id, handle=before, value=now_is[:300])], ignore_conflicts=True
        )
    elif after.contact_id != before.contact_id:
        add_handle(before.contact, after)
    return True


def known_as(value: str, channel_ids: Iterable[int]) -> list[Contact]:
    """Everybody these channels know by that id, own or other; nobody for an empty one."""
    on = Q(handles__channel_id__in=list(channel_ids))
    is_named = Q(handles__external_id=value) | Q(handles__other_ids__value=value)
    return list(Contact.objects.filter(on & is_named).distinct().order_by("id")) if value else []


def stop(channel_id: int, external_id: str, at: datetime | None) -> None:
    """They said stop at that moment: nothing leaves unasked any more. None: they take it back."""
    handle = _locked({(channel_id, external_id[:300]): Stranger(channel_id, external_id)})
    for row in handle.values():
        row.stopped_at = at
        row.save(update_fields=["stopped_at"])
    _tell_stopped(list(handle.values()) if at else [])


def _tell_stopped(handles: list[Handle]) -> None:
    if handles:
        emit(PeopleStopped(tuple(row.pk for row in handles)))


def _make(missing: list[Stranger]) -> None:
    """New contacts with their handle; a handle somebody else made meanwhile wins and the spare contact goes."""
    at = now()
    contacts = Contact.objects.bulk_create(
        Contact(name=one.name[:160], language=one.language[:5], source=one.source[:120], created_at=at)
        for one in missing
    )
    Handle.objects.bulk_create(
        (
            Handle(
                contact=contact, channel_id=one.channel_id, external_id=one.external_id[:300],
                name=one.name[:160], address=one.address[:300], created_at=at,
            )
            for contact, one in zip(contacts, missing, strict=True)
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    Contact.objects.filter(pk__in=[contact.pk for contact in contacts], handles=None).delete()


def _fill_in(held: Mapping[Key, Handle], wanted: Mapping[Key, Stranger]) -> None:
    handles, contacts = [], []
    for key, handle in held.items():
        stranger, contact = wanted[key], handle.contact
        before = handle.name, handle.address, handle.stopped_at
        handle.name, handle.address = stranger.name[:160] or handle.name, stranger.address[:300] or handle.address
        handle.stopped_at = stranger.stopped_at or handle.stopped_at
        if before != (handle.name, handle.address, handle.stopped_at):
            handles.append(handle)
        known = contact.name, contact.language
        contact.name = contact.name or stranger.name[:160]
        contact.language = contact.language or stranger.language[:5]
        if known != (contact.name, contact.language):
            contacts.append(contact)
    if handles:
        write(handles, ["name", "address", "stopped_at"])
        _tell_stopped([row for key, row in held.items() if wanted[key].stopped_at])
    write(contacts, ["name", "language"])


def _keep_consents(held: Mapping[Key, Handle], wanted: Mapping[Key, Stranger]) -> None:
    at = now()
    rows = [
        Consent(
            handle=held[key],
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
