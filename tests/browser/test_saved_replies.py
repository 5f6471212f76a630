"""A saved reply in a real browser: found and put in by keys alone, where the cursor stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_inbox import signed_in, story

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.inbox.story import Desk

pytestmark = pytest.mark.browser
__all__ = ["signed_in", "story"]


def test_a_saved_reply_is_found_and_put_in_by_keys(story: Desk, desk: str, signed_in: Callable[..., Page]) -> None:
    from ganzohr.inbox.models import Conversation, Draft
    from ganzohr.knowledge import actions
    from ganzohr.knowledge.models import SavedReply, SavedUse

    for name, text in {"Dank": "Danke dir, {first_name}.", "Wer": "Das weiß {expert}."}.items():
        actions.save_reply(SavedReply(), {"name": name}, {("de", "informal"): text}, story.sophie, story.actor)
    held = Conversation.objects.get(contact__name="Person 11")
    page = signed_in(viewport={"width": 1440, "height": 900})
    page.goto(f"{desk}/inbox/{held.pk}/")
    page.keyboard.press("r")
    page.keyboard.insert_text("Hallo.\n\nBis bald")
    for _letter in "\nBis bald":
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[data-use]")).to_have_count(2)
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    page.keyboard.insert_text("weiß")
    with page.expect_response(lambda answer: answer.request.method == "POST" and "saved-replies" in answer.url):
        page.keyboard.press("Enter")  # at once: it waits for what was typed
    expect(page.locator("#text")).to_have_value("Hallo.\nDas weiß [Vorname der Fachperson].\nBis bald")
    expect(dialog).to_be_hidden()
    expect(page.locator("#checks")).to_contain_text("[Vorname der Fachperson]")
    page.get_by_text("saved as a draft").first.wait_for(state="attached")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    dialog.get_by_role("button", name="Use Dank").focus()
    with page.expect_response(lambda answer: answer.request.method == "POST" and "saved-replies" in answer.url):
        page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    twice = "Hallo.\nDas weiß [Vorname der Fachperson].\nDanke dir, Person.\nBis bald"
    expect(page.locator("#text")).to_have_value(twice)
    assert {draft.conversation_id for draft in Draft.objects.all()} == {held.pk}
    assert sorted(SavedUse.objects.values_list("reply__name", "count")) == [("Dank", 1), ("Wer", 1)]
