"""A delivery whose reading never ends, truly: another process, the system's own clock, the same database."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.db import connection

from ganzohr.channels import actions, intake, stuck
from ganzohr.channels.connectors.base import Incoming
from ganzohr.channels.models import Channel, Delivery
from ganzohr.core import times
from ganzohr.inbox.actions import media
from ganzohr.inbox.models import Attachment
from tests.channels.conftest import Platform

YEARS = "__import__('re').match('(a|a)*b', 'a' * 60)"
WATCH = """
import sys, time
from ganzohr.channels import stuck

def work(seconds):
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass

stuck.LONGEST = 0.1
stuck.arm()
with stuck.watched(5.0):
    with stuck.watched():
        time.sleep(0.2)
    work(0.2)
work(0.2)
print("waited and worked", flush=True)
with stuck.watched():
    exec(sys.argv[1])
"""
WORKER = """
import sys, types
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from ganzohr.config import migrating, worker_process
from ganzohr.channels import connectors, stuck

def read(turn):
    turn.close()
    from ganzohr.channels import arrivals, intake
    from tests.channels import conftest
    standin = conftest.Platform()
    parse = standin.parse
    standin.parse = lambda *said: exec(sys.argv[2]) if said[-1] == b"stuck" else parse(*said)
    module = types.ModuleType("ganzohr.channels.connectors.standin")
    module.connector = standin
    sys.modules[module.__name__] = module
    connectors.KINDS = (*connectors.KINDS, "standin")
    arrivals._claims[:] = ["x"]
    arrivals.import_string = lambda name: lambda batch: set(range(len(batch)))
    intake.process_deliveries()

stuck.LONGEST = 0.2
migrating.ensure = lambda: None
worker_process.asyncio.run = read
worker_process.main([])
"""


def run(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *words], env=os.environ, check=False, capture_output=True, text=True, timeout=20
    )


@pytest.mark.parametrize("endless", ["while True: pass", YEARS])
def test_whatever_does_not_end_ends_its_process_and_says_where_it_stood(endless: str) -> None:
    ended = run(WATCH, endless)
    assert (ended.returncode, ended.stdout) == (-signal.SIGALRM, "waited and worked\n"), ended.stderr
    assert 'File "<string>", line 1 in <module>' in ended.stderr


def test_process_1_cannot_be_ended_and_says_so_instead_of_pretending(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(os, "getpid", lambda: 1)
    stuck.arm()
    assert (stuck._armed, [one.levelname for one in caplog.records]) == ([], ["ERROR"])
    assert "start this container by an init" in caplog.text


def test_where_there_is_no_timer_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stuck, "_system", object())
    stuck.arm()
    assert (stuck._armed, [one.levelname for one in caplog.records]) == ([], ["ERROR"])
    assert "no timer_create" in caplog.text


@pytest.mark.django_db
def test_parsing_taking_in_and_files_are_watched_each_by_its_own_measure(
    channel: Channel, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[float | None] = []
    seen: list[tuple[str, list[float | None]]] = []

    @contextlib.contextmanager
    def watched(longest: float | None = None) -> Iterator[None]:
        limits.append(longest)
        yield
        limits.pop()

    def see(what: str) -> None:
        seen.append((what, list(limits)))

    def parse(*_said: object) -> list[Incoming]:
        see("parse")
        return [Incoming("message", "1", "someone", times.now(), "")]

    def take(_batch: object) -> set[int]:
        see("take")
        return {0}

    rows = [None, Attachment(pk=7)]
    monkeypatch.setattr(stuck, "watched", watched)
    monkeypatch.setattr(platform, "parse", parse)
    monkeypatch.setattr(intake, "offer", take)
    monkeypatch.setattr(media, "_claim", lambda _rows: rows.pop())
    actions.store(channel, "", {}, b"1")
    assert intake.process_deliveries() == 1
    assert media._each(Attachment.objects.all(), lambda _row: see("fetch")) == 1
    assert seen == [("parse", [None]), ("take", [stuck.LONGEST_BATCH]), ("fetch", [stuck.LONGEST_BATCH])]


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_is_never_read_to_its_end_is_set_aside_and_its_neighbours_are_read(channel: Channel) -> None:
    for one in (b'[{"id": "1"}]', b"stuck", b'[{"id": "2"}]'):
        actions.store(channel, "", {}, one)
    at = times.now() - intake.CLAIM_LASTS
    Delivery.objects.update(attempts=1, not_before=at)  # as the crash of a whole batch leaves them
    Delivery.objects.filter(body=b"stuck").update(attempts=intake.MOST_ATTEMPTS - 1)

    ended = run(WORKER, str(connection.settings_dict["NAME"]), YEARS)
    assert ended.returncode == -signal.SIGALRM, ended.stderr
    assert "in _parse_one" in ended.stderr
    with times.frozen(times.now() + dt.timedelta(minutes=2)):
        intake.tidy()
    rows = Delivery.objects.order_by("id").values_list("state", "error")
    assert list(rows) == [("done", ""), ("failed", "crashed"), ("done", "")]
