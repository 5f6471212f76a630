"""A worker that is killed, truly: another process, signal 9, the same database."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.db import connection

from ganzohr.channels import actions, claiming, intake, outbox
from ganzohr.channels.models import Channel, Delivery
from ganzohr.core import times
from tests.channels.conftest import Platform

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = """
import os, signal, sys, types
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from ganzohr.channels import arrivals, connectors, intake, outbox
from tests.channels import conftest

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

standin = conftest.Platform()
standin.send = die
standin.parse = standin.parse if sys.argv[2] == "claim" else die
arrivals._claims[:] = ["x"]
arrivals.import_string = lambda name: die
module = types.ModuleType("ganzohr.channels.connectors.standin")
module.connector = standin
sys.modules[module.__name__] = module
connectors.KINDS = (*connectors.KINDS, "standin")
(outbox.send_waiting if sys.argv[2] == "send" else intake.process_deliveries)()
"""


def killed_while(what: str) -> int:
    """Run a worker that is killed in the middle of it."""
    name = str(connection.settings_dict["NAME"])
    return subprocess.run([sys.executable, "-c", WORKER, name, what], env=os.environ, check=False).returncode


def test_killed_while_sending_is_unclear_and_is_not_sent_again(channel: Channel, platform: Platform) -> None:
    one = actions.enqueue(channel=channel, kind="answer", target={"to": "x"}, payload={"text": "Hi"}, key="k")
    assert killed_while("send") == -9
    one.refresh_from_db()
    assert (one.state, one.attempts) == ("sending", 1)
    assert outbox.send_waiting() == 0
    with times.frozen(times.now() + claiming.LEASE * 2):
        outbox.send_waiting()
        outbox.look_again()
        outbox.send_waiting()
    one.refresh_from_db()
    assert (one.state, one.outcome, platform.heard) == ("unclear", "crashed", [])


@pytest.mark.parametrize("moment", ["parse", "claim"])
def test_killed_while_reading_loses_and_doubles_nothing(channel: Channel, claimed: list[str], moment: str) -> None:
    actions.store(channel, "", {}, b'[{"id": "1", "text": "one"}]')
    assert killed_while(moment) == -9
    assert (intake.process_deliveries(), Delivery.objects.get().state) == (0, "waiting")
    with times.frozen(times.now() + intake.CLAIM_LASTS * 2):
        assert intake.process_deliveries() == 1
    assert (claimed, Delivery.objects.get().state) == (["one"], "done")
