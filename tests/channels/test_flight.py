"""Calls under way at the same time: one that hangs keeps nobody, and what a platform said outlives our trouble."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import OperationalError

from ganzohr.channels import outbox, outcomes
from ganzohr.channels.connectors.base import Outcome
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.core import times
from tests.channels.conftest import Platform
from tests.channels.test_outbox import put

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(channel: Channel) -> Channel:
    """A second channel."""
    return Channel.objects.create(kind="standin", name="Other", key="k2", secrets=channel.secrets)


def states() -> dict[str, str]:
    """Of everything, by key."""
    return dict(Outgoing.objects.values_list("key", "state"))


def test_what_a_platform_said_is_written_down_once_the_database_is_back(
    channel: Channel, other: Channel, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    away, store_all = list(range(3)), outcomes.store_all
    failed = threading.Event()

    def store(said: Any) -> int:
        if away:
            away.pop()
            failed.set()
            raise OperationalError("gone away")
        return store_all(said)

    def late() -> Outcome:
        failed.wait(5)
        return Outcome("accepted", external_id="p")

    monkeypatch.setattr(outcomes, "store_all", store)
    monkeypatch.setattr(outbox, "PAUSE", 0)
    put(channel, key="1")
    put(other, key="2")
    platform.answers.extend([Outcome("accepted", external_id="q"), late])
    with pytest.raises(OperationalError):
        outbox.send_waiting()
    assert (states(), len(platform.heard)) == ({"1": "accepted", "2": "accepted"}, 2)


@pytest.mark.parametrize("error", [ValueError("a fault of ours"), OperationalError("gone for good")])
def test_what_can_never_be_written_down_is_unclear_after_its_lease(
    channel: Channel, platform: Platform, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    at = times.now()

    def store(said: Any) -> int:
        monkeypatch.setattr(times, "now", lambda: at + dt.timedelta(minutes=3))
        raise error

    put(channel)
    with monkeypatch.context() as broken:
        broken.setattr(outcomes, "store_all", store)
        broken.setattr(outbox, "PAUSE", 0)
        with pytest.raises(type(error)):
            outbox.send_waiting()
    assert states() == {"k": "sending"}
    outbox.send_waiting()
    assert (states(), len(platform.heard)) == ({"k": "unclear"}, 1)


def test_a_platform_that_hangs_keeps_no_other_channel(
    channel: Channel, other: Channel, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SPAN", 0.1)
    monkeypatch.setattr(outbox, "LITTLE_MORE", 0.1)
    has_left, kept = threading.Event(), list[bool]()

    def hangs() -> Outcome:
        kept.append(not has_left.wait(10))
        return Outcome("accepted", external_id="slow")

    def leaves() -> Outcome:
        has_left.set()
        return Outcome("accepted", external_id="quick")

    platform.answers.extend([hangs, leaves])
    put(channel, key="slow")
    put(other, key="quick", not_before=times.now() + dt.timedelta(seconds=0.4))
    assert (outbox.send_waiting(), kept) == (2, [False])
    assert (states(), len(platform.heard)) == ({"slow": "accepted", "quick": "accepted"}, 2)
