"""What comes in is kept before it is thanked for, read later, and never read twice or lost."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError, OperationalError, connections

from ganzohr.audit import actions as audit
from ganzohr.audit.models import Entry
from ganzohr.channels import actions, hooks, intake
from ganzohr.channels.connectors.base import Account, Damaged, Incoming
from ganzohr.channels.models import App, Channel, Delivery, DeliveryKey, Outgoing
from ganzohr.core import times
from tests.channels.conftest import Platform

pytestmark = pytest.mark.django_db


def body(*ids: str, text: str = "") -> bytes:
    return json.dumps([{"id": one, "text": text or one} for one in ids]).encode()


def states() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def test_a_delivery_is_kept_once_however_often_it_comes(channel: Channel) -> None:
    assert actions.store(channel, "", {"X-Id": "1", "Cookie": "c"}, body("a")) is True
    assert actions.store(channel, "", {}, body("a")) is False
    row = Delivery.objects.get()
    assert (bytes(row.body), row.headers, row.state) == (body("a"), {"x-id": "1"}, "waiting")


def test_the_same_bytes_on_another_channel_are_another_delivery(channel: Channel) -> None:
    other = Channel.objects.create(kind="standin", name="Other", key="k2")
    assert [actions.store(channel, "", {}, b"x"), actions.store(other, "", {}, b"x")] == [True, True]


def test_every_entry_of_a_payload_is_offered_and_the_channel_shows_life(channel: Channel, claimed: list[str]) -> None:
    actions.store(channel, "", {}, body("a", "b"))
    actions.store(channel, "", {}, body("c"))
    assert intake.process_deliveries() == 2
    assert claimed == ["a", "b", "c"]
    assert states() == ["done", "done"]
    channel.refresh_from_db()
    assert channel.last_event_at == Delivery.objects.latest("id").received_at
    assert intake.process_deliveries() == 0


def test_a_batch_of_nothing_readable_ends_also_where_the_database_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(_readings: object) -> None:
        raise OperationalError

    monkeypatch.setattr(intake, "_take", cut)
    intake._take_all([])


def test_a_bad_delivery_never_stops_its_neighbours(channel: Channel, claimed: list[str]) -> None:
    for one in (body("a"), body("x", text="bad"), b"{broken", body("b")):
        actions.store(channel, "", {}, one)
    intake.process_deliveries()
    assert claimed == ["a", "b"]
    assert states() == ["done", "waiting", "failed", "done"]
    assert list(Delivery.objects.order_by("id").values_list("error", flat=True)) == [
        "", "RuntimeError", "JSONDecodeError", "",
    ]  # fmt: skip


def test_what_no_database_takes_in_an_account_or_in_words_of_ours_stops_no_neighbour(
    app: App, channel: Channel, claimed: list[str], platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(account: Account, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        if body == b"odd":
            raise Damaged("no such field: o\0dd\ud800")
        return real(account, headers, body)

    real = platform.parse
    monkeypatch.setattr(platform, "parse", parse)
    actions.store(channel, "", {}, b"odd")
    for account in ("x\0y", "\ud800"):
        actions.store_for_app(app, "standin", "", {}, json.dumps([{"id": account, "account": account}]).encode())
    actions.store(channel, "", {}, body("a"))
    intake.process_deliveries()
    assert claimed == ["a"]
    assert list(Delivery.objects.order_by("id").values_list("state", "error")) == [
        ("failed", "Damaged: no such field: odd?"), ("unsupported", "no channel for xy"),
        ("unsupported", "no channel for ?"), ("done", ""),
    ]  # fmt: skip


def test_a_value_error_nobody_raised_on_purpose_is_a_bug_of_ours_and_tells_no_words(
    channel: Channel, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "parse", lambda *_: int("what somebody wrote"))
    actions.store(channel, "", {}, b"odd")
    intake.process_deliveries()
    assert Delivery.objects.values_list("state", "error").get() == ("waiting", "ValueError")


def test_what_keeps_failing_is_set_aside_and_runs_again_after_a_fix(channel: Channel, claimed: list[str]) -> None:
    actions.store(channel, "", {}, body("x", text="bad"))
    at = times.now()
    for _ in range(intake.MOST_ATTEMPTS):
        with times.frozen(at):
            assert intake.process_deliveries() == 1
            assert intake.process_deliveries() == 0
        at += dt.timedelta(days=1)
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.error) == ("failed", intake.MOST_ATTEMPTS, "RuntimeError")
    Delivery.objects.update(body=body("x", text="good"))
    actions.run_again(row, audit.round_("test"))
    intake.process_deliveries()
    assert (claimed, states()) == (["good"], ["done"])
    assert Entry.objects.filter(object_id=row.pk, verb="moved to waiting").count() == 1


def test_a_delivery_that_ends_the_worker_is_read_alone_and_set_aside(channel: Channel, claimed: list[str]) -> None:
    actions.store(channel, "", {}, b"killer")
    actions.store(channel, "", {}, body("a"))
    at = times.now()
    for _ in range(20):
        with times.frozen(at):
            with contextlib.suppress(SystemExit):
                intake.process_deliveries()
            intake.tidy()
        at += dt.timedelta(minutes=2)
    assert claimed == ["a"]
    assert states() == ["failed", "done"]


def test_what_nobody_understands_is_kept_and_shown(channel: Channel, claimed: list[str]) -> None:
    actions.store(channel, "", {}, json.dumps([{"id": "1", "what": "unsupported"}, {"id": "2", "text": "t"}]).encode())
    intake.process_deliveries()
    assert (claimed, states()) == (["t"], ["unsupported"])


def test_what_nobody_claims_is_kept_as_unsupported(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganzohr.channels.arrivals._claims", [])
    actions.store(channel, "", {}, body("a"))
    intake.process_deliveries()
    assert states() == ["unsupported"]


def test_words_of_mails_to_colleagues_go_after_14_days_and_the_proof_stays(db: None) -> None:
    one = actions.enqueue(
        channel=None, kind="ask", target={"to": "k@x.org"}, payload={"text": "a private link"}, key="k"
    )
    Outgoing.objects.update(state="accepted", finished_at=times.now())
    for days, words in ((13, {"text": "a private link"}), (15, {})):
        with times.frozen(times.now() + dt.timedelta(days=days)):
            intake.tidy()
        one.refresh_from_db()
        assert (one.state, one.payload) == ("accepted", words)


async def knock(scope: dict[str, Any], *chunks: bytes) -> int:
    """One request to the hooks; the status they answer with."""
    messages = [{"type": "http.request", "body": one, "more_body": True} for one in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await hooks.application({"method": "POST", "headers": [(b"X-Signature", b"s3cret")], **scope}, receive, send)
    return int(sent[0]["status"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("scope", "chunks", "status", "kept"),
    [
        ({"path": "/hooks/standin/k1/in"}, [b"[]", b" "], 200, 1),
        ({"path": "/hooks/standin/k1/in", "headers": []}, [b"[]"], 403, 0),
        ({"path": "/hooks/standin/k9/in"}, [b"[]"], 404, 0),
        ({"path": "/hooks/hand/k1/"}, [b"[]"], 404, 0),
        ({"path": "/hooks/standin/k1/in", "method": "GET"}, [], 405, 0),
        ({"path": "/hooks/standin/k1/in"}, [b"x" * 3_000_000] * 2, 413, 0),
    ],
)
async def test_only_a_kept_delivery_is_thanked_for(
    channel: Channel, scope: dict[str, Any], chunks: list[bytes], status: int, kept: int
) -> None:
    assert await knock(scope, *chunks) == status
    assert await Delivery.objects.acount() == kept
    await sync_to_async(connections.close_all)()  # of Django's own thread, which outlives the test


async def test_a_desk_without_its_database_asks_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> dict[str, Any]:
        raise OSError("no database")

    monkeypatch.setattr("ganzohr.channels.line.parameters", away)
    assert await knock({"path": "/hooks/standin/k1/"}, b"[]") == 503


def test_what_a_dead_worker_left_does_not_wait_for_the_end_of_a_rush(
    channel: Channel, claimed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "KINDS", [("attempts = 0", 1), *intake.KINDS[1:]])
    for one in ("left", "thrice", "new", "newer"):
        actions.store(channel, "", {}, body(one))
    for row, attempts in zip(Delivery.objects.order_by("id"), (1, 3), strict=False):
        Delivery.objects.filter(pk=row.pk).update(attempts=attempts, not_before=times.now())
    assert (intake.process_deliveries(), claimed) == (3, ["new", "left", "thrice"])


def test_what_was_never_read_is_never_thrown_away(channel: Channel, claimed: list[str]) -> None:
    actions.store(channel, "", {}, body("a"))
    with times.frozen(times.now() + dt.timedelta(days=30)):
        assert intake.tidy() == 0
        intake.process_deliveries()
    assert claimed == ["a"]


def test_what_another_worker_took_in_at_the_same_moment_is_looked_at_again_without_alarm(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[int] = []

    def offer(batch: list[Any]) -> set[int]:
        tried.append(len(batch))
        if len(tried) == 1:
            raise IntegrityError("message_once")
        return set(range(len(batch)))

    monkeypatch.setattr(intake, "offer", offer)
    actions.store(channel, "", {}, body("a"))
    intake.process_deliveries()
    assert (tried, states(), caplog.text) == ([1, 1], ["done"], "")


def test_what_would_fail_at_the_commit_only_fails_alone(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A foreign key is looked at when all is done: that of one delivery must not take its neighbours along."""

    def offer(batch: list[Any]) -> set[int]:
        words = [one.incoming.text for one in batch]
        DeliveryKey.objects.bulk_create(
            DeliveryKey(channel_id=0 if word == "bad" else channel.pk, key_hash=word.encode()) for word in words
        )
        return set(range(len(batch)))

    monkeypatch.setattr(intake, "offer", offer)
    for one in ("a", "bad", "b"):
        actions.store(channel, "", {}, body(one))
    intake.process_deliveries()
    assert states() == ["done", "waiting", "done"]
