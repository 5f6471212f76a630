"""Today shows what presses first, and figures only once there are some."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ganzohr.accounts.models import User
from ganzohr.audit import actions as audit
from ganzohr.channels import holds, shown
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.contacts.models import Contact, Handle
from ganzohr.core import times
from ganzohr.core.times import now
from ganzohr.desk import today
from ganzohr.desk.facts import facts
from ganzohr.directory.models import Colleague, Site
from ganzohr.inbox.models import Conversation, Message
from ganzohr.topics.models import Topic
from ganzohr.ui import counted
from ganzohr.ui.counted import Count

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return User.objects.create_user("m@x.example", "a short sentence", name="Mia", role="manager", language="en")


@pytest.fixture
def desk(user: User) -> Client:
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def waits(words: str, hours: int, **values: object) -> Conversation:
    channel, _made = Channel.objects.get_or_create(key="k", defaults={"kind": "hand", "name": "By hand"})
    at = now() - timedelta(hours=hours)
    contact = Contact.objects.create(name=words, created_at=at)
    handle = Handle.objects.create(contact=contact, channel=channel, external_id=words, created_at=at)
    return Conversation.objects.create(
        channel=channel, handle=handle, contact=contact, created_at=at, last_activity_at=at, unanswered_since=at,
        first_words=words, kind="question", is_public=True, **values,
    )  # fmt: skip


def test_danger_to_life_stands_first_however_new_it_is(user: User) -> None:
    for number in range(today.SHOWN + 3):
        waits(f"Frage {number}", hours=50 - number)
    waits("Hilfe, mein Vater ist bewusstlos", hours=1)
    found = today.needs(user)
    assert [need.is_emergency for need in found] == [True] + [False] * (today.SHOWN - 1)
    assert [need.conversation.first_words for need in found[1:3]] == ["Frage 0", "Frage 1"]


def test_what_stands_in_the_sentence_and_in_no_row_is_told_below(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "SHOWN", 2)
    monkeypatch.setattr(counted, "CAP", 4)
    for number in range(3):
        waits(f"q{number}", number)
    assert re.findall(r">([^<>]* more in the inbox)<", desk.get("/").content.decode()) == ["1 more in the inbox"]
    waits("q4", 4)
    assert re.findall(r">([^<>]* more in the inbox)<", desk.get("/").content.decode()) == ["2+ more in the inbox"]


def test_the_sentence_hears_of_each_thing_however_much_else_waits(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "CAP", 3)
    for hours in range(5):
        waits(f"q{hours}", hours)
    at = now()
    waits("late", 1, due_at=at - timedelta(hours=1))
    waits("failed", 1, failed_at=at)
    waits("unclear", 1, failed_at=at, failed_how="unclear")
    waits("draft", 1, expert_draft_at=at)
    waits("soon", 1, due_at=at + timedelta(hours=2))
    waits("next", 1, due_at=at + timedelta(hours=1))
    assert today.sums(user, 0, at) == today.Sums(
        questions=3, late=1, failed=1, drafts=1, asked=0, next_due_at=at + timedelta(hours=1)
    )


def test_before_there_are_figures_the_page_says_so_once(desk: Client) -> None:
    empty = desk.get("/").content.decode()
    waits("Frage", hours=1, first_answered_at=now())
    assert (empty.count("The first figures stand here"), empty.count('class="figure"')) == (1, 0)
    assert desk.get("/").content.decode().count('class="figure"') == 2


def test_a_live_refresh_does_not_count_the_weeks_again(desk: Client) -> None:
    waits("Frage", hours=1)
    with CaptureQueriesContext(connection) as whole:
        desk.get("/")
    with CaptureQueriesContext(connection) as part:
        desk.get("/", headers={"HX-Request": "true", "HX-Target": "today"})
    counted = [sum("PERCENTILE_CONT" in query["sql"] for query in held) for held in (whole, part)]
    assert counted == [1, 0]


def test_the_month_says_which_one_it_is_and_leads_to_the_running_one(desk: Client) -> None:
    with times.frozen(datetime(2026, 11, 22, 9, tzinfo=UTC)):
        last, running = desk.get("/month/").content.decode(), desk.get("/month/2026-11/").content.decode()
    assert ("October 2026, the last whole month" in last, "November 2026, still running" in running) == (True, True)
    assert ('href="/month/2026-11/"' in last, "November 2026 (running)" in last) == (True, True)


def test_an_answer_to_be_posted_by_hand_is_one_row_with_that_verb(desk: Client) -> None:
    talk = waits("Frage", hours=1, topic_is_sure=True)
    outgoing = Outgoing.objects.create(
        channel=talk.channel, kind="answer", target={}, payload={"text": "Ja."}, key="a", state="by_hand",
        not_before=now(), created_at=now(),
    )  # fmt: skip
    Message.objects.create(
        conversation=talk, channel=talk.channel, direction="out", text="Ja.", outgoing=outgoing, provider_at=now(),
        received_at=now(),
    )  # fmt: skip
    seen = desk.get("/").content.decode()
    assert ('<span class="need__verb">Post</span>' in seen, "to be posted by hand" in seen) == (True, False)


def test_a_voice_message_is_told_in_its_row(desk: Client) -> None:
    talk = waits("", hours=1)
    Message.objects.create(
        conversation=talk, channel=talk.channel, direction="in", form="voice", provider_at=now(), received_at=now()
    )
    assert '<span class="need__words one-line">Voice message</span>' in desk.get("/").content.decode()


def sent(talk: Conversation, state: str) -> None:
    outgoing = Outgoing.objects.create(
        channel=talk.channel, kind="answer", target={}, payload={"text": "Ja."}, key=f"{talk.pk}", state=state,
        not_before=now(), created_at=now(),
    )  # fmt: skip
    message = Message.objects.create(
        conversation=talk, channel=talk.channel, direction="out", text="Ja.", outgoing=outgoing, provider_at=now(),
        received_at=now(),
    )  # fmt: skip
    Conversation.objects.filter(pk=talk.pk).update(last_message_id=message.pk)


def test_whoever_has_an_answer_that_waits_or_is_unclear_is_not_to_be_answered_again(desk: Client, user: User) -> None:
    held, unclear = waits("Held", hours=1), waits("Unclear", hours=1, failed_at=now(), failed_how="unclear")
    written = waits("Written again", hours=1)
    for talk, state in ((held, "waiting"), (unclear, "unclear"), (written, "waiting")):
        sent(talk, state)
    Conversation.objects.filter(pk=written.pk).update(last_message_id=Message.objects.latest("pk").pk + 1)
    assert {one.conversation.first_words: one.verb for one in today.needs(user)} == {
        "Unclear": "decide", "Written again": "choose",
    }  # fmt: skip
    seen = desk.get("/").content.decode()
    assert ("unclear whether sent" in seen, "did not leave" in seen) == (True, False)
    assert 'href="/outbox/?show=hand">Decide' in seen


def test_whoever_has_an_answer_that_is_held_back_still_stands_on_today(
    desk: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(today, "SHOWN", 1)
    rows = [waits(words, hours=1, due_at=now() + timedelta(hours=due)) for words, due in (("Later", 3), ("Sooner", 2))]
    for talk in rows:
        sent(talk, "waiting")
    line = r'<li class="wait">.*?<span>(\w+)</span>.*?answer held'
    assert re.findall(line, desk.get("/").content.decode()) == []
    hold = holds.hold("everything", audit.round_("test"), why="Crisis")
    page = desk.get("/").content.decode()
    assert (re.findall(line, page), "More held answers: 1" in page) == (["Sooner"], True)
    assert (today.needs(user), [row.first_words for row in today.held(user)]) == ([], ["Sooner", "Later"])
    holds.lift(hold, audit.round_("test"))
    assert today.held(user) == []


def test_everything_unclear_is_one_number_on_every_page(desk: Client, user: User) -> None:
    for kind in ("answer", "read", "notice"):
        channel, _made = Channel.objects.get_or_create(key="k", defaults={"kind": "hand", "name": "By hand"})
        Outgoing.objects.create(
            channel=channel, kind=kind, target={}, payload={}, key=kind, state="unclear", not_before=now(),
            created_at=now(),
        )  # fmt: skip
    (card,) = shown.cards([channel])
    found = today.hands(user, facts(user))["unclear"]
    assert (found, card.hands, shown.hands_waiting(user)) == (Count(2), Count(2), Count(2))


def test_what_needs_a_hand_is_counted_no_further_than_it_is_worth(desk: Client, user: User) -> None:
    talk = waits("Frage", hours=1, topic_is_sure=True)
    states = [("by_hand", talk.channel)] * 150 + [("refused", None)] * 99 + [("refused", talk.channel)] * 9
    made = Outgoing.objects.bulk_create(
        Outgoing(channel=channel, kind="answer", target={}, payload={}, key=f"{number}", state=state, not_before=now(),
                 created_at=now())
        for number, (state, channel) in enumerate(states)
    )  # fmt: skip
    Message.objects.bulk_create(
        Message(conversation=talk, channel=talk.channel, direction="out", outgoing=one, provider_at=now(),
                received_at=now())
        for one in made[:50]
    )  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        found = today._stuck(user)
    assert sum("channels_outgoing" in one["sql"] for one in asked.captured_queries) == 1
    assert found == {"unclear": Count(0), "letters": Count(99), "by_hand": Count(100)}
    seen = desk.get("/").content.decode()
    assert ("99+ answers are to be posted by hand." in seen, "99 mails to colleagues did not arrive." in seen) == (
        True, True,
    )  # fmt: skip


def many(count: int, **values: object) -> list[Outgoing]:
    begun = Outgoing.objects.count()
    return Outgoing.objects.bulk_create(
        Outgoing(target={}, payload={}, key=f"{begun + number}", not_before=now(), created_at=now(), **values)
        for number in range(count)
    )


def test_what_needs_somebody_is_told_however_much_like_it_came_later(user: User) -> None:
    nord, sued = (Site.objects.create(name=name) for name in ("Nord", "Süd"))
    mine, other = (Channel.objects.create(kind="mail", name=at.name, key=at.name, site=at) for at in (nord, sued))
    limited = User.objects.create_user("n@x.example", "a short sentence", role="manager", language="en")
    Colleague.objects.create(name="Nils", user=limited).limited_to.add(nord)
    talk = waits("Frage", hours=1, site=nord)
    (shared,) = many(1, kind="answer", state="unclear", channel=talk.channel)
    Message.objects.create(conversation=talk, channel=talk.channel, direction="out", outgoing=shared,
                           provider_at=now(), received_at=now())  # fmt: skip
    many(1, kind="ask", state="refused", channel=None)
    many(1, kind="answer", state="unclear", channel=mine)
    many(1, kind="answer", state="by_hand", channel=mine)
    many(1, kind="read", state="refused", channel=mine)
    for state in ("refused", "unclear", "by_hand"):
        many(1001, kind="answer", state=state, channel=other)
    with CaptureQueriesContext(connection) as asked:
        said = [shown.hands_waiting(user), shown.hands_waiting(limited)]
    told = [today._stuck(user), today._stuck(limited)]
    hands = {card.channel: card.hands for card in shown.cards([mine, other])}
    assert told == [
        {"unclear": Count(100), "letters": Count(1), "by_hand": Count(100)},
        {"unclear": Count(2), "letters": Count(0), "by_hand": Count(1)},
    ]
    assert (said, hands) == ([Count(100), Count(3)], {mine: Count(2), other: Count(100)})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE channels_outgoing")
        cursor.execute(f"EXPLAIN {asked.captured_queries[1]['sql']}")
        assert re.findall(r"Sort|Seq Scan|using (\w+)", "".join(row[0] for row in cursor)) == ["outgoing_hand"]


def test_an_account_that_is_still_being_connected_needs_nobody_yet(desk: Client) -> None:
    for name, settings in (("Werk Süd", {"is_unfinished": True}), ("Werk Nord", {})):
        Channel.objects.create(kind="mail", name=name, key=name, settings=settings, problem="login_refused")
    seen = desk.get("/").content.decode()
    assert ("Werk Süd" in seen, "Werk Nord" in seen) == (False, True)


def test_the_topics_of_a_month_add_up(desk: Client) -> None:
    with times.frozen(datetime(2026, 11, 22, 9, tzinfo=UTC)):
        for number in range(15):
            topic = Topic.objects.create(slug=f"t{number}", names={"en": f"Topic {number}"})
            for _ in range(15 - number):
                waits(f"Frage {number}.{_}", hours=1, topic=topic)
        seen = desk.get("/month/2026-11/").content.decode()
    rows = re.findall(r'<th scope="row">(.*?)</th>.*?<td class="number">(\d+)', seen)
    assert (len(rows), rows[-1], sum(int(asked) for _name, asked in rows)) == (13, ("3 further topics", "6"), 120)


@pytest.mark.django_db
def test_weeks_that_count_very_much_are_counted_once_in_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.cache import caches

    from ganzohr.insights import figures

    monkeypatch.setattr(figures, "VERY_MUCH", 0)
    counted: list[int] = []

    def weeks(*_given: object) -> list[figures.Week]:
        counted.append(1)
        return []

    monkeypatch.setattr(figures, "weeks", weeks)
    try:
        for sites in (None, None, [1]):
            figures.weeks_lately(Conversation.objects.none(), now(), sites)
    finally:
        caches["process"].clear()
    assert len(counted) == 2
