"""Lists in a real browser: what was found or loaded stays there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_inbox import signed_in, story  # noqa: F401  fixtures

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.inbox.story import Desk

pytestmark = pytest.mark.browser


def test_what_a_search_found_further_down_stays_while_others_write_and_after_back(
    story: Desk,  # noqa: F811
    desk: str,
    signed_in: Callable[..., Page],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ganzohr.core.times import now
    from ganzohr.inbox import filters, searching

    def writes(number: int, text: str, minutes: int) -> None:
        at = now() + dt.timedelta(minutes=minutes)
        story.arrive(story.say(text, sender_id=f"w{number}@x.org", thread_key=f"w{number}", provider_at=at))

    monkeypatch.setattr(searching, "ALWAYS", "SELECT true")
    monkeypatch.setattr(filters, "REACH", 3)
    monkeypatch.setattr(filters, "FURTHER", 20)
    writes(0, "Wohnheim?", -60)
    page = signed_in(viewport={"width": 1440, "height": 900})
    page.goto(f"{desk}/inbox/?q=Wohnheim")
    rows = page.locator("#rows mark")
    page.locator("#more-rows a.button--main").click()
    expect(rows).to_have_count(1)
    writes(1, "Wohnheim neu", 1)
    expect(rows).to_have_count(2)
    page.locator("#rows [data-row]").last.click()
    page.wait_for_url("**/inbox/*/?*")
    expect(rows).to_have_count(2)
    writes(2, "Wohnheim neuer", 2)
    expect(rows).to_have_count(3)
    page.go_back(wait_until="commit")
    expect(page.locator("#talk")).to_have_count(0)
    writes(3, "Wohnheim am neuesten", 3)
    expect(rows).to_have_count(4)


def test_a_live_list_stays_as_long_as_it_was_made(
    story: Desk,  # noqa: F811
    desk: str,
    signed_in: Callable[..., Page],  # noqa: F811
) -> None:
    from ganzohr.channels.models import Channel, Outgoing
    from ganzohr.core.times import now
    from ganzohr.ui.live import touch

    def fails(number: int) -> Outgoing:
        channel = Channel.objects.earliest("pk")
        return Outgoing(
            channel=channel, kind="answer", target={}, payload={"text": f"Nummer {number}."}, key=f"f{number}",
            state="refused", not_before=now(), created_at=now(),
        )  # fmt: skip

    Outgoing.objects.bulk_create(fails(number) for number in range(40))
    page = signed_in(viewport={"width": 1440, "height": 900})
    page.goto(f"{desk}/outbox/?show=hand")
    page.locator(".more a").click()
    expect(page.locator("#rows > li")).to_have_count(40)
    fails(40).save()
    touch("outbox")
    expect(page.locator("#rows > li").first).to_contain_text("Nummer 40.")
    expect(page.locator("#rows > li")).to_have_count(40)
