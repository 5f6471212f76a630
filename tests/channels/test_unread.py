"""What could not be read is shown wherever it came in, with its reason in words, and stays in sight when read again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from ganzohr.accounts.models import User
from ganzohr.channels import actions, days, unread
from ganzohr.channels.models import App, Channel, Delivery
from ganzohr.config import views
from ganzohr.core import times
from ganzohr.desk import facts
from ganzohr.directory.models import Colleague, Site
from ganzohr.ui.counted import CAP, Count


@pytest.fixture
def manager(db: None, client: Client) -> Client:
    """A manager, signed in."""
    user = User.objects.create_user("sophie@example.org", role="manager", language="en")
    client.force_login(user)
    return client


@pytest.fixture
def broken(app: App, channel: Channel, claimed: list[str]) -> Delivery:
    """Bytes for an app that nobody can read; a channel of ours hangs on it."""
    App.objects.filter(pk=app.pk).update(kind="meta")
    Channel.objects.filter(pk=channel.pk).update(app=app)
    actions.store_for_app(app, "standin", "", {}, b"{broken")
    actions.process_deliveries()
    return Delivery.objects.get()


def words(client: Client, name: str, *arguments: object, **query: str | int) -> str:
    """What a person reads there."""
    page = client.get(reverse(name, args=arguments), query)
    assert page.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", page.content.decode()).split())


def test_a_delivery_to_an_app_that_nobody_could_read_is_told_on_every_page_that_speaks_of_it(
    manager: Client, broken: Delivery, channel: Channel
) -> None:
    line = "1 delivery to the app at Meta could not be read. Nobody can tell for which channel it was. Look"
    assert line in words(manager, "channels:list")
    assert "One delivery could not be read." in words(manager, "channels:list")
    assert "1 delivery to the app could not be read." in words(manager, "channels:deliveries", channel.pk)
    assert "1 delivery could not be read Look" in words(manager, "channels:meta_app")
    there = words(manager, "channels:meta_deliveries")
    assert ("Unreadable 1" in there, "damaged or cut off" in there, "{broken" in there) == (True, True, True)
    assert f'href="{reverse("channels:meta_deliveries")}"' in manager.get(reverse("desk:today")).content.decode()
    assert (unread.aside(9), views.state()[0]["unread"]) == (1, 1)


def test_whoever_is_limited_to_a_site_hears_nothing_of_the_apps_deliveries(
    client: Client, broken: Delivery, channel: Channel
) -> None:
    user = User.objects.create_user("uta@example.org", role="manager", language="en")
    Colleague.objects.create(name="Uta", user=user).limited_to.add(Site.objects.create(name="Marienhöhe"))
    client.force_login(user)
    assert "could not be read" not in words(client, "channels:list") + words(client, "desk:today")
    assert client.get(reverse("channels:meta_deliveries")).status_code == 403


def test_what_is_read_again_stays_and_shows_what_becomes_of_it(manager: Client, broken: Delivery) -> None:
    answer = manager.post(reverse("channels:meta_delivery_again", args=[broken.pk]))
    assert answer["Location"] == f"{reverse('channels:meta_deliveries')}?state=failed&again={broken.pk}"
    seen = {"state": "failed", "again": str(broken.pk)}
    page = manager.get(reverse("channels:meta_deliveries"), seen).content.decode()
    assert ("is being read …" in page, 'hx-trigger="load delay:1s"' in page, "It is read" in page) == (
        True,
        True,
        False,
    )
    actions.process_deliveries()
    part = manager.get(
        reverse("channels:meta_deliveries"), seen, headers={"HX-Request": "true", "HX-Target": "again"}
    ).content.decode()
    assert part.startswith('<li class="out" id="again">')
    assert 'hx-swap-oob="true"' in part.partition("</li>")[2]
    assert ("still not understood" in part, "damaged or cut off" in part) == (True, True)
    Delivery.objects.update(state="done", error="")
    page = words(manager, "channels:meta_deliveries", **seen)
    assert ("Read once more and understood." in page, "Run again" in page) == (True, False)


def test_the_page_reads_how_a_delivery_begins_and_leaves_the_rest_where_it_is(
    manager: Client, broken: Delivery
) -> None:
    Delivery.objects.update(body=b"b" * 3_000_000)
    with CaptureQueriesContext(connection) as asked:
        seen = words(manager, "channels:meta_deliveries", again=broken.pk)
        manager.post(reverse("channels:meta_delivery_again", args=[broken.pk]))
    whole = [one["sql"] for one in asked.captured_queries if re.search(r'[^(]"channels_delivery"\."body"', one["sql"])]
    assert ("2.9 MB" in seen, "b" * unread.LONGEST in seen, "b" * (unread.LONGEST + 1) in seen, whole) == (
        True, True, False, [],
    )  # fmt: skip


def test_nobody_sees_a_delivery_of_another_door_by_its_number(manager: Client, broken: Delivery) -> None:
    hand = Channel.objects.create(kind="hand", name="By hand", key="hand")
    assert "{broken" not in words(manager, "channels:deliveries", hand.pk, again=broken.pk)


@pytest.mark.parametrize(
    ("state", "error", "beginning"),
    [
        ("failed", "JSONDecodeError", "What arrived is damaged"),
        ("failed", "Damaged: an entry without a sender", "What arrived is damaged"),
        ("failed", "ValueError", "The program stumbled over it; that"),
        ("failed", "KeyError", "The program stumbled over it; that"),
        ("failed", "crashed", "Could not be read to the end"),
        ("unsupported", "no channel for 999", "It is for an account that is not connected here: 999."),
        ("unsupported", "", "It holds something this version does not know"),
        ("waiting", "", ""),
    ],
)
def test_reasons_are_words_and_the_technical_one_stands_behind(state: str, error: str, beginning: str) -> None:
    one = unread.Unread(Delivery(state=state, error=error, body=b""))
    assert one.reason[: len(beginning)] == beginning
    assert (one.technical or "-") in (error or "-", "-")
    assert "Error" not in one.reason


BACKLOG = """
INSERT INTO channels_delivery (channel_id, kind, path, headers, body, received_at, state, attempts, error)
SELECT %s, '', '/p' || n, '{}', 'x', %s, 'waiting', 0, '' FROM generate_series(1, 2000) AS n
"""
OF_TODAY = """
SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid JOIN pg_index ON indexrelid = inhrelid
WHERE inhparent = 'delivery_failed'::regclass AND indrelid = %s::regclass
"""


def test_a_tab_counts_no_further_than_it_is_worth_however_long_a_rush(
    manager: Client, channel: Channel, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Delivery.objects.bulk_create(
        Delivery(channel=channel, body=b"", state=state, received_at=times.now())
        for state, count in (("waiting", CAP + 1), ("failed", 1))
        for _ in range(count)
    )
    with django_assert_num_queries(1):
        assert unread.counts(Delivery.objects.all()) == {"waiting": Count(CAP), "failed": Count(1)}


def test_what_nobody_could_read_is_counted_no_further_than_it_is_worth_and_hides_no_other_channel(
    manager: Client,
    app: App,
    channel: Channel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = Channel.objects.create(kind="hand", name="By hand", key="hand")
    places: list[dict[str, Any]] = [
        {"channel": other},
        *[{"channel": channel}] * (CAP + 1),
        *[{"app": app}] * (CAP + 1),
    ]
    Delivery.objects.bulk_create(
        Delivery(**place, body=b"", state="failed", received_at=times.now()) for place in places
    )
    user = User.objects.get()
    assert unread.aside_of_channels([channel, other]) == {channel.pk: Count(CAP + 1), other.pk: Count(1)}
    assert unread.aside_of_apps(user) == Count(CAP)
    seen = words(manager, "channels:list")
    assert ("99+ deliveries could not be read" in seen, "99+ deliveries to the app at Meta could" in seen) == (
        True, True,
    )  # fmt: skip
    monkeypatch.setattr(unread, "NEWEST", CAP)
    assert unread.aside_of_channels([channel, other]) == {channel.pk: Count(CAP), other.pk: Count(1)}


def test_however_much_waits_what_was_set_aside_is_counted_by_its_index(db: None, channel: Channel) -> None:
    days.make()
    at = times.now()
    today = f"channels_delivery_{at:%Y%m%d}"
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG, [channel.pk, at])
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; ANALYZE {today}")
        cursor.execute(OF_TODAY, [today])
        [(ours,)] = cursor.fetchall()
    user = User.objects.create_user("sophie@example.org", role="manager", language="en")
    with CaptureQueriesContext(connection) as asked:
        unread.aside(1000)
        unread.aside_of_apps(user)
        unread.aside_of_channels([channel])
        facts.facts(user)
    questions = [one["sql"] for one in asked.captured_queries if "channels_delivery" in one["sql"]]
    used = []
    for question in questions:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {question}")
            plan = "\n".join(row[0] for row in cursor)
        used.append(set(re.findall(rf"(?:using|Index Scan on|Seq Scan on) ({today}\w*)", plan)))
    assert used == [{ours}] * 4
