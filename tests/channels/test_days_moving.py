"""A day is moved or dropped, over a line of its own, while a worker reads its deliveries: each is read once."""

from __future__ import annotations

import datetime as dt
from itertools import product
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from ganzohr.channels import actions, days, intake
from ganzohr.channels.models import Channel, Delivery
from ganzohr.core import times

MINUTES = dt.timedelta(minutes=2)
PLACES = ("read.after_claim", "read.before_commit")


def moved(at: dt.datetime) -> None:
    """The round of another worker, to its end."""

    def run() -> None:
        try:
            with times.frozen(at):
                days.keep()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_what_moves_under_a_worker_is_read_once(
    channel: Channel, claimed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its claim and its reading, by a round that dies half-way; and while it holds the rows."""
    for values in (("BETWEEN_TRIES", 0), ("TRIES", 1), ("BATCH", 2), ("AHEAD", 1)):
        monkeypatch.setattr(days, *values)
    for turn, (age, place) in enumerate(product((0, 20), PLACES)):
        now = times.now() - dt.timedelta(days=40 - age - 3 * turn)
        came, told = now - dt.timedelta(days=age), list[str]()
        if age:
            moved(now)
        with times.frozen(came):
            if age:
                days.make()
            for word in "abc":
                actions.store(channel, "", {}, f'[{{"id": "{turn}{word}", "text": "{word}"}}]'.encode())

        def point(name: str, place: str = place, now: dt.datetime = now, told: list[str] = told) -> None:
            if name == place and not told:
                told.append(name)
                with monkeypatch.context() as killed:
                    killed.setattr(days, "_bring_back", lambda: days._aside() is None)
                    moved(now)

        monkeypatch.setattr(intake, "point", point)
        with times.frozen(now):
            intake.process_deliveries()
        is_claimed_first = place == PLACES[0]
        assert (told, claimed) == ([place], [] if is_claimed_first else ["a", "b", "c"])
        assert days.outside(9)["aside"] == (3 if is_claimed_first else 0)
        with times.frozen(now + MINUTES):
            moved(now + MINUTES)
            intake.process_deliveries()
            moved(now + MINUTES)
        assert (sorted(claimed), days.outside(9)["aside"]) == (["a", "b", "c"], 0)
        left = Delivery.objects.values_list("state", flat=True)
        assert list(left) == ([] if age and not is_claimed_first else ["done"] * 3)
        Delivery.objects.all().delete()
        claimed.clear()
    moved(times.now())


WAITS = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'channels_delivery_other'::regclass"


@pytest.mark.django_db(transaction=True)
def test_what_comes_back_while_its_day_is_attached_finds_that_day(channel: Channel) -> None:
    wrong = list[Exception]()

    def look(now: dt.datetime) -> None:
        try:
            with times.frozen(now), transaction.atomic():
                days.all_in_place()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    with times.frozen(times.now() - dt.timedelta(days=100)):
        actions.store(channel, "", {}, b"[]")
        days._run(days.PUT_ASIDE.format(name=days.OTHER) + days.NEW_OTHER)
        thread = Thread(target=look, args=[times.now()])
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(days._making(days._today()))
            thread.start()
            while thread.is_alive() and not cursor.execute(WAITS).fetchone():
                Event().wait(0.01)
        thread.join(20)
        with connection.cursor() as cursor:
            cursor.execute("SELECT tableoid::regclass::text FROM channels_delivery")
            assert (wrong, cursor.fetchall()) == ([], [(days._name(days._today()),)])
        days.keep()
        Delivery.objects.all().delete()
