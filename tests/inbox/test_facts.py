"""What people send beside words is kept, told in words and exported; no echo of a machine of ours stops a clock."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from ganzohr.channels import actions as channels
from ganzohr.channels import arrivals, intake
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.core import times
from ganzohr.core.people import Person
from ganzohr.inbox import facts, notices, personal_data
from ganzohr.inbox.models import Conversation, Message
from tests.inbox.story import NOW, Desk
from tests.inbox.test_composer import facebook, said

__all__ = ["facebook"]
SECONDS = int(NOW.timestamp())


def deliver(channel: Channel, **entry: Any) -> None:
    body = json.dumps({"object": "page", "entry": [{"id": "2", "time": SECONDS, **entry}]}).encode()
    with times.frozen(NOW):
        channels.store(channel, "", {}, body)
        intake.process_deliveries()


def talk(n: int, **event: Any) -> dict[str, Any]:
    return {"sender": {"id": "8"}, "recipient": {"id": "2"}, "timestamp": (SECONDS + n) * 1000, **event}


def message(n: int, type_: str, **more: Any) -> dict[str, Any]:
    return talk(n, message={"mid": f"m{n}", "attachments": [{"type": type_, **more}]})


def test_stars_places_and_links_stand_in_the_thread_and_in_the_export(
    desk: Desk, facebook: Channel, as_sophie: Client
) -> None:
    review = {"item": "rating", "verb": "add", "rating": 1, "reviewer_id": 7, "created_time": SECONDS}
    place = {"coordinates": {"lat": 52.5, "long": 13.4}}
    deliver(
        facebook,
        changes=[{"field": "ratings", "value": review}],
        messaging=[
            message(1, "location", title="Bahnhof Nordhorn", payload=place),
            message(2, "fallback", title="Ist das euer Job?", url="https://jobs.example/17"),
        ],
    )
    stars, chat = Conversation.objects.order_by("is_public").reverse()
    assert "★☆☆☆☆" in as_sophie.get(f"/inbox/{stars.pk}/").content.decode()
    page = as_sophie.get(f"/inbox/{chat.pk}/").content.decode()
    for words in ("Bahnhof Nordhorn", "52.500000, 13.400000", 'href="https://jobs.example/17"', "Ist das euer Job?"):
        assert words in page
    [told] = personal_data.export(Person(chat.contact_id, ()))["conversations"]
    assert told["messages"][0]["more"]["location"]["latitude"] == 52.5


def test_only_known_facts_are_kept_and_none_that_a_database_refuses() -> None:
    card = {"name": "Mia\0", "phones": ["+49 1"], "emails": [], "birthday": "1.1."}
    headers = {
        "key": "x", "location": {"latitude": float("nan"), "longitude": 1.0, "name": "Werk"}, "contacts": [card],
        "rating": float("inf"), "recommends": False, "link": "javascript:alert(1)",
        "order": {"items": [{"id": "7", "quantity": 2, "price": 9.5, "currency": "EUR"}]},
    }  # fmt: skip
    kept = facts.of(headers)
    assert "NaN" not in json.dumps(kept)
    assert {"key", "rating"} & kept.keys() == set()
    assert [(line.words, line.link) for line in facts.lines(kept)] == [
        ("Does not recommend us", ""),
        ("Werk", ""),
        ("Mia, +49 1", ""),
        ("2 × 7 · 9.50 EUR", ""),
        ("javascript:alert(1)", ""),
    ]


@pytest.mark.parametrize("moment", [None, 99_999_999_999])
def test_without_a_moment_or_with_one_to_come_it_was_said_when_it_came(
    desk: Desk, facebook: Channel, moment: int | None
) -> None:
    event = {name: value for name, value in talk(0, message={"mid": "m1", "text": "Hallo"}).items() if name[0] != "t"}
    deliver(facebook, time=None, messaging=[{**event, **({"timestamp": moment} if moment else {})}])
    row = Conversation.objects.get()
    assert (row.last_activity_at, row.last_inbound_at, Message.objects.get().provider_at) == (NOW, NOW, NOW)


def test_the_echo_of_an_automatic_notice_leaves_the_clock_running(desk: Desk, facebook: Channel) -> None:
    target = {"recipient_id": "4917", "page_id": "2", "message_id": "m_1"}
    held = desk.arrive(said(desk, external_id="m_1", target=target), channel=facebook)

    class Due:
        what, period_from = "notice", NOW

    notice = notices._leave(held.messages.get(), "Wir melden uns morgen.", Due())  # type: ignore[arg-type]
    assert notice is not None and notice.outgoing is not None
    Outgoing.objects.update(state="sending", attempts=1, fenced_at=NOW)
    echo = said(
        desk, "Wir melden uns morgen.", external_id="m_9", is_own=True, provider_at=NOW + dt.timedelta(seconds=5),
        target={}, headers={"key": notice.outgoing.key, "from": "2"},
    )  # fmt: skip
    with transaction.atomic():
        assert arrivals.offer([Arrived(facebook.pk, 5, echo, NOW)]) == {0}
    held.refresh_from_db()
    assert Outgoing.objects.get().state == "accepted"
    assert (held.unanswered_since is not None, held.messages.count()) == (True, 2)
