"""What operators may scrape: figures by their token, without anything anybody wrote, at the cost of the scrape only."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ganzohr.audit.models import PendingEvent
from ganzohr.channels import days
from ganzohr.channels.models import Channel, Delivery, Outgoing
from ganzohr.config import hooks_alone, metrics
from ganzohr.core import times

TOKEN = "sixteen-characters-or-more"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def lena(db: None) -> Channel:
    """A channel, and things that wait and things that were sent, full of words."""
    channel = Channel.objects.create(kind="mail", name="lena@web.example", key="s3cret-key")
    now = times.now()
    before = now - dt.timedelta(seconds=90)
    days.keep()
    Delivery.objects.create(channel=channel, path="/old", state="done", received_at=now - dt.timedelta(days=30))
    Delivery.objects.create(channel=channel, path="/lena", body=b"Lena", received_at=before)
    sent = Outgoing(target={"to": "lena@web.example"}, payload={"text": "Liebe Lena"}, kind="answer", channel=channel)
    for number, state in enumerate(["accepted", "accepted", "unclear", "waiting"]):
        sent.pk, sent.key, sent.state = None, f"lena-{number}", state
        sent.not_before, sent.created_at, sent.fenced_at = before, before, None if state == "waiting" else now
        sent.save(force_insert=True)
    PendingEvent.objects.create(event="lena", listener="lena", payload={}, created_at=before, not_before=None)
    return channel


def figures(text: str) -> dict[str, float]:
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_without_a_token_there_is_nothing_and_another_one_is_refused(client: Client, settings: Any, db: None) -> None:
    assert client.get("/metrics", headers=BEARER).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 401


def test_queues_and_outcomes_are_told_and_nothing_anybody_wrote(client: Client, settings: Any, lena: Channel) -> None:
    settings.METRICS_TOKEN = TOKEN
    with CaptureQueriesContext(
        connection,
    ) as asked:
        text = client.get("/metrics", headers=BEARER).content.decode()
    assert ("lena" in text.lower(), "s3cret" in text, "example" in text.replace('queue="examples"', "")) == (False,) * 3
    told = figures(text)
    assert told['ganzohr_queue_depth{queue="deliveries"}'] == told['ganzohr_queue_depth{queue="outbox"}'] == 1
    assert 90 <= told['ganzohr_queue_oldest_seconds{queue="deliveries"}'] < 900
    states = {
        state: told[f'ganzohr_outbox_tried_5m{{state="{state}"}}'] for state in ("accepted", "unclear", "refused")
    }
    assert states == {"accepted": 2, "unclear": 1, "refused": 0}
    assert told['ganzohr_outbox_needs_hand{state="unclear"}'] == 1
    assert (told["ganzohr_delivery_days_ahead"], told['ganzohr_delivery_outside{place="default"}']) == (8, 1)
    assert (told["ganzohr_delivery_unread"], told["ganzohr_events_given_up"]) == (0, 1)
    assert len(asked) <= 27


def test_nothing_is_understood_before_it_came_whatever_the_clocks_say() -> None:
    now = times.now()
    assert [metrics.took(now, now + dt.timedelta(seconds=step)) for step in (3, -2)] == [3.0, 0.0]


async def test_what_the_intake_answers_is_counted_without_a_database() -> None:
    async def busy(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def nowhere(_message: Any) -> None:
        return

    def count() -> float:
        samples = [one for family in metrics.INTAKE.collect() for one in family.samples]
        return sum(one.value for one in samples if one.name.endswith("_count") and one.labels["status"] == "503")

    before = count()
    await metrics.counted(busy)({}, nowhere, nowhere)  # type: ignore[arg-type]
    assert count() == before + 1


@pytest.mark.django_db(transaction=True)
async def test_the_intake_alone_tells_them_too(settings: Any) -> None:
    said: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    async def receive() -> dict[str, Any]:
        return {}

    async def ask(headers: list[tuple[bytes, bytes]]) -> None:
        await hooks_alone.well_or_nothing({"path": "/metrics", "headers": headers}, receive, send)

    await ask([])
    settings.METRICS_TOKEN = TOKEN
    await ask([(b"authorization", f"Bearer {TOKEN}".encode())])
    assert [message["status"] for message in said if "status" in message] == [404, 200]
    assert b"ganzohr_intake_waiting 0.0" in said[-1]["body"]
