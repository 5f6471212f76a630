"""Figures that the topics page shows beside each topic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Count

from ganzohr.core.times import now
from ganzohr.inbox.models import Conversation, Kind
from ganzohr.insights.figures import lately

DAYS = 90


def asked(topic_ids: Sequence[int]) -> dict[int, int]:
    """Questions and complaints of the last 90 days for each of these topics; topics without any are left out. Where
    they are very many, at most ten minutes old."""
    named = f"asked:{hash(tuple(topic_ids))}"
    return lately(named, None, lambda: _asked(topic_ids), lambda found: sum(found.values()))


def _asked(topic_ids: Sequence[int]) -> dict[int, int]:
    rows = (
        Conversation.objects.filter(topic__in=topic_ids, kind__in=[Kind.QUESTION, Kind.COMPLAINT])
        .filter(created_at__gte=now() - timedelta(days=DAYS))
        .values_list("topic")
        .annotate(count=Count("id"))
        .order_by()
    )
    return dict(rows)
