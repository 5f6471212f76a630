"""Colleagues, a mailbox of ours, and mails that come in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ganzohr.channels.arrivals import Arrived
    from ganzohr.channels.models import Channel
    from ganzohr.directory.models import Colleague
    from ganzohr.notifications.models import Ask


@pytest.fixture(autouse=True)
def monday() -> Iterator[dt.datetime]:
    """It is Monday, ten o'clock in Berlin; nobody knocked yet; asks of kind "trial" have a page."""
    from django.core.cache import caches

    from ganzohr.core import times
    from ganzohr.notifications import private_page
    from tests.notifications.trial import MONDAY, posted

    before = dict(private_page._pages)
    private_page.tie({**before, "trial": "tests.notifications.trial.trial_page"})
    posted.clear()
    caches["process"].clear()
    with times.frozen(MONDAY):
        yield MONDAY
    private_page.tie(before)


@pytest.fixture
def mailbox(db: None) -> Channel:
    """Our mail channel, with plus addresses."""
    from ganzohr.channels.models import Channel

    settings = {"address": "karriere@auental.example", "plus": "+"}
    return Channel.objects.create(kind="mail", name="Mail", key="mail", settings=settings)


@pytest.fixture
def karin(mailbox: Channel) -> Colleague:
    """An expert."""
    from ganzohr.directory.models import Colleague

    return Colleague.objects.create(name="Karin Wöhlert", email="karin@auental.example", language="de")


@pytest.fixture
def ask(karin: Colleague, monday: dt.datetime) -> Ask:
    """Karin is asked, due tomorrow."""
    from ganzohr.notifications import actions
    from tests.notifications.trial import WORDS

    due = monday + dt.timedelta(days=1)
    return actions.ask(kind="trial", subject_id=5, colleague=karin, due_at=due, words=WORDS, key="trial:5")


@pytest.fixture
def arrives(mailbox: Channel) -> Callable[..., Arrived]:
    """Makes a mail as the connector gives it."""
    from tests.notifications.trial import Post

    return Post(mailbox.pk)
