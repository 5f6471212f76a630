"""Short links lead where they should and count clicks, never people."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.audit import actions as audit
from ganzohr.channels import actions as channels
from ganzohr.channels.models import Channel
from ganzohr.core import times
from ganzohr.knowledge import actions, codes
from ganzohr.knowledge.models import Click, DeepLink, ShortLink
from ganzohr.topics.models import Topic

pytestmark = pytest.mark.django_db
ME = audit.round_("test")
BROWSER = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Instagram 350.0"}


@pytest.fixture
def channel(db: None) -> Channel:
    return channels.connect("hand", {"name": "Instagram"}, ME)


@pytest.fixture
def link(channel: Channel) -> DeepLink:
    topic = Topic.objects.create(slug="training", names={"en": "Apprenticeship"})
    values = {"name": "Apply", "url": "https://jobs.example.org/apply?id=7", "topic": topic, "language": "de"}
    return actions.save_link(DeepLink(), values, ME)


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(User.objects.create_user("sophie@example.org", role="manager", language="en"))
    return client


def follow(client: Client, code: str, method: str = "get", **headers: str) -> tuple[int, str | None, int]:
    answer = getattr(client, method)(reverse("knowledge:go", args=[code]), headers={**BROWSER, **headers})
    assert not answer.cookies
    return answer.status_code, answer.get("Location"), Click.objects.count()


def test_each_channel_gets_a_code_of_its_own_that_stays(link: DeepLink, channel: Channel) -> None:
    mine, other = actions.link_for(link, channel), actions.link_for(link, None)
    assert (mine != other, mine == actions.link_for(link, channel), ShortLink.objects.count()) == (True, True, 2)
    later = channels.connect("hand", {"name": "Later"}, ME)
    assert actions.link_for(link, later) not in (mine, other)


def test_a_click_leads_on_and_is_counted_without_a_trace_of_the_person(client: Client, link: DeepLink) -> None:
    short = ShortLink.objects.get(deep_link=link, channel=None)
    assert follow(client, short.code) == (302, link.url, 1)
    assert follow(client, short.code.upper()) == (302, link.url, 2)
    assert {field.name for field in Click._meta.get_fields()} == {"id", "short_link", "on", "count"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("head", {}),
        ("get", {"sec-purpose": "prefetch;prerender"}),
        ("get", {"purpose": "preview"}),
        ("get", {"x-moz": "prefetch"}),
        ("get", {"user-agent": "facebookexternalhit/1.1"}),
        ("get", {"user-agent": "WhatsApp/2.23.20.0"}),
        ("get", {"user-agent": "LinkedInBot/1.0"}),
        ("get", {"user-agent": "curl/8.5"}),
        ("get", {"user-agent": ""}),
    ],
)
def test_machines_and_looks_ahead_are_led_on_but_not_counted(
    client: Client, link: DeepLink, method: str, headers: dict[str, str]
) -> None:
    short = ShortLink.objects.get(deep_link=link, channel=None)
    assert follow(client, short.code, method, **headers) == (302, link.url, 0)


def test_unknown_and_archived_codes_lead_to_a_friendly_page(client: Client, link: DeepLink) -> None:
    short = ShortLink.objects.get(deep_link=link, channel=None)
    assert follow(client, "nothere") == (404, None, 0)
    actions.archive(link, ME)
    answer = client.get(reverse("knowledge:go", args=[short.code]), headers={"accept-language": "de"})
    assert (answer.status_code, "http" in answer.content.decode().split("</head>")[1]) == (410, False)
    actions.restore(link, ME)
    assert follow(client, short.code) == (302, link.url, 1)


def test_clicks_are_folded_to_one_row_a_day_without_losing_any(link: DeepLink) -> None:
    one, two = ShortLink.objects.order_by("id")
    start = dt.datetime(2026, 11, 20, 22, 30, tzinfo=dt.UTC)  # 23:30 in Berlin
    for minutes in (0, 10, 20, 40, 50):
        with times.frozen(start + dt.timedelta(minutes=minutes)):
            actions.count_click(one)
    with times.frozen(start):
        actions.count_click(two)
    assert actions.fold_clicks() == 2
    assert actions.fold_clicks() == 0
    rows = Click.objects.order_by("short_link_id", "on").values_list("short_link_id", "on", "count")
    assert list(rows) == [
        (one.pk, dt.date(2026, 11, 20), 3), (one.pk, dt.date(2026, 11, 21), 2), (two.pk, dt.date(2026, 11, 20), 1),
    ]  # fmt: skip


def test_codes_are_short_and_hold_nothing_that_looks_like_something_else() -> None:
    made = {codes.new_code() for _ in range(2000)}
    assert (len(made), {len(code) for code in made}) == (2000, {7})
    assert set("".join(made)) & set("01ilou") == set()


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://x.org/", "jobs.example.org", "https://a b.org", "https://x@evil.org/"]
)
def test_only_web_addresses_are_taken(manager: Client, url: str) -> None:
    answer = manager.post(reverse("knowledge:create"), {"name": "Apply", "url": url})
    assert (answer.status_code, DeepLink.objects.count()) == (422, 0)


def test_a_link_is_made_changed_archived_and_brought_back(manager: Client, link: DeepLink) -> None:
    manager.post(reverse("knowledge:create"), {"name": "Contact", "url": "https://jobs.example.org/contact"})
    code = ShortLink.objects.get(deep_link=link, channel=None).code
    manager.post(
        reverse("knowledge:edit", args=[link.pk]), {"name": "Apply now", "url": "https://jobs.example.org/new"}
    )
    assert follow(manager, code) == (302, "https://jobs.example.org/new", 1)
    page = manager.post(reverse("knowledge:archive", args=[link.pk]), follow=True)
    assert [one.name for one in page.context["slice"].rows] == ["Contact"]
    assert reverse("knowledge:restore", args=[link.pk]) in page.content.decode()
    manager.post(reverse("knowledge:restore", args=[link.pk]))
    page = manager.get(reverse("knowledge:list"))
    assert [one.name for one in page.context["slice"].rows] == ["Apply now", "Contact"]


def test_the_page_of_a_link_shows_clicks_by_channel_and_day(manager: Client, link: DeepLink, channel: Channel) -> None:
    short = ShortLink.objects.get(deep_link=link, channel=channel)
    for _ in range(3):
        actions.count_click(short)
    page = manager.get(reverse("knowledge:link", args=[link.pk]))
    assert {place.short_link.channel: place.clicks for place in page.context["places"]} == {channel: 3, None: 0}
    assert "3 clicks in the last 30 days." in page.content.decode()
    assert "<svg" in page.content.decode()


def test_the_composer_is_offered_links_of_the_topic_for_its_channel(
    manager: Client, link: DeepLink, channel: Channel
) -> None:
    topic = link.topic_id or 0
    query: dict[str, Any] = {"topic": topic, "language": "de", "channel": channel.pk}
    page = manager.get(reverse("knowledge:pick"), query, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in page
    assert "<html" in manager.get(reverse("knowledge:pick"), query).content.decode()
    assert f'data-insert="{actions.link_for(link, channel)}"' in page
    other = manager.get(reverse("knowledge:pick"), {**query, "topic": topic + 1}).content.decode()
    assert "data-insert" not in other


def test_the_list_asks_few_questions_and_finds_by_topic_and_name(
    manager: Client, link: DeepLink, django_assert_max_num_queries: object
) -> None:
    for number in range(60):
        actions.save_link(DeepLink(), {"name": f"Link {number:02}", "url": "https://x.org/"}, ME)
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        page = manager.get(reverse("knowledge:list"))
    more = manager.get(reverse("knowledge:list"), {"after": page.context["slice"].after})
    assert len(page.context["slice"].rows) + len(more.context["slice"].rows) == 61
    wanted: dict[str, Any] = {"topic": link.topic_id or 0, "q": "app"}
    chosen = manager.get(reverse("knowledge:list"), wanted)
    assert [one.pk for one in chosen.context["slice"].rows] == [link.pk]
