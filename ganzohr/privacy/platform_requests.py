"""Deletions that people asked a platform for: done at once, told on the page the platform shows them."""

from __future__ import annotations

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.channels import platform_requests
from ganzohr.channels.events import DeletionAsked
from ganzohr.channels.models import PlatformRequest
from ganzohr.contacts.actions import known_as
from ganzohr.privacy.actions import erase as erase_person
from ganzohr.privacy.actions import person_of


def erase(event: DeletionAsked) -> None:
    """Erase whoever is known by the id the platform named, on any channel of its app (later, idempotent)."""
    for request in PlatformRequest.objects.filter(pk__in=event.request_ids, done_at=None).select_related("app"):
        names = platform_requests.known_as(request)
        with transaction.atomic():
            found = {contact.pk: contact for channel_id, name in names for contact in known_as(name, [channel_id])}
            for contact in found.values():
                erase_person(person_of(contact), audit.by_candidate(contact.pk), asked_by="platform")
            if found:
                platform_requests.conclude(request.pk, len(found))
            else:
                platform_requests.leave_to_a_person(request)
