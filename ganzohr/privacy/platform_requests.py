"""Deletions that people asked a platform for: done at once, told on the page the platform shows them."""

from __future__ import annotations

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.channels.events import DeletionAsked
from ganzohr.channels.models import PlatformRequest
from ganzohr.channels.platform_requests import conclude, leave_to_a_person
from ganzohr.contacts.actions import known_as
from ganzohr.privacy.actions import erase as erase_person
from ganzohr.privacy.actions import person_of


def erase(event: DeletionAsked) -> None:
    """Erase whoever is known by the id the platform named, on any channel of its app (later, idempotent)."""
    for request in PlatformRequest.objects.filter(pk__in=event.request_ids, done_at=None).select_related("app"):
        with transaction.atomic():
            found = known_as(request.subject, request.app.channels.values_list("pk", flat=True))
            for contact in found:
                erase_person(person_of(contact), audit.by_candidate(contact.pk), asked_by="platform")
            if found:
                conclude(request.pk, len(found))
            else:
                leave_to_a_person(request)
