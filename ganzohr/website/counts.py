"""How many conversations came which way; reads only."""

from __future__ import annotations

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ganzohr.accounts.models import User
from ganzohr.channels.models import Channel
from ganzohr.inbox.models import Conversation
from ganzohr.website.models import Source


def websites_visible_to(user: User) -> QuerySet[Channel]:
    """The website channels this user may see."""
    return Channel.objects.visible_to(user).filter(kind="website")


def sources_with_counts(channel: Channel) -> QuerySet[Source]:
    """The sources on the list, each with `conversations`; one query."""
    of_code = (
        Conversation.objects.filter(channel=channel, source=OuterRef("code"))
        .order_by()
        .values("source")
        .annotate(n=Count("pk"))
        .values("n")
    )
    count = Coalesce(Subquery(of_code, output_field=IntegerField()), 0)
    return Source.objects.filter(channel=channel, archived_at=None).annotate(conversations=count)


def without_source(channel: Channel) -> int:
    """Conversations of this channel that came without a source."""
    return Conversation.objects.filter(channel=channel, source="").count()
