"""Raw deliveries lie by days: a day goes at once, and nothing that waits for somebody goes with it."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.db import connection

from ganzohr.channels import actions, days, intake, personal_data
from ganzohr.channels.line import parameters
from ganzohr.channels.models import Channel, Delivery, DeliveryKey
from ganzohr.core import times
from ganzohr.core.people import Handle, Person

pytestmark = pytest.mark.django_db
OTHER = "channels_delivery_other"


def settle() -> None:
    """As after a commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def later(**words: int) -> dt.datetime:
    return times.now() + dt.timedelta(**words)


def where() -> dict[str, str]:
    """In which table each delivery lies, by its words."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT convert_from(body, 'UTF8'), tableoid::regclass::text FROM channels_delivery")
        return dict(cursor.fetchall())


def table(at: dt.datetime) -> str:
    return f"channels_delivery_{at:%Y%m%d}"


@pytest.fixture
def came(channel: Channel) -> dt.datetime:
    """When one delivery of each state came, all on one day."""
    days.keep()
    for state in Delivery.State.values:
        actions.store(channel, "", {}, state.encode())
    for row in Delivery.objects.all():
        Delivery.objects.filter(pk=row.pk).update(state=bytes(row.body).decode())
    settle()
    return times.now()


def test_a_day_goes_whole_after_14_days_and_what_waits_for_a_hand_stays(came: dt.datetime) -> None:
    with times.frozen(came + dt.timedelta(days=13)):
        intake.tidy()
        assert where() == dict.fromkeys(Delivery.State.values, table(came))
    with times.frozen(came + dt.timedelta(days=14)):
        intake.tidy()
        assert where() == {"waiting": OTHER, "failed": OTHER}
        assert came.date() not in days._days()
        Delivery.objects.update(state=Delivery.State.DONE)
        assert (intake.tidy(), Delivery.objects.count()) == (2, 0)


def test_the_same_delivery_is_not_taken_twice_when_its_day_is_gone(came: dt.datetime, channel: Channel) -> None:
    with times.frozen(came + dt.timedelta(days=15)):
        intake.tidy()
        assert "done" not in where()
        assert actions.store(channel, "", {}, b"done") is False
    assert DeliveryKey.objects.count() == len(Delivery.State.values)


def test_a_delivery_on_a_day_nobody_made_is_kept_and_moves_to_its_day(channel: Channel, claimed: list[str]) -> None:
    with times.frozen(later(days=40)):
        assert actions.store(channel, "", {}, b'[{"id": "a", "text": "a"}]')
        row = Delivery.objects.get()
        assert set(where().values()) == {OTHER}
        settle()
        intake.tidy()
        assert set(where().values()) == {table(times.now())}
        assert (intake.process_deliveries(), claimed, Delivery.objects.get().pk) == (1, ["a"], row.pk)


def test_however_many_fell_into_today_they_move_to_it_and_what_comes_next_finds_it_made(
    came: dt.datetime, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "BATCH", 1)
    with times.frozen(came + dt.timedelta(days=20)):
        for word in (b"fell", b"in"):
            actions.store(channel, "", {}, word)
        settle()
        assert (days.ahead(), days.outside(9)) == (0, {"default": 2, "aside": 0})
        intake.tidy()
        today = table(times.now())
        assert where() == {"fell": today, "in": today, "waiting": OTHER, "failed": OTHER}
        assert (days.ahead(), days.outside(9)) == (days.AHEAD + 1, {"default": 2, "aside": 0})


def test_a_big_default_partition_is_not_read_through_under_a_lock(
    came: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies there of gone days stays; the table under it is another one."""
    oid = "SELECT to_regclass(%s)::oid"
    with times.frozen(came + dt.timedelta(days=20)):
        intake.tidy()
        settle()
        monkeypatch.setattr(days, "SMALL", 0)
        with connection.cursor() as cursor:
            before = cursor.execute(oid, [OTHER]).fetchone()
            days.keep()
            assert cursor.execute(oid, [OTHER]).fetchone() == before
    with times.frozen(came + dt.timedelta(days=21)), connection.cursor() as cursor:
        days.make()
        assert days.ahead() == days.AHEAD
        days.keep()
        assert cursor.execute(oid, [OTHER]).fetchone() != before
        assert (days.ahead(), where()) == (days.AHEAD + 1, {"waiting": OTHER, "failed": OTHER})


def test_what_a_round_that_died_left_beside_the_table_is_seen_by_an_erasure_and_brought_back(came: dt.datetime) -> None:
    days._put_aside(table(came))
    assert (where(), days.outside(9)) == ({}, {"default": 0, "aside": 4})
    with times.frozen(came + dt.timedelta(days=14)):
        personal_data.erase(Person(0, ()))
        assert where() == {"waiting": OTHER, "failed": OTHER}
        settle()
        days.keep()
        assert days.outside(9) == {"default": 2, "aside": 0}


def test_what_lies_beside_the_table_is_handed_over_too(channel: Channel) -> None:
    days.keep()
    actions.store(channel, "", {}, b'[{"id": "1", "sender": "lena"}]')
    lena = Person(0, (Handle(channel.pk, "lena"),))
    for look in (lambda: personal_data.held(lena)["deliveries"], lambda: personal_data.export(lena)["deliveries"]):
        settle()
        days._put_aside(table(times.now()))
        assert len(look()) == 1
        settle()
        days.keep()


def test_what_is_dropped_while_it_is_counted_is_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "_aside", lambda: 1)
    assert days.outside(9) == {"default": 0, "aside": 0}


def test_a_day_that_cannot_be_locked_is_dropped_by_the_next_round(
    came: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "BETWEEN_TRIES", 0)
    with psycopg.connect(**parameters()) as backup:
        backup.execute("SET lock_timeout = 9000; LOCK TABLE ONLY channels_delivery IN ACCESS SHARE MODE")
        with times.frozen(came + dt.timedelta(days=14)):
            intake.tidy()
            assert len(where()) == 4
    with times.frozen(came + dt.timedelta(days=14)):
        intake.tidy()
        assert len(where()) == 2


def test_an_old_desk_keeps_every_delivery_when_its_table_is_divided(
    channel: Channel, django_assert_num_queries: Any
) -> None:
    with connection.schema_editor() as editor:
        editor.execute("DROP TABLE channels_delivery")
        editor.create_model(Delivery)
    at = times.now()
    ages = {"now": 0, "week": 7, "first": 13, "old": 30, "ahead": -9}
    for word, age in ages.items():
        row = {"body": word.encode(), "received_at": at - dt.timedelta(days=age)}
        Delivery.objects.create(channel=channel, path=word, headers={"x": word}, **row)
    before = list(Delivery.objects.values())
    settle()
    with connection.schema_editor() as editor:
        import_module("ganzohr.channels.migrations.0009_delivery_days").divide(None, editor)
    assert list(Delivery.objects.values()) == before
    homes = {word: table(at - dt.timedelta(days=age)) for word, age in ages.items()}
    assert where() == homes | {"old": OTHER, "ahead": OTHER}
    assert Delivery.objects.create(channel=channel, body=b"", received_at=at).pk == before[-1]["id"] + 1
    days.keep()
    with django_assert_num_queries(5):
        days.keep()
