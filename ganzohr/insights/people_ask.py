"""What people ask: topics and kinds by week, and the words that are new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncWeek

from ganzohr.inbox.models import Conversation, Kind, Message
from ganzohr.insights.figures import lately, monday, zone
from ganzohr.insights.new_words import NewWord, new_words

WEEKS = 8
TEXTS = 4000


@dataclass(frozen=True)
class Row:
    """One topic (None: not known) or kind and its counts, a number for each week, oldest first."""

    key: int | str | None
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All weeks together."""
        return sum(self.counts)


@dataclass(frozen=True)
class Asked:
    """All that the page says."""

    topics: list[Row]
    kinds: list[Row]
    words: list[NewWord]


def asked(conversations: QuerySet[Conversation], at: datetime, sites: Sequence[int] | None) -> Asked:
    """What people ask whoever sees these sites; where they are very many, at most ten minutes old."""

    def count() -> Asked:
        return Asked(by_topic(conversations, at), by_kind(conversations, at), words(conversations, at))

    return lately(f"people-ask:{monday(at).date()}", sites, count, lambda found: sum(row.total for row in found.kinds))


def starts(at: datetime, count: int = WEEKS) -> list[datetime]:
    """The beginnings of the last local weeks, oldest first."""
    first = monday(at)
    return [monday(first - timedelta(weeks=back) + timedelta(days=3)) for back in reversed(range(count))]


def by_topic(conversations: QuerySet[Conversation], at: datetime) -> list[Row]:
    """Questions and complaints per topic and week, most asked first; never a person."""
    asked = conversations.filter(kind__in=[Kind.QUESTION, Kind.COMPLAINT])
    return _rows(asked, "topic_id", at)


def by_kind(conversations: QuerySet[Conversation], at: datetime) -> list[Row]:
    """Conversations per kind and week, in the order of `Kind`."""
    rows = {row.key: row for row in _rows(conversations.exclude(kind=""), "kind", at)}
    return [rows[kind.value] for kind in Kind if kind.value in rows]


def words(conversations: QuerySet[Conversation], at: datetime) -> list[NewWord]:
    """What is said in these two weeks by five or more and was rare in the eight weeks before; newest texts first,
    at most 4,000 of each period."""
    border = at - timedelta(weeks=2)
    said = Message.objects.filter(
        direction=Message.Direction.IN, deleted_at=None, conversation__in=conversations.values("pk")
    ).values_list("conversation_id", "text")
    now = said.filter(provider_at__gte=border, provider_at__lte=at).order_by("-provider_at")[:TEXTS]
    before = said.filter(provider_at__gte=border - timedelta(weeks=8), provider_at__lt=border).order_by("-provider_at")
    return new_words(now, before[:TEXTS])


def _rows(conversations: QuerySet[Conversation], column: str, at: datetime) -> list[Row]:
    weeks = starts(at)
    found: dict[int | str | None, dict[object, int]] = defaultdict(dict)
    counted = (
        conversations.filter(created_at__gte=weeks[0], created_at__lte=at)
        .annotate(week=TruncWeek("created_at", tzinfo=zone()))
        .values(column, "week")
        .annotate(count=Count("id"))
        .order_by()
    )
    for row in counted:
        found[row[column]][row["week"].date()] = row["count"]
    rows = [Row(key, tuple(by.get(start.date(), 0) for start in weeks)) for key, by in found.items()]
    return sorted(rows, key=lambda row: (-row.total, str(row.key)))
