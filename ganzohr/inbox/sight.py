"""What belongs to conversations at some sites, for users who see no others."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from ganzohr.inbox.models import Conversation, Message


def contacts_at(sites: Collection[int]) -> QuerySet[Any, Any]:
    """Who wrote to these sites."""
    return Conversation.objects.filter(site_id__in=sites).values("contact")


def outgoing_at(sites: Collection[int]) -> QuerySet[Any, Any]:
    """What leaves as part of conversations at these sites."""
    return Message.objects.filter(conversation__site_id__in=sites, outgoing__isnull=False).values("outgoing")
