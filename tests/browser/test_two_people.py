"""Two people write in one box: what each of them typed stays, also after coming back and loading again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.inquiries.circle import Circle

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(house: Circle, as_user: Callable[..., Page]) -> tuple[Any, Any, Page]:
    """Sophie has a conversation open, and Thomas is somebody else."""
    from ganzohr.inbox.models import Conversation

    held = Conversation.objects.get(pk=house.ask().conversation_id)
    page = as_user(house.sophie.user)
    page.goto(f"/inbox/{held.pk}/")
    return held, house.thomas, page


def test_words_kept_in_the_browser_are_shown_a_colleagues_newer_ones_and_none_are_lost(
    opened: tuple[Any, Any, Page],
) -> None:
    from ganzohr.inbox import actions
    from ganzohr.inbox.models import Draft

    held, thomas, page = opened
    actions.save_draft(held, "reply", "Von Thomas", thomas, 0)
    expect(page.locator("#text")).to_have_value("Von Thomas")
    page.locator("#text").fill("Von Sophie")
    actions.save_draft(held, "reply", "Von Thomas, länger", thomas, 1)
    notice = page.locator("#others")
    expect(notice).to_contain_text(f"{thomas.name} saved other words here.")
    page.goto("/inbox/")
    page.goto(f"/inbox/{held.pk}/")

    expect(notice).to_contain_text(f"{thomas.name} saved other words here.")
    expect(page.locator("#text")).to_have_value("Von Sophie")
    notice.get_by_text("Look at it").click()
    expect(notice.locator(".pair__draft")).to_have_text("Von Thomas, länger")
    assert Draft.objects.get().text == "Von Thomas, länger"

    notice.get_by_role("button", name="Take these words").click()
    expect(page.locator("#text")).to_have_value("Von Thomas, länger")
    expect(notice).to_be_empty()
    page.reload()
    expect(page.locator("#text")).to_have_value("Von Thomas, länger")
    page.get_by_role("button", name="Bring back").click()
    expect(page.locator("#text")).to_have_value("Von Sophie")
    expect(page.locator(".earlier q")).to_have_text("Von Thomas, länger")

    actions.save_draft(held, "reply", "Von Thomas, neu", thomas, Draft.objects.get().revision)
    expect(notice).to_contain_text(f"{thomas.name} saved other words here.")
    expect(page.locator("#text")).to_have_value("Von Sophie")  # nobody types, yet nothing is changed unseen
