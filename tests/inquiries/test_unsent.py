"""Nobody was asked as long as the mail that asks lies here; the pages say so."""

from __future__ import annotations

import datetime as dt

import pytest

from ganzohr.channels.models import Channel, Outgoing
from ganzohr.core import times
from ganzohr.inquiries.models import Inquiry
from tests.inquiries.circle import MONDAY, Circle

pytestmark = pytest.mark.django_db
LIES_HERE = "The question to Karin Wöhlert still lies here: no mailbox sends it at the moment."


def pages(circle: Circle, inquiry: Inquiry) -> tuple[str, str]:
    browser = circle.browser()
    return tuple(browser.get(path).content.decode() for path in (f"/inbox/{inquiry.conversation_id}/", "/"))  # type: ignore[return-value]


def test_without_a_mailbox_that_works_nobody_is_said_to_be_asked(circle: Circle) -> None:
    inquiry = circle.ask()
    Channel.objects.filter(kind="mail").update(state="paused")
    talk, today = pages(circle, inquiry)
    assert (LIES_HERE in talk, "was asked" in talk, "waiting for Karin" in talk) == (True, False, False)
    assert ("One question has not left yet." in today, "still lies here" in today) == (True, True)


def test_a_mail_that_was_tried_in_vain_lies_here(circle: Circle) -> None:
    inquiry = circle.ask()
    Outgoing.objects.update(attempts=1, not_before=MONDAY + dt.timedelta(minutes=5))
    assert LIES_HERE in pages(circle, inquiry)[0]


def test_a_mail_that_waits_for_its_hour_is_no_trouble(circle: Circle) -> None:
    inquiry = circle.ask()
    Outgoing.objects.update(state="accepted")
    with times.frozen(MONDAY + dt.timedelta(hours=1)):
        talk, today = pages(circle, inquiry)
    assert (LIES_HERE in talk, "not left yet" in today) == (False, False)
