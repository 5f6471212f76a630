"""What this room holds about a person outside, and how it goes."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from ganzohr.channels import days
from ganzohr.channels.models import Delivery, Outgoing
from ganzohr.core.people import Person
from ganzohr.website.actions import letter_path
from ganzohr.website.models import Visit


def _visits(person: Person) -> list[Visit]:
    return list(_chosen(person).select_related("channel"))


def _chosen(person: Person) -> QuerySet[Visit]:
    wanted = Q(pk=None)
    for channel_id, external_id in person.handles:
        wanted |= Q(channel_id=channel_id, external_id=external_id)
    return Visit.objects.filter(wanted)


def held(person: Person) -> dict[str, QuerySet[Any]]:
    """What there is, by kind, to be counted in one question to the database."""
    return {"visits": _chosen(person)}


def export(person: Person) -> dict[str, Any]:
    """Every visit of this person in plain values; tokens are not held, so they are not in it."""
    return {
        "visits": [
            {
                "channel": visit.channel.name,
                "begun_at": visit.created_at.isoformat(),
                "language": visit.language,
                "source": visit.source,
                "mail_address": visit.mail_address,
                "erasure_asked_at": visit.erasure_asked_at.isoformat() if visit.erasure_asked_at else None,
            }
            for visit in _visits(person)
        ]
    }


def erase(person: Person) -> dict[str, int]:
    """Visits, their private links, letters not yet sorted or still kept raw, and mail copies; how many of each."""
    with transaction.atomic():
        days.all_in_place()
        visits = _visits(person)
        paths = [letter_path(visit.channel, visit.external_id) for visit in visits]
        ids = [visit.external_id for visit in visits]
        deliveries, _ = Delivery.objects.filter(path__in=paths).delete()
        copies, _ = Outgoing.objects.filter(kind="copy", target__visit__in=ids).delete()
        Visit.objects.filter(pk__in=[visit.pk for visit in visits]).delete()
    return {"visits": len(visits), "deliveries": deliveries, "copies": copies}
