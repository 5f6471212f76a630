"""Channels that must be read by one only: a lease says who, and what was read is stored before the cursor moves."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from ganzohr.channels import readers
from ganzohr.channels.accounts import secrets_of
from ganzohr.channels.connectors.base import Abilities, Account, Read, Trouble
from ganzohr.channels.models import Channel, Delivery, Lease
from ganzohr.core import times
from tests.channels.conftest import Platform

pytestmark = pytest.mark.django_db(transaction=True)


class Mailbox:
    """What a mailbox holds, read from the cursor on; then it waits."""

    def __init__(self) -> None:
        self.items = [b"[1]", b"[2]", b"[3]"]
        self.began: list[dict[str, Any]] = []
        self.trouble: Trouble | None = None

    def read(self, account: Account, cursor: Mapping[str, Any], stop: threading.Event) -> Iterator[Read]:
        self.began.append(dict(cursor))
        if self.trouble:
            raise self.trouble
        yield Read(body=b"", cursor=cursor, secrets={"access_token": "new"})
        for number in range(cursor.get("uid", 0), len(self.items)):
            yield Read(body=self.items[number], cursor={"uid": number + 1})
        stop.wait(30)


@pytest.fixture
def mailbox(platform: Platform, channel: Channel) -> Mailbox:
    """The stand-in, as a platform that must be read."""
    box = Mailbox()
    platform.abilities = Abilities(reads_itself=True)
    platform.read = box.read  # type: ignore[attr-defined]
    Channel.objects.update(settings={"address": "x"})
    return box


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], threading.Event]]:
    """Starts keepers and ends them."""
    monkeypatch.setattr(readers, "LOOK_EVERY", 0.05)
    running: list[tuple[threading.Thread, threading.Event]] = []

    def start() -> threading.Event:
        stop = threading.Event()
        thread = threading.Thread(target=readers.keep, args=[stop])
        thread.start()
        running.append((thread, stop))
        return stop

    yield start
    for thread, stop in running:
        stop.set()
        thread.join(5)


def until(is_so: Callable[[], bool]) -> None:
    """Wait for another thread, at most five seconds."""
    end = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def test_everything_is_stored_in_order_and_the_cursor_follows(
    mailbox: Mailbox, channel: Channel, kept: Callable[[], threading.Event]
) -> None:
    kept()
    until(lambda: Lease.objects.filter(cursor={"uid": 3}).exists())
    assert [bytes(row.body) for row in Delivery.objects.order_by("id")] == [b"[1]", b"[2]", b"[3]"]
    channel.refresh_from_db()
    assert secrets_of(channel) == {"shared": "s3cret", "access_token": "new"}


def test_two_workers_read_one_mailbox_once_and_the_second_takes_over(
    mailbox: Mailbox, kept: Callable[[], threading.Event]
) -> None:
    first = kept()
    until(lambda: Lease.objects.filter(cursor={"uid": 3}).exists())
    kept()
    time.sleep(0.3)
    assert mailbox.began == [{}]
    mailbox.items.append(b"[4]")
    first.set()
    until(lambda: Delivery.objects.count() == 4)
    assert mailbox.began == [{}, {"uid": 3}]


def test_a_dead_workers_lease_runs_out(mailbox: Mailbox, channel: Channel, kept: Callable[[], threading.Event]) -> None:
    now = times.now()
    Lease.objects.create(channel=channel, holder="dead", until=now + dt.timedelta(seconds=3), cursor={"uid": 2})
    kept()
    assert Delivery.objects.count() == 0
    until(lambda: Delivery.objects.count() == 1)
    assert mailbox.began == [{"uid": 2}]


def test_a_crash_between_store_and_cursor_brings_the_same_again_and_doubles_nothing(
    mailbox: Mailbox, channel: Channel, kept: Callable[[], threading.Event]
) -> None:
    from ganzohr.channels import actions

    actions.store(channel, "", {}, b"[1]")
    kept()
    until(lambda: Lease.objects.filter(cursor={"uid": 3}).exists())
    assert Delivery.objects.count() == 3


def test_reading_ends_soon_after_it_is_asked_to(mailbox: Mailbox, kept: Callable[[], threading.Event]) -> None:
    stop = kept()
    until(lambda: Lease.objects.filter(cursor={"uid": 3}).exists())
    began = time.monotonic()
    stop.set()
    until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("reader-")])
    assert time.monotonic() - began < 5  # it looks twice a second; the rest is the machine's


def test_trouble_is_said_in_words_and_tried_again_after_a_rest(
    mailbox: Mailbox, channel: Channel, kept: Callable[[], threading.Event]
) -> None:
    mailbox.trouble = Trouble("login_refused", "535")
    kept()
    until(lambda: Channel.objects.filter(problem="login_refused", problem_detail="535").exists())
    time.sleep(0.3)
    assert len(mailbox.began) == 1
    mailbox.trouble = None
    Channel.objects.update(rests_until=times.now())
    until(lambda: Delivery.objects.count() == 3)
    until(lambda: Channel.objects.filter(problem="").exists())


@pytest.mark.parametrize(("standing", "read"), [({}, 0), ({"de": "Wir sind umgezogen."}, 3)])
def test_a_channel_left_behind_is_read_only_for_its_standing_answer(
    mailbox: Mailbox, kept: Callable[[], threading.Event], standing: dict[str, str], read: int
) -> None:
    Channel.objects.update(state="disconnected", standing_answer=standing)
    kept()
    until(lambda: Delivery.objects.count() == read)
    time.sleep(0.2)
    assert Delivery.objects.count() == read
