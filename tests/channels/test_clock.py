"""A machine whose clock is minutes off sends nothing, and says why."""

from __future__ import annotations

import datetime as dt
import logging

import pytest

from ganzohr.channels import clock, outbox
from ganzohr.channels.models import Channel, Outgoing
from tests.channels.conftest import Platform
from tests.channels.test_outbox import put

pytestmark = pytest.mark.django_db
ERROR = "the clock of this machine is +180 s off the database's: nothing is sent from here"


def put_ahead(monkeypatch: pytest.MonkeyPatch, *seconds: float) -> None:
    moments = iter(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=one) for one in seconds)
    monkeypatch.setattr(clock, "_here", lambda: next(moments))
    monkeypatch.setattr(clock, "_said", [-clock.PATIENCE])


@pytest.mark.parametrize(("before", "after", "ahead"), [(20, 30, 20), (-30, -20, -20), (-20, 25, 0), (-0.5, 0.5, 0)])
def test_a_slow_line_to_the_database_is_no_wrong_clock(
    monkeypatch: pytest.MonkeyPatch, before: float, after: float, ahead: float
) -> None:
    put_ahead(monkeypatch, before, after)
    assert clock.ahead() == pytest.approx(ahead, abs=2)


def test_a_machine_with_a_wrong_clock_sends_nothing_gives_up_nothing_and_says_so_once(
    channel: Channel, platform: Platform, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    waits, leaves = (put(channel, key, lane="") for key in "ab")
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2)
    Outgoing.objects.filter(pk=leaves.pk).update(state="sending", fenced_at=dt.datetime.now(dt.UTC), leased_until=soon)
    with monkeypatch.context() as there, caplog.at_level(logging.ERROR, logger="ganzohr.channels.clock"):
        put_ahead(there, *[180] * 6)
        assert [outbox.send_waiting(), outbox.send_waiting(), outbox.look_again()] == [0, 0, 0]
    assert [record.getMessage() for record in caplog.records] == [ERROR]
    assert dict(Outgoing.objects.values_list("key", "state")) == {"a": "waiting", "b": "sending"}
    assert outbox.send_waiting() == 1
    assert ([one.key for one in platform.heard], Outgoing.objects.get(pk=waits.pk).state) == (["a"], "accepted")
