"""Out of hours: who is told when somebody answers, once, and who never is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from ganzohr.channels.models import Channel
from ganzohr.core import times
from ganzohr.core.words import speak
from ganzohr.directory.hours import Rules, Slot, closed_period, is_open
from ganzohr.directory.models import OpeningHours, OpeningSlot
from ganzohr.inbox import moments, promises
from ganzohr.inbox.events import MessagesUnderstood
from ganzohr.inbox.models import Conversation, Kind, Message, Notice
from ganzohr.inbox.notices import SILENT, Decision, Facts, decide, tell, words
from ganzohr.topics.models import Topic
from tests.inbox.story import Desk

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = Rules(tuple(Slot(day, time(8), time(17)) for day in range(5)), "Europe/Berlin", "DE", "HE")


def berlin(*at: int) -> datetime:
    return datetime(*at, tzinfo=BERLIN).astimezone(UTC)  # type: ignore[arg-type, misc]


FRIDAY_NIGHT = berlin(2026, 11, 20, 22, 13)
ASKED = Facts(asked_at=FRIDAY_NIGHT, kind=Kind.QUESTION)


def test_a_question_on_friday_night_is_told_monday_morning() -> None:
    assert decide(ASKED, WEEK, FRIDAY_NIGHT) == Decision(
        "notice", berlin(2026, 11, 20, 17, 0), berlin(2026, 11, 23, 8, 0)
    )


def test_a_public_holiday_is_skipped() -> None:
    night = berlin(2026, 12, 24, 20, 0)
    decision = decide(replace(ASKED, asked_at=night), WEEK, night)
    assert decision and decision.opens_at == berlin(2026, 12, 28, 8, 0)


def test_the_night_the_clocks_change_is_one_period_and_ends_by_the_new_clock() -> None:
    every_day = Rules(tuple(Slot(day, time(8), time(17)) for day in range(7)), "Europe/Berlin")
    before, after = berlin(2026, 10, 24, 23, 30), berlin(2026, 10, 25, 4, 0)
    first = decide(replace(ASKED, asked_at=before), every_day, before)
    second = decide(replace(ASKED, asked_at=after), every_day, after)
    assert first == second == Decision("notice", berlin(2026, 10, 24, 17, 0), berlin(2026, 10, 25, 8, 0))
    assert first.opens_at == datetime(2026, 10, 25, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "silenced",
    [
        {"is_public": True},
        {"is_machine": True},
        {"is_open": False},
        {"answered_at": berlin(2026, 11, 20, 18, 0)},
        {"asked_at": berlin(2026, 11, 20, 16, 59)},
        *({"kind": kind} for kind in sorted(SILENT)),
    ],
    ids=str,
)
def test_nobody_is_told_who_should_not_be(silenced: dict[str, object]) -> None:
    assert decide(replace(ASKED, **silenced), WEEK, FRIDAY_NIGHT) is None  # type: ignore[arg-type]


def test_an_answer_before_closing_time_does_not_silence_the_night() -> None:
    facts = replace(ASKED, answered_at=berlin(2026, 11, 20, 16, 0))
    assert decide(facts, WEEK, FRIDAY_NIGHT) is not None


def test_a_desk_without_hours_says_monday_on_friday_night() -> None:
    assert decide(ASKED, Rules(), FRIDAY_NIGHT) == Decision(
        "notice", berlin(2026, 11, 20, 17, 0), opens_at=berlin(2026, 11, 23, 8, 0)
    )


def test_nothing_is_promised_where_nobody_ever_comes_back() -> None:
    closed = Rules(
        WEEK.slots, "Europe/Berlin", days_off=frozenset(date(2026, 11, 20) + timedelta(n) for n in range(500))
    )
    assert decide(ASKED, closed, FRIDAY_NIGHT) is None


def test_a_channel_left_behind_gives_its_standing_answer_at_any_hour() -> None:
    since = berlin(2026, 11, 2, 9, 0)
    noon = berlin(2026, 11, 18, 12, 0)
    facts = replace(ASKED, asked_at=noon, left_behind_since=since, has_standing_answer=True)
    assert decide(facts, WEEK, noon) == Decision("standing", since)
    assert decide(replace(facts, has_standing_answer=False), WEEK, noon) is None
    assert decide(replace(facts, is_public=True), WEEK, noon) is None


moments_of_three_years = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001  naive by hypothesis
    lambda at: at.replace(tzinfo=UTC)
)
weeks = st.builds(
    lambda days, opens, closes, zone, country: Rules(
        tuple(Slot(day, time(opens), time(closes)) for day in days), zone, country
    ),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 11),
    st.integers(12, 23),
    st.sampled_from(["Europe/Berlin", "Europe/Amsterdam", "UTC", "Pacific/Auckland", "America/Sao_Paulo"]),
    st.sampled_from(["", "DE", "NL", "AT"]),
)


@given(at=moments_of_three_years, hours=weeks, later=st.timedeltas(timedelta(), timedelta(days=3)))
@settings(max_examples=150, deadline=None)
def test_in_any_week_of_any_zone(at: datetime, hours: Rules, later: timedelta) -> None:
    """Told exactly while closed; the named moment is the very next open one; the whole period is one period."""
    decision = decide(replace(ASKED, asked_at=at), hours, at)
    assert (decision is None) == is_open(hours, at)
    if decision is None:
        return
    assert decision.opens_at is not None
    assert at < decision.opens_at
    assert is_open(hours, decision.opens_at)
    assert not is_open(hours, decision.opens_at - timedelta(seconds=1))
    again = at + later
    if again < decision.opens_at:
        assert decide(replace(ASKED, asked_at=again), hours, again) == decision
        closed = closed_period(hours, again)
        assert closed is not None and closed.end == decision.opens_at


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (berlin(2026, 11, 20, 22, 13), "Monday, 23 November, 8:00"),
        (berlin(2026, 11, 22, 22, 13), "tomorrow, 8:00"),
        (berlin(2026, 11, 23, 0, 30), "today, 8:00"),
    ],
)
def test_the_moment_is_named_as_people_say_it(at: datetime, words: str) -> None:
    with speak("en", "informal"):
        assert moments.by(berlin(2026, 11, 23, 8, 0), at, BERLIN, "en") == words


def test_the_notice_promises_what_the_head_of_the_chat_promises() -> None:
    place = Conversation(channel=Channel(kind="website"), language="en")
    place.channel._inbox_rules = WEEK  # type: ignore[attr-defined]
    with times.frozen(FRIDAY_NIGHT):
        said = words(place, Decision("notice", berlin(2026, 11, 20, 17, 0), berlin(2026, 11, 23, 8, 0)))
        with speak("en", "informal"):
            head = promises.before_writing(place.channel, FRIDAY_NIGHT, "en")
    assert (said, head) == (
        "Thank you for your message. Nobody is here right now; we are back from Monday, 23 November, 8:00. " + head,
        "We answer by Monday, 23 November, 16:00.",
    )


def test_the_notice_says_what_to_do_in_an_emergency() -> None:
    topic = Topic(slug="patient", emergency_note={"de": "Im Notfall wähle 112."})
    place = Conversation(channel=Channel(kind="website"), language="de", topic=topic, topic_is_sure=True)
    said = words(place, Decision("notice", berlin(2026, 11, 20, 17, 0), berlin(2026, 11, 23, 8, 0)))
    assert said.endswith("Im Notfall wähle 112.")


def test_nobody_has_to_post_by_hand_that_nobody_is_here(desk: Desk) -> None:
    hours = OpeningHours.objects.create(name="Büro")
    OpeningSlot.objects.create(hours=hours, weekday=0, opens=time(8), closes=time(17))
    Channel.objects.update(hours=hours)
    target = {"network": "instagram", "link": "https://www.instagram.com/direct/1", "visibility": "private"}
    by_hand = desk.arrive(desk.say(sender_id="instagram:@lena", thread_key="", target=target), channel=desk.hand)
    by_mail = desk.arrive(desk.say())
    with transaction.atomic():
        tell(MessagesUnderstood(tuple(Message.objects.values_list("pk", flat=True))))
    told = Message.objects.filter(is_automatic=True).values_list("conversation", flat=True)
    assert (list(told), by_hand.pk in told) == ([by_mail.pk], False)


def test_who_was_told_already_is_asked_about_once_for_a_whole_batch(desk: Desk) -> None:
    held = [desk.arrive(desk.say(thread_key=f"t{number}")) for number in range(4)]
    told = tuple(Message.objects.filter(conversation__in=held).values_list("pk", flat=True))
    with times.frozen(FRIDAY_NIGHT), transaction.atomic():
        Message.objects.update(provider_at=FRIDAY_NIGHT, kind=Kind.QUESTION)
        tell(MessagesUnderstood(told))
        assert Notice.objects.count() == 4
        with CaptureQueriesContext(connection) as asked:
            tell(MessagesUnderstood(told))
        assert len(asked) == 3  # the messages, who answered them, what was said
        assert Message.objects.filter(is_automatic=True).count() == 4
