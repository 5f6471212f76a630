"""What may leave now: rates, lanes and holds, whoever claims."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from ganzohr.audit import actions as audit
from ganzohr.audit.models import Entry
from ganzohr.channels import actions, claiming, holds, outbox, outcomes
from ganzohr.channels.connectors.base import Abilities, Outcome, Rate
from ganzohr.channels.models import Channel, Hold, Outgoing, PublicPost
from ganzohr.core import times
from ganzohr.directory.models import Site
from tests.channels.conftest import Platform

pytestmark = pytest.mark.django_db
ME = audit.round_("test")
AT = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def put(channel: Channel | None, key: str, **values: Any) -> Outgoing:
    values = {"kind": "answer", "target": {"to": key}, "payload": {"text": "Hello"}, **values}
    return actions.enqueue(channel=channel, key=key, **values)


def heard(platform: Platform) -> list[str]:
    return [one.key for one in platform.heard]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    count=st.integers(1, 4),
    seconds=st.sampled_from([1, 60]),
    steps=st.lists(st.tuples(st.floats(0, 40), st.integers(0, 4)), max_size=5),
)
def test_no_span_holds_more_than_its_rate_and_nothing_stays(
    channel: Channel, platform: Platform, count: int, seconds: int, steps: list[tuple[float, int]]
) -> None:
    Outgoing.objects.all().delete()
    platform.heard.clear()
    platform.abilities = Abilities(rates=(Rate(count, seconds),), at_once=4)
    at = AT
    for pause, more in [*steps, *[(seconds + 0.1, 0)] * sum(more for _, more in steps)]:
        at += dt.timedelta(seconds=pause)
        with times.frozen(at):
            for _ in range(more):
                put(channel, f"{Outgoing.objects.count()}")
            outbox.send_waiting()
    fenced = sorted(filter(None, Outgoing.objects.values_list("fenced_at", flat=True)))
    span = dt.timedelta(seconds=seconds)
    assert all(later - first >= span for first, later in zip(fenced, fenced[count:], strict=False))
    assert len(platform.heard) == len(fenced) == sum(more for _, more in steps)


def test_one_account_waits_for_its_rate_while_the_others_leave(channel: Channel, platform: Platform) -> None:
    two = Channel.objects.create(kind="standin", name="Two", key="k2")
    platform.abilities = Abilities(rates=(Rate(2, 60),))
    with times.frozen(AT):
        for number in range(3):
            put(channel, f"one-{number}")
        put(two, "two")
        outbox.send_waiting()
        assert sorted(heard(platform)) == ["one-0", "one-1", "two"]
    with times.frozen(AT + 61 * SECOND):
        outbox.send_waiting()
    assert heard(platform)[-1] == "one-2"


def test_a_throttled_channel_rests_as_long_as_it_is_told_and_stops_no_other(
    channel: Channel, platform: Platform
) -> None:
    two = Channel.objects.create(kind="standin", name="Two", key="k2")
    platform.answers.append(Outcome("refused", code="rate_limited", retry_at=AT + 300 * SECOND))
    with times.frozen(AT):
        put(channel, "throttled")
        outbox.send_waiting()
        put(channel, "behind")
        put(two, "elsewhere")
        outbox.send_waiting()
    with times.frozen(AT + 299 * SECOND):
        outbox.send_waiting()
    assert heard(platform) == ["throttled", "elsewhere"]
    with times.frozen(AT + 301 * SECOND):
        outbox.send_waiting()
    assert sorted(heard(platform)) == ["behind", "elsewhere", "throttled", "throttled"]


def test_signing_in_is_never_behind_other_mails_of_the_desk(
    channel: Channel, platform: Platform, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAIL_URL = "smtp://relay.example.org"
    monkeypatch.setattr(claiming.Door, "abilities", Abilities(rates=(Rate(2, 60),)))
    with times.frozen(AT):
        for number in range(3):
            put(None, f"ask-{number}", kind="ask")
        assert [one.key for one in claiming.fence(8, lambda door: 8)] == ["ask-0", "ask-1"]
        put(None, "sign in", kind="account")
        assert [one.key for one in claiming.fence(8, lambda door: 8)] == ["sign in"]


def test_a_door_opens_wider_with_what_went_well(channel: Channel, platform: Platform) -> None:
    platform.abilities = Abilities(at_once=3)
    door = claiming.Door(channel.pk, "standin", "active")
    flight = outbox.Flight()
    call: Any = type("Call", (), {"outgoing": put(channel, "1")})
    widths = [flight.width(door)]
    for state, code in (("accepted", ""), ("accepted", ""), ("accepted", ""), ("unclear", ""), ("refused", "timeout")):
        flight.learn(call, Outcome(state, code=code))  # type: ignore[arg-type]
        widths.append(flight.width(door))
    assert widths == [1, 2, 3, 3, 1, 0]


@pytest.mark.parametrize(("first", "second_leaves"), [("refused", True), ("unclear", True), ("again", False)])
def test_a_lane_waits_for_what_is_tried_again_and_not_for_what_a_person_must_settle(
    channel: Channel, platform: Platform, first: str, second_leaves: bool
) -> None:
    again = AT + 60 * SECOND if first == "again" else None
    platform.answers.append(Outcome("refused" if first == "again" else first, code="x", retry_at=again))  # type: ignore[arg-type]
    with times.frozen(AT):
        put(channel, "1", lane="l")
        put(channel, "2", lane="l")
        outbox.send_waiting()
    assert heard(platform) == (["1", "2"] if second_leaves else ["1"])


@pytest.mark.django_db(transaction=True)
def test_two_workers_keep_rate_and_lanes_together(channel: Channel, platform: Platform) -> None:
    """Both claim at once, again and again, at one frozen moment: together they never fence more than the rate."""
    platform.abilities = Abilities(rates=(Rate(10, 60),), at_once=8)
    with times.frozen(AT):
        for number in range(36):
            put(channel, str(number), lane=str(number % 12))
    meeting, claimed, failed = threading.Barrier(2), [[], []], []  # type: ignore[var-annotated]

    def work(mine: list[list[str]]) -> None:
        try:
            for turn in range(4):
                meeting.wait(30)
                with times.frozen(AT + turn * 61 * SECOND):
                    got = claiming.fence(8, lambda door: 8)
                    mine.append([one.key for one in got])
                    meeting.wait(30)
                    outcomes.store_all([(one, Outcome("accepted", external_id=one.key)) for one in got])
        except Exception as error:
            failed.append(error)
            meeting.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(mine,)) for mine in claimed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    turns = [one + two for one, two in zip(*claimed, strict=True)]
    assert all(0 < len(turn) <= 10 for turn in turns)
    for turn in turns:
        assert len({int(key) % 12 for key in turn}) == len(turn)
    flat = [key for turn in turns for key in turn]
    assert len(flat) == len(set(flat))
    for lane in range(12):
        mine = [int(key) for key in flat if int(key) % 12 == lane]
        assert mine == sorted(mine)


@pytest.fixture
def many(channel: Channel, platform: Platform) -> list[Outgoing]:
    """One of each: on two channels, at two sites, in two conversations, under a post, and to colleagues."""
    site = Site.objects.create(name="Nord")
    two = Channel.objects.create(kind="standin", name="Two", key="k2", site=site)
    post = PublicPost.objects.create(channel=channel, external_id="p")
    return [
        put(channel, "plain", lane="a"),
        put(channel, "north", site_id=site.pk, lane="b"),
        put(channel, "under", public_post_id=post.pk, lane="c"),
        put(channel, "notice", kind="notice", lane="d"),
        put(two, "two", lane="e"),
        put(None, "ask", kind="ask"),
        put(None, "copy", kind="copy"),
        put(None, "account", kind="account"),
    ]


def scopes() -> dict[str, tuple[dict[str, Any], set[str]]]:
    """Each scope with what it names and what it keeps here."""
    channel = Channel.objects.get(key="k1")
    outside = {"plain", "north", "under", "notice", "two", "copy"}
    return {
        "everything": ({}, outside | {"ask"}),
        "outside": ({}, outside),
        "channel": ({"channel": channel}, {"plain", "north", "under", "notice"}),
        "site": ({"site": Site.objects.get()}, {"north", "two"}),
        "kind": ({"value": "notice"}, {"notice"}),
        "public_post": ({"public_post": PublicPost.objects.get()}, {"under"}),
        "lane": ({"value": "a"}, {"plain"}),
    }


@pytest.mark.parametrize("scope", Hold.Scope.values)
def test_a_hold_keeps_what_it_names_for_the_claim_and_for_the_page_alike(many: list[Outgoing], scope: str) -> None:
    named, kept = scopes()[scope]
    held = holds.hold(scope, ME, why="A careless post", **named)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT o.key FROM channels_outgoing o WHERE {holds.HELD}")
        assert {row[0] for row in cursor.fetchall()} == kept
    assert {one.key for one in Outgoing.objects.all() if holds.holding(one, holds.in_force())} == kept
    assert holds.lift(held, ME) is True
    assert not any(holds.holding(one, holds.in_force()) for one in many)


@pytest.mark.parametrize("scope", Hold.Scope.values)
def test_what_is_let_go_is_chosen_by_the_database_and_what_another_hold_keeps_stays(
    many: list[Outgoing], scope: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    named, kept = scopes()[scope]
    held = holds.hold(scope, ME, why="A careless post", **named)
    assert {one.key for one in holds.let_go_by(held, 99)} == kept
    holds.hold("kind", ME, why="w", value="answer", source="incident:1")
    with django_assert_num_queries(1):
        freed = holds.let_go_by(held, 99)
    rest = sorted(kept & {"notice", "ask", "copy"})
    assert (sorted(one.key for one in freed), len(holds.let_go_by(held, 1))) == (rest, min(1, len(rest)))


def test_a_hold_is_set_once_lifted_once_and_leaves_a_trail(many: list[Outgoing], platform: Platform) -> None:
    held = holds.hold("outside", ME, why="A careless post")
    assert holds.hold("outside", ME, why="again").pk == held.pk
    other = holds.hold("outside", ME, why="An incident", source="incident:1")
    outbox.send_waiting()
    assert platform.heard == []
    assert (holds.lift(held, ME), holds.lift(held, ME)) == (True, False)
    outbox.send_waiting()
    assert platform.heard == []
    holds.lift(other, ME)
    outbox.send_waiting()
    assert len(platform.heard) == 5
    verbs = Entry.objects.filter(object_kind="channels.hold").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["held back", "gave another reason", "held back", "let go", "let go"]


def test_what_had_begun_to_leave_finishes_and_is_counted(channel: Channel, platform: Platform) -> None:
    put(channel, "1", lane="a")
    put(channel, "2", lane="b")
    (begun,) = claiming.fence(1, lambda door: 1)
    held = holds.hold("channel", ME, why="A careless post", channel=channel)
    found = holds.leaving(held)
    assert claiming.fence(8, lambda door: 8) == []
    outcomes.store_all([(begun, Outcome("accepted", external_id="p"))])
    assert (found, holds.leaving(held)) == (1, 0)
    assert list(Outgoing.objects.order_by("id").values_list("state", flat=True)) == ["accepted", "waiting"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_at_full_speed_begins_nothing_after_a_hold(channel: Channel, platform: Platform) -> None:
    """The hold is set while the worker is in the middle of its work; only calls under way then finish."""
    platform.abilities = Abilities(at_once=4)
    for number in range(60):
        put(channel, str(number))
    reached, held = threading.Event(), threading.Event()

    def twentieth() -> Outcome:
        reached.set()
        held.wait(30)
        return Outcome("accepted", external_id="20")

    platform.answers.extend([Outcome("accepted", external_id=str(number)) for number in range(20)])
    platform.answers.append(twentieth)

    def work() -> None:
        outbox.send_waiting()
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert reached.wait(60)
    holds.hold("outside", ME, why="A careless post")
    begun = Outgoing.objects.exclude(state="waiting").count()
    held.set()
    worker.join(60)
    assert len(platform.heard) == Outgoing.objects.filter(state="accepted").count() <= begun + 4
    assert outbox.send_waiting() == 0
