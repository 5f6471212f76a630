"""What routing must know, read in a handful of queries however many topics are looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.conf import settings

from ganzohr.core import times
from ganzohr.directory.models import Absence, Colleague
from ganzohr.inbox.models import Conversation
from ganzohr.inquiries.models import ExpertWords, Inquiry
from ganzohr.inquiries.routing import Away, Facts, Person, Post, Route, route, stand_in
from ganzohr.topics.models import Responsibility, Topic


def today() -> dt.date:
    """The date in the time zone of the desk."""
    return times.now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


@dataclass(frozen=True)
class Staff:
    """Everybody who may be asked, by id, with today's absences: read once for many routes."""

    colleagues: dict[int, Colleague]
    facts: Facts


def staff() -> Staff:
    """Everybody, today."""
    colleagues = {row.pk: row for row in Colleague.objects.filter(left_at=None)}
    people = {row.pk: _person(row) for row in colleagues.values()}
    on = today()
    away = Absence.objects.filter(from_on__lte=on, until_on__gte=on)
    absences = [Away(row.colleague_id, row.from_on, row.until_on, row.deputy_id) for row in away]
    return Staff(colleagues, Facts(on, people=people, absences=absences))


def _person(row: Colleague) -> Person:
    return Person(row.pk, frozenset(row.languages), row.deputy_id, bool(row.email))


def routes(
    conversation: Conversation, topics: Iterable[Topic], everybody: Staff, without: Iterable[int] = ()
) -> dict[int, Route]:
    """The route of a conversation for each of these topics, by topic id."""
    wanted = {topic.pk: topic for topic in topics}
    at_site = {
        row.topic_id: Post(row.colleague_id, row.deputy_id)
        for row in Responsibility.objects.filter(topic__in=wanted, site_id=conversation.site_id or 0)
    }
    previous = _previous(conversation, wanted)
    common = replace(everybody.facts, language=conversation.language, without=frozenset(without))
    return {
        topic.pk: route(
            replace(
                common,
                site_post=at_site.get(topic.pk),
                topic_post=Post(topic.responsible_id, topic.deputy_id),
                previous=previous.get(topic.pk),
            )
        )
        for topic in wanted.values()
    }


def represented(colleague: Colleague, everybody: Staff, without: Iterable[int] = ()) -> Route | None:
    """This very colleague, or who stands in for them today."""
    return stand_in(colleague.pk, replace(everybody.facts, without=frozenset(without)))


def _previous(conversation: Conversation, topics: Iterable[int]) -> dict[int, int]:
    """Who last answered this person about each topic."""
    rows = (
        ExpertWords.objects.filter(
            said=ExpertWords.Said.ANSWER,
            colleague__isnull=False,
            inquiry__state=Inquiry.State.ANSWERED,
            inquiry__topic__in=list(topics),
            inquiry__conversation__contact_id=conversation.contact_id,
        )
        .order_by("id")
        .values_list("inquiry__topic_id", "colleague_id")
    )
    return {topic: colleague for topic, colleague in rows if topic is not None and colleague is not None}
