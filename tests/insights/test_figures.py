"""The few honest figures, counted from the rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ganzohr.channels.models import Channel
from ganzohr.contacts.models import Contact, Handle
from ganzohr.inbox.models import Conversation
from ganzohr.insights import figures, people_ask
from ganzohr.insights.month import bounds, month
from ganzohr.knowledge.models import Click

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday


@pytest.fixture
def channel() -> Channel:
    return Channel.objects.create(kind="hand", name="By hand", key="k")


def talk(channel: Channel, at: datetime, answered_after: timedelta | None = None, **values: object) -> Conversation:
    contact = Contact.objects.create(name="A", created_at=at)
    number = Handle.objects.count()
    handle = Handle.objects.create(contact=contact, channel=channel, external_id=str(number), created_at=at)
    given = {"kind": "question", "last_activity_at": at, **values}
    return Conversation.objects.create(
        channel=channel, handle=handle, contact=contact, created_at=at,
        first_answered_at=at + answered_after if answered_after else None, **given,
    )  # fmt: skip


def test_a_week_counts_what_needed_an_answer_and_what_has_none(channel: Channel) -> None:
    talk(channel, NOW - timedelta(hours=1), timedelta(minutes=30))
    talk(channel, NOW - timedelta(hours=2), timedelta(minutes=90))
    talk(channel, NOW - timedelta(hours=3))
    talk(channel, NOW - timedelta(hours=3), kind="nonsense")
    talk(channel, NOW - timedelta(hours=3), state="closed", reason="no_answer_needed")
    week = figures.weeks(Conversation.objects.all(), NOW)[-1]
    assert (week.number, week.needed, week.unanswered, week.median_seconds) == (48, 3, 1, 3600.0)


def test_weeks_begin_on_local_monday_and_empty_ones_are_unknown(channel: Channel) -> None:
    talk(channel, datetime(2026, 11, 15, 23, 30, tzinfo=UTC), is_public=True)  # Monday 0:30 in Berlin
    weeks = figures.weeks(Conversation.objects.all(), NOW, count=3)
    assert [(week.number, week.needed, week.share) for week in weeks] == [(46, 0, None), (47, 1, 100.0), (48, 0, None)]


def test_a_month_ends_where_the_next_one_begins() -> None:
    assert bounds(date(2026, 12, 1)) == (
        datetime(2026, 11, 30, 23, 0, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 0, tzinfo=UTC),
    )


def test_the_month_says_evenings_and_what_needed_no_expert(channel: Channel) -> None:
    talk(channel, datetime(2026, 11, 3, 20, 30, tzinfo=UTC), timedelta(hours=12))
    talk(channel, datetime(2026, 11, 4, 9, 0, tzinfo=UTC), timedelta(hours=2), is_public=True)
    talk(channel, datetime(2026, 11, 5, 9, 0, tzinfo=UTC), is_public=True)
    talk(channel, datetime(2026, 10, 31, 12, 0, tzinfo=UTC))
    found = month(Conversation.objects.all(), Click.objects.all(), date(2026, 11, 1))
    assert (found.questions, found.answered, found.evenings, found.without_expert) == (3, 2, 1, 2)
    assert (found.public, found.public_unanswered, found.median_seconds) == (2, 1, 7 * 3600.0)


def test_topics_and_kinds_are_counted_by_week(channel: Channel) -> None:
    talk(channel, NOW)
    talk(channel, NOW - timedelta(weeks=1), kind="praise")
    assert [(row.key, row.counts[-2:]) for row in people_ask.by_topic(Conversation.objects.all(), NOW)] == [
        (None, (0, 1))
    ]
    assert [(row.key, row.counts[-2:]) for row in people_ask.by_kind(Conversation.objects.all(), NOW)] == [
        ("question", (0, 1)),
        ("praise", (1, 0)),
    ]


def test_topics_show_what_was_asked_in_ninety_days(channel: Channel) -> None:
    from ganzohr.core import times
    from ganzohr.insights.topic_figures import asked
    from ganzohr.topics.models import Topic

    topic = Topic.objects.create(slug="salary", names={"en": "Salary"})
    talk(channel, NOW - timedelta(days=89), topic=topic)
    talk(channel, NOW - timedelta(days=91), topic=topic)
    talk(channel, NOW, topic=topic, kind="praise")
    with times.frozen(NOW):
        assert asked([topic.pk]) == {topic.pk: 1}


def test_what_was_very_much_is_counted_once_in_ten_minutes_for_those_who_see_the_same() -> None:
    from django.core.cache import caches

    from ganzohr.insights.figures import VERY_MUCH, lately

    counted: list[object] = []

    def count() -> int:
        counted.append(1)
        return VERY_MUCH

    try:
        for sites in (None, None, [1, 2], [1, 2], [1]):
            assert lately("test", sites, count, int) == VERY_MUCH
        for _ in range(2):
            assert lately("little", None, count, lambda _found: 1) == VERY_MUCH
    finally:
        caches["process"].clear()
    assert len(counted) == 5
