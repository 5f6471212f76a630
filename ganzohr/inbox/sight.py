"""What belongs to which conversations, for users who see only some of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import OuterRef, QuerySet
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.inbox.models import Conversation, Message


def contacts_at(sites: Collection[int]) -> QuerySet[Any, Any]:
    """Who wrote to these sites."""
    return Conversation.objects.filter(site_id__in=sites).values("contact")


def outgoing_at(sites: Collection[int]) -> QuerySet[Any, Any]:
    """What leaves as part of conversations at these sites: looked up for each row of the question this stands in,
    which are few beside all that ever left a large site."""
    return Message.objects.filter(outgoing=OuterRef("pk"), conversation__site_id__in=sites).values("outgoing")


def talks(user: User, outgoing_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Who each of these outgoing things is for and where their conversation stands, if this user sees it; one query."""
    wanted = Message.objects.filter(
        outgoing__in=list(outgoing_ids), conversation__in=Conversation.objects.visible_to(user)
    )
    rows = wanted.select_related("conversation__channel", "conversation__handle", "conversation__contact").order_by()
    return {
        row.outgoing_id: (row.conversation.person, reverse("inbox:conversation", args=[row.conversation_id]))
        for row in rows
        if row.outgoing_id
    }
