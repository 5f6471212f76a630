"""A new website: nobody can write before it is said who reads; then the line, the link, and whether both work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.channels.models import Channel
from ganzohr.core import times
from ganzohr.directory.models import OpeningHours
from ganzohr.website.models import Sighting

if TYPE_CHECKING:
    from tests.website.visitors import Visitor

pytestmark = pytest.mark.django_db
FILLED = {"title": "Kliniken Auental", "privacy_url": "https://www.auental.example/datenschutz", "address": "formal"}
SUNDAY_NIGHT = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)


@pytest.fixture
def manager(db: None) -> Client:
    """Sophie's browser."""
    client = Client()
    client.force_login(User.objects.create_user("sophie@auental.example", role="manager", language="en"))
    return client


def connect(manager: Client, **typed: str) -> Any:
    return manager.post(reverse("website:connect"), {**FILLED, **typed})


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [({"title": " "}, "title"), ({"privacy_url": ""}, "privacy_url"), ({"privacy_url": "javascript:x"}, "privacy_url")],
)
def test_no_website_begins_without_the_employers_name_and_privacy_page(
    manager: Client, typed: dict[str, str], wrong: str
) -> None:
    answer = connect(manager, **typed)
    assert (answer.status_code, list(answer.context["form"].errors), Channel.objects.count()) == (422, [wrong], 0)


def test_no_shorter_way_begins_one(manager: Client) -> None:
    assert manager.post(reverse("channels:connect", args=["website"])).status_code == 404
    assert Channel.objects.count() == 0


def test_visitors_of_a_new_website_agree_that_the_employer_reads_what_they_write(manager: Client) -> None:
    hours = OpeningHours.objects.create(name="Careers team")
    answer = connect(manager, hours=str(hours.pk))
    channel = Channel.objects.get()
    assert (channel.hours, channel.address, channel.settings["origins"]) == (
        hours, "formal", ["https://www.auental.example"],
    )  # fmt: skip
    page = manager.get(answer["Location"]).content.decode()
    assert [page.count(f"/w/{channel.key}/{end}") for end in ("widget.js", '" id', "</a>")] == [1, 0, 1]
    plain = Client().get(f"/w/{channel.key}/?lang=de").content.decode()
    assert "dass Kliniken Auental speichert und liest" in plain
    assert 'href="https://www.auental.example/datenschutz"' in plain


def test_an_empty_desk_promises_the_next_working_day_and_nothing_on_sunday_night(manager: Client) -> None:
    connect(manager)
    with times.frozen(SUNDAY_NIGHT):
        plain = Client().get(f"/w/{Channel.objects.get().key}/?lang=de").content.decode()
    assert "Wir antworten bis morgen, 16:00 Uhr." in plain


def test_whoever_has_no_privacy_page_yet_says_so_and_the_card_keeps_saying_it(manager: Client) -> None:
    missing = "Visitors find no privacy page beside the consent"
    assert connect(manager, privacy_url="", without_privacy="on").status_code == 303
    channel = Channel.objects.get()
    assert missing in manager.get(reverse("channels:list")).content.decode()
    typed = {"title": "Kliniken Auental", "privacy_url": FILLED["privacy_url"], "without_privacy": "on", "link_days": 9}
    manager.post(reverse("website:setup", args=[channel.pk]), typed)
    channel.refresh_from_db()
    assert (missing in manager.get(reverse("channels:list")).content.decode(), channel.settings["without_privacy"]) == (
        False, False,
    )  # fmt: skip


def test_the_settings_ask_for_the_same(manager: Client, channel: Channel) -> None:
    answer = manager.post(reverse("website:setup", args=[channel.pk]), {"title": "", "link_days": "30"})
    assert (answer.status_code, list(answer.context["setup_form"].errors)) == (422, ["title", "privacy_url"])


def test_the_page_says_where_the_line_was_seen_and_when_somebody_wrote(
    manager: Client, channel: Channel, visitor: Visitor
) -> None:
    page = reverse("website:sources", args=[channel.pk])
    assert "not seen on any website yet" in manager.get(page).content.decode()
    for origin in (visitor.origin, visitor.origin, "https://elsewhere.example", "https://third.example"):
        Client().get(f"/w/{channel.key}/config", headers={"origin": origin})
    assert list(Sighting.objects.values_list("origin", "was_let_in")) == [
        (visitor.origin, True), ("https://elsewhere.example", False),
    ]  # fmt: skip
    seen = manager.get(page).content.decode()
    assert f"The line works on <b>{visitor.origin}</b>" in seen
    assert "<b>https://elsewhere.example</b> has the line too" in seen


def test_our_own_pages_and_nonsense_are_no_sighting(channel: Channel, settings: Any) -> None:
    for origin in (settings.INSIDE_URL.rstrip("/"), "null", "https://x.example/path", ""):
        Client().get(f"/w/{channel.key}/config", headers={"origin": origin})
    assert Sighting.objects.count() == 0
