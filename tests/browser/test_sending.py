"""Sending in a real browser: what was pressed leaves at once, whatever else the page asks the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.test_inbox import signed_in, story  # noqa: F401  fixtures

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.inbox.story import Desk

pytestmark = pytest.mark.browser
TWO_CHECKS = "for (const _ of [1, 2]) document.querySelector('#text').dispatchEvent(new Event('inserted'))"


@pytest.fixture
def opened(story: Desk, desk: str, signed_in: Callable[..., Page]) -> tuple[Page, list[Any]]:  # noqa: F811
    """A conversation with words in its box, and what was sent, each held back on its way."""
    from ganzohr.inbox.models import Conversation

    page = signed_in(viewport={"width": 1440, "height": 900})
    page.goto(f"{desk}/inbox/{Conversation.objects.get(contact__name='Person 5').pk}/")
    sent: list[Any] = []
    page.route("**/answers/**", lambda route: sent.append(route))  # noqa: PLW0108  no builtin
    page.locator("#text").fill("Ja, gern.")
    return page, sent


def test_what_is_sent_waits_for_no_check_and_none_cuts_it(opened: tuple[Page, list[Any]]) -> None:
    from ganzohr.channels.models import Outgoing

    page, sent = opened
    checks: list[Any] = []
    page.route("**/checks/**", lambda route: checks.append(route))  # noqa: PLW0108  no builtin
    with page.expect_request("**/checks/**"):
        page.evaluate(TWO_CHECKS)
    with page.expect_request("**/answers/**"):
        page.locator("#send").click()
    page.evaluate(TWO_CHECKS)
    sent[0].continue_()
    page.locator(".leaving").wait_for()
    assert (len(sent), len(checks), Outgoing.objects.count()) == (1, 1, 1)


def test_whoever_says_that_it_fits_after_sending_does_not_cut_it(
    opened: tuple[Page, list[Any]],
    story: Desk,  # noqa: F811
) -> None:
    page, sent = opened
    story.arrive(story.say("Noch etwas", sender_id="5@x.org", sender_name="Person 5", thread_key="5"))
    fits = page.locator("#checks button[name=seen]")
    fits.wait_for()
    with page.expect_request("**/answers/**"):
        page.locator("#send").click()
    fits.click()
    with page.expect_response("**/answers/**"):
        sent[0].continue_()
    assert len(sent) == 1
