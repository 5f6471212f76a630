"""Recognising people outside, and what they agreed to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.contacts.models import Consent, Contact, Handle
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
    )  # fmt: skip


def _locked(wanted: Mapping[Key, Stranger]) -> dict[Key, Handle]:
    rows = (
        Handle.objects.select_for_update(of=("self",))
        .select_related("contact")
        .filter(
            channel_id__in={channel for channel, _ in wanted},
            external_id__in={external_id for _, external_id in wanted},
        )
        .order_by("id")
    )
    return {key: row for row in rows if (key := (row.channel_id, row.external_id)) in wanted}


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
        before = handle.name, handle.address
        handle.name, handle.address = stranger.name[:160] or handle.name, stranger.address[:300] or handle.address
        if before != (handle.name, handle.address):
            handles.append(handle)
        known = contact.name, contact.language
        contact.name = contact.name or stranger.name[:160]
        contact.language = contact.language or stranger.language[:5]
        if known != (contact.name, contact.language):
            contacts.append(contact)
    if handles:
        Handle.objects.bulk_update(handles, ["name", "address"])
    if contacts:
        Contact.objects.bulk_update(contacts, ["name", "language"])


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
