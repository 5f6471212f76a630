"""One month in figures for the boss: what was asked, answered, how fast, what it cost the experts. Nobody is ranked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import ExtractHour

from ganzohr.inbox.models import Conversation, Kind
from ganzohr.inquiries.models import ExpertWords, Inquiry
from ganzohr.insights.figures import Median, answer_seconds, needing_answer, zone
from ganzohr.knowledge.models import Click

EVENING = (18, 24)


@dataclass(frozen=True)
class TopicRow:
    """How often a topic was asked about and how often it was answered in a month."""

    topic_id: int | None
    asked: int
    answered: int


@dataclass(frozen=True)
class Month:
    """The figures of one local month. Medians in seconds; None is unknown. `minutes_unknown` counts the answers of
    experts whose time nobody knows (those that came by mail)."""

    first_on: date
    questions: int
    answered: int
    praise: int
    public: int
    public_unanswered: int
    median_seconds: float | None
    evenings: int
    total: int
    without_expert: int
    expert_minutes: int
    expert_answers: int
    minutes_unknown: int
    clicks: int
    topics: tuple[TopicRow, ...]


def bounds(first_on: date) -> tuple[datetime, datetime]:
    """The local month as two aware moments, the second one not included."""
    start = datetime(first_on.year, first_on.month, 1, tzinfo=zone())
    following = date(first_on.year + first_on.month // 12, first_on.month % 12 + 1, 1)
    return start, datetime(following.year, following.month, 1, tzinfo=zone())


def month(conversations: QuerySet[Conversation], clicks: QuerySet[Click], first_on: date) -> Month:
    """The month that begins on `first_on`, of these conversations and clicks; five queries, whatever there is."""
    start, end = bounds(first_on)
    began = conversations.filter(created_at__gte=start, created_at__lt=end)
    counts = _counts(began)
    words = _words(began)
    return Month(
        first_on=first_on,
        expert_minutes=words["spent"] or 0,
        expert_answers=words["answers"],
        minutes_unknown=words["unknown"],
        clicks=_clicks(clicks, start.date(), end.date()),
        topics=_topics(began),
        **counts,
    )


def _counts(began: QuerySet[Conversation]) -> dict[str, Any]:
    asked = Exists(Inquiry.objects.filter(conversation=OuterRef("pk")).exclude(asked_at=None))
    answered = Q(first_answered_at__isnull=False)
    question = Q(kind__in=[Kind.QUESTION, Kind.COMPLAINT])
    counts: dict[str, Any] = (
        needing_answer(began)
        .annotate(hour=ExtractHour("created_at", tzinfo=zone()), was_asked=asked)
        .aggregate(
            total=Count("id"),
            questions=Count("id", filter=question),
            answered=Count("id", filter=question & answered),
            praise=Count("id", filter=Q(kind=Kind.PRAISE)),
            public=Count("id", filter=Q(is_public=True)),
            public_unanswered=Count("id", filter=Q(is_public=True) & ~answered),
            median_seconds=Median(answer_seconds(), filter=answered),
            evenings=Count("id", filter=Q(hour__gte=EVENING[0], hour__lt=EVENING[1])),
            without_expert=Count("id", filter=question & answered & Q(was_asked=False)),
        )
    )
    return counts


def _words(began: QuerySet[Conversation]) -> dict[str, Any]:
    said: dict[str, Any] = ExpertWords.objects.filter(
        said=ExpertWords.Said.ANSWER, inquiry__conversation__in=began.values("pk")
    ).aggregate(spent=Sum("minutes"), answers=Count("id"), unknown=Count("id", filter=Q(minutes=None)))
    return said


def _clicks(clicks: QuerySet[Click], start: date, end: date) -> int:
    return clicks.filter(on__gte=start, on__lt=end).aggregate(sum=Sum("count"))["sum"] or 0


def _topics(began: QuerySet[Conversation]) -> tuple[TopicRow, ...]:
    rows = (
        needing_answer(began)
        .filter(kind__in=[Kind.QUESTION, Kind.COMPLAINT])
        .values(key=F("topic_id"))
        .annotate(asked=Count("id"), answered=Count("id", filter=Q(first_answered_at__isnull=False)))
        .order_by("-asked", "key")
    )
    return tuple(TopicRow(row["key"], row["asked"], row["answered"]) for row in rows)
