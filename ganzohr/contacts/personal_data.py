"""What this room holds about a person: name, handles, consents."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from ganzohr.contacts.models import Consent, Contact, Handle
from ganzohr.core.people import Person


def _handles(person: Person) -> QuerySet[Handle]:
    chosen = Q(contact_id=person.contact_id) if person.contact_id else Q(pk=None)
    for channel_id, external_id in person.handles:
        chosen |= Q(channel_id=channel_id, external_id=external_id)
    return Handle.objects.filter(chosen)


def held(person: Person) -> dict[str, QuerySet[Any]]:
    """What there is, by kind, to be counted in one question to the database."""
    handles = _handles(person)
    return {
        "contacts": Contact.objects.filter(Q(pk=person.contact_id) | Q(pk__in=handles.values("contact"))),
        "handles": handles,
        "consents": Consent.objects.filter(handle__in=handles),
    }


def export(person: Person) -> dict[str, Any]:
    """Everything here, in plain values."""
    handles = _handles(person).select_related("channel", "contact").prefetch_related("consents", "other_ids")
    contacts = Contact.objects.filter(pk__in={handle.contact_id for handle in handles} | {person.contact_id or 0})
    return {
        "contacts": [
            {"name": row.name, "language": row.language, "source": row.source, "since": row.created_at.isoformat()}
            for row in contacts
        ],
        "handles": [_handle(handle) for handle in handles],
    }


def _handle(handle: Handle) -> dict[str, Any]:
    return {
        "channel": handle.channel.name,
        "known_as": handle.external_id,
        "also_known_as": [other.value for other in handle.other_ids.all()],
        "name": handle.name,
        "address": handle.address,
        "since": handle.created_at.isoformat(),
        "consents": [
            {
                "kind": given.kind, "version": given.version, "text": given.text,
                "given_at": given.given_at.isoformat(),
                "withdrawn_at": given.withdrawn_at.isoformat() if given.withdrawn_at else None,
            }
            for given in handle.consents.all()
        ],
    }  # fmt: skip


@transaction.atomic
def erase(person: Person) -> dict[str, int]:
    """Remove it all; how many rows of each kind went. What other rooms hang on the contact goes with it."""
    handles = _handles(person)
    contacts = set(handles.values_list("contact_id", flat=True)) | ({person.contact_id} if person.contact_id else set())
    gone = {"handles": handles.count()}
    handles.delete()
    without = Contact.objects.filter(pk__in=contacts, handles=None)
    gone["contacts"] = without.count()
    without.delete()
    return gone
