"""The few honest figures, from the rows themselves. Weeks and months are those of the desk's time zone.

What needs an answer: a conversation that is neither nonsense nor a mere reaction and was not closed as needing none.
Unknown stays unknown: a week without anything that needed an answer has no share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import caches
from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Q,
    QuerySet,
)
from django.db.models.functions import Extract, TruncWeek

from ganzohr.inbox.models import Conversation, Kind

T = TypeVar("T")
WEEKS = 11
VERY_MUCH, KEPT = 10_000, 600
NO_ANSWER = (Conversation.Reason.NO_ANSWER_NEEDED, Conversation.Reason.NONSENSE)


class Median(Aggregate):
    """The middle value (PostgreSQL `percentile_cont`); NULL where nothing is known."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True)
class Week:
    """One week: how many conversations needed an answer, how many have none (the same for public comments alone), and
    the median seconds to the first answer."""

    starts_at: datetime
    needed: int
    unanswered: int
    median_seconds: float | None
    comments: int = 0
    comments_unanswered: int = 0

    @property
    def share(self) -> float | None:
        """Of a hundred public comments, how many stayed without an answer; None where none needed one."""
        return 100 * self.comments_unanswered / self.comments if self.comments else None

    @property
    def number(self) -> int:
        """The ISO week."""
        return self.starts_at.isocalendar().week


def needing_answer(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Those of the conversations that somebody was owed an answer in."""
    return conversations.exclude(kind__in=[Kind.NONSENSE, Kind.REACTION]).exclude(
        first_answered_at=None, state=Conversation.State.CLOSED, reason__in=NO_ANSWER
    )


def answer_seconds() -> Extract:
    """Seconds from the first message to the first answer of a person."""
    span = ExpressionWrapper(F("first_answered_at") - F("created_at"), output_field=DurationField())
    return Extract(span, "epoch")


def monday(at: datetime) -> datetime:
    """The beginning of the local week of a moment."""
    local = at.astimezone(zone())
    return (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


def zone() -> ZoneInfo:
    """The one time zone of the desk."""
    return ZoneInfo(settings.TIME_ZONE)


def weeks(conversations: QuerySet[Conversation], at: datetime, count: int = WEEKS) -> list[Week]:
    """The last `count` local weeks up to the one of `at`, oldest first, also those in which nothing happened.

    What is not answered yet but promised for later does not count yet.
    """
    starts = [monday(at) - timedelta(weeks=back) for back in reversed(range(count))]
    starts = [monday(start + timedelta(days=3)) for start in starts]
    rows: Any = (
        needing_answer(conversations)
        .exclude(first_answered_at=None, due_at__gt=at)
        .filter(created_at__gte=starts[0])
        .annotate(week=TruncWeek("created_at", tzinfo=zone()))
        .values("week")
        .annotate(
            needed=Count("id"),
            unanswered=Count("id", filter=Q(first_answered_at=None)),
            comments=Count("id", filter=Q(is_public=True)),
            comments_unanswered=Count("id", filter=Q(is_public=True, first_answered_at=None)),
            median=Median(answer_seconds(), filter=Q(first_answered_at__isnull=False)),
        )
        .order_by("week")
    )
    found = {row["week"].date(): row for row in rows}
    return [_week(start, found.get(start.date())) for start in starts]


def weeks_lately(conversations: QuerySet[Conversation], at: datetime, sites: Sequence[int] | None) -> list[Week]:
    """As `weeks` for whoever sees these sites; where that means counting very much, at most ten minutes old."""
    named = f"weeks:{monday(at).date()}"
    return lately(named, sites, lambda: weeks(conversations, at), lambda found: sum(week.needed for week in found))


def lately(named: str, sites: Sequence[int] | None, count: Callable[[], T], much: Callable[[T], int]) -> T:
    """What is counted for whoever sees these sites; where that was very much, at most ten minutes old."""
    key = f"{named}:{'all' if sites is None else ','.join(map(str, sites))}"
    kept: T | None = caches["process"].get(key)
    if kept is None:
        kept = count()
        if much(kept) >= VERY_MUCH:
            caches["process"].set(key, kept, KEPT)
    return kept


def _week(start: datetime, row: dict[str, Any] | None) -> Week:
    if row is None:
        return Week(start, 0, 0, None)
    return Week(start, row["needed"], row["unanswered"], row["median"], row["comments"], row["comments_unanswered"])


def median(values: Sequence[Week]) -> float | None:
    """The newest known median in seconds."""
    return next((week.median_seconds for week in reversed(values) if week.median_seconds is not None), None)
