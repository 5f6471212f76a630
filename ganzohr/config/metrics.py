"""`/metrics`: figures for Prometheus, only for whoever brings `GANZOHR_METRICS_TOKEN` and only on the inner address.

What a process does itself (deliveries answered, and how long that took) it counts in memory. What all of them share is
asked of the database when somebody scrapes, by indexes and never more than `MOST` rows of a kind; it is the same from
whichever process. No name, no text and no address is in any of it.
"""

from __future__ import annotations

import datetime as dt
import hmac
import time
from collections.abc import Iterator
from statistics import quantiles

from django.conf import settings
from django.db.models import Count
from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ganzohr.audit.models import PendingEvent
from ganzohr.channels import days, group, hooks, unread
from ganzohr.channels.models import Channel, Delivery, Outgoing
from ganzohr.config import views
from ganzohr.config.bodies import Message, Receive
from ganzohr.config.composite import Application, Send
from ganzohr.config.outside import Scope
from ganzohr.core import times
from ganzohr.inbox.models import Attachment
from ganzohr.inbox.models import Message as InboxMessage
from ganzohr.topics.models import Example

MOST = 10_000
NEWEST = 500
LATELY = dt.timedelta(minutes=5)
STATE = Outgoing.State
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
Gauge("ganzohr_intake_waiting", "Deliveries of this process waiting for their commit.", registry=REGISTRY).set_function(
    group.waiting
)
INTAKE = Histogram(
    "ganzohr_intake_seconds",
    "Deliveries answered by this process; status 200 was committed, 503 will come again.",
    ["status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
    registry=REGISTRY,
)


def counted(application: Application) -> Application:
    """The same application, each of its answers counted in memory."""

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                INTAKE.labels(message["status"]).observe(time.perf_counter() - began)
            await send(message)

        await application(scope, receive, watched)

    return counting


intake = counted(hooks.application)


def answer(authorization: str) -> tuple[int, bytes]:
    """Status and words for whoever says this: 404 where no token is set, 401 where it is another one."""
    if not settings.METRICS_TOKEN:
        return 404, b"Not found\n"
    token = authorization.removeprefix("Bearer ").strip()
    if not hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode()):
        return 401, b"Bring the token\n"
    return 200, generate_latest(REGISTRY)


class Shared(Collector):
    """What the database holds, asked at each scrape."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing beforehand: registering asks no database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Queues, days, what became of what was sent lately, how quick the newest messages were, who lives."""
        yield from _queues()
        yield from _days()
        yield _unread()
        yield _given_up()
        yield from _outbox()
        yield from _latency()
        silent = views.silent_for()
        yield GaugeMetricFamily("ganzohr_worker_silent_seconds", "Since any worker gave a sign.", value=_number(silent))


def _queues() -> Iterator[GaugeMetricFamily]:
    """Rows that wait for each doorbell now, and for how long the first of them."""
    now = times.now()
    queues = {
        "deliveries": (Delivery.objects.filter(state=Delivery.State.WAITING), "id", "received_at"),
        "understand": (InboxMessage.objects.filter(understood_at=None, direction="in"), "id", "received_at"),
        "outbox": (Outgoing.objects.filter(state=STATE.WAITING, not_before__lte=now), "not_before", "not_before"),
        "events": (PendingEvent.objects.filter(not_before__lte=now), "not_before", "created_at"),
        "media": (Attachment.objects.filter(fetch_at__lte=now), "fetch_at", "fetch_at"),
        "examples": (Example.objects.filter(vector=None), "id", "created_at"),
    }
    depth = GaugeMetricFamily("ganzohr_queue_depth", f"Rows that wait, at most {MOST}.", labels=["queue"])
    age = GaugeMetricFamily("ganzohr_queue_oldest_seconds", "How long the first of them waits.", labels=["queue"])
    for name, (rows, order, since) in queues.items():
        first = rows.order_by(order).values_list(since, flat=True).first()
        depth.add_metric([name], rows.order_by()[:MOST].count())
        age.add_metric([name], (now - first).total_seconds() if first else 0)
    yield from (depth, age)


def _days() -> Iterator[GaugeMetricFamily]:
    """Whether what comes tomorrow has its place, and what has none."""
    words = "Days in a row, today first, whose deliveries have their partition."
    yield GaugeMetricFamily("ganzohr_delivery_days_ahead", words, value=days.ahead())
    outside = GaugeMetricFamily("ganzohr_delivery_outside", f"Deliveries in no day, at most {MOST}.", labels=["place"])
    for place, count in days.outside(MOST).items():
        outside.add_metric([place], count)
    yield outside


def _unread() -> GaugeMetricFamily:
    """What lies set aside for a person."""
    words = f"Deliveries of channels and apps that could not be read, at most {MOST}."
    return GaugeMetricFamily("ganzohr_delivery_unread", words, value=unread.aside(MOST))


def _given_up() -> GaugeMetricFamily:
    """What ended the worker each time it was told."""
    count = PendingEvent.objects.filter(not_before=None)[:MOST].count()
    return GaugeMetricFamily("ganzohr_events_given_up", f"Facts nobody is told any more, at most {MOST}.", value=count)


def _outbox() -> Iterator[GaugeMetricFamily]:
    """What became of what was tried lately, and what waits for a person."""
    since = times.now() - LATELY
    lately = dict.fromkeys(STATE.values, 0)
    for channel in [None, *Channel.objects.values_list("pk", flat=True)]:
        tried = Outgoing.objects.filter(channel=channel, fenced_at__gt=since).order_by()
        for state, count in tried.values_list("state").annotate(Count("pk")):
            lately[state] += count
    outcomes = GaugeMetricFamily("ganzohr_outbox_tried_5m", "Things tried within five minutes.", labels=["state"])
    hands = GaugeMetricFamily("ganzohr_outbox_needs_hand", f"Things for a person, at most {MOST}.", labels=["state"])
    for state, count in lately.items():
        outcomes.add_metric([state], count)
    for state in (STATE.REFUSED, STATE.UNCLEAR, STATE.BY_HAND):
        rows = Outgoing.objects.needing_a_hand().filter(state=state)
        hands.add_metric([state.value], rows.order_by()[:MOST].count())
    yield from (outcomes, hands)


def _latency() -> Iterator[GaugeMetricFamily]:
    """From the arrival of a delivery until its message was understood; of the newest, if there are such."""
    newest = InboxMessage.objects.filter(direction="in").order_by("-id")
    rows = newest.values_list("received_at", "understood_at")[:NEWEST]
    waits = [took(came, done) for came, done in rows if done]
    parts = quantiles(waits, n=100, method="inclusive") if len(waits) > 1 else []
    words = f"From arrival to message understood, of the newest {NEWEST}."
    family = GaugeMetricFamily("ganzohr_message_seconds", words, labels=["quantile"])
    for name, value in {"0.5": parts[49], "0.99": parts[98]}.items() if parts else ():
        family.add_metric([name], value)
    yield family


def took(came: dt.datetime, done: dt.datetime) -> float:
    """Seconds between them. Clocks of two machines may differ: nothing is understood before it came."""
    return max(0.0, (done - came).total_seconds())


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


REGISTRY.register(Shared())
