"""A whole circle leaves nothing in the log of what was said and by whom, also where everything is logged."""

from __future__ import annotations

import logging

import pytest

from tests.inquiries.circle import ANSWER, QUESTION, Circle


@pytest.mark.django_db
def test_no_word_name_or_address_of_a_circle_stands_in_the_log(
    circle: Circle, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    inquiry = circle.ask()
    browser = circle.browser()
    browser.get(f"/inbox/{inquiry.conversation_id}/")
    browser.get("/inbox/", {"q": "Teilzeit"})
    message = circle.answer(inquiry, ANSWER)
    circle.leaves(message)
    circle.fails(circle.answer(circle.ask(QUESTION), ANSWER))
    said = caplog.text
    words = (QUESTION, ANSWER, "Lena", "Hoffmeister", "lena@web.example", "Teilzeit", "Start ist")
    assert [word for word in words if word in said] == []
