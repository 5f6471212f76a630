"""Open pages hear what changed, and nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection, connections, transaction
from django.test import AsyncClient, Client
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.core import times
from ganzohr.ui import live
from ganzohr.ui.models import Revision


@pytest.mark.django_db(transaction=True)
def test_a_commit_leaves_one_revision_with_everything_it_touched() -> None:
    with transaction.atomic():
        live.touch("inbox")
        live.touch("conversation:12", "inbox")
        assert not Revision.objects.exists()
    assert [row.topics for row in Revision.objects.all()] == [["conversation:12", "inbox"]]


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_is_not_told() -> None:
    with transaction.atomic():
        live.touch("inbox")
        try:
            with transaction.atomic():
                live.touch("topics")
                raise ValueError
        except ValueError:
            pass
    assert [row.topics for row in Revision.objects.all()] == [["inbox"]]


@pytest.mark.django_db(transaction=True)
def test_a_line_that_breaks_after_the_commit_does_not_undo_the_word_that_it_was_done() -> None:
    """The database may go away between the commit and the revision: whoever committed hears no error."""

    def broken(*_given: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    with ExitStack() as line, transaction.atomic():
        transaction.on_commit(lambda: line.enter_context(connection.execute_wrapper(broken)))
        live.touch("inbox")
    assert not Revision.objects.exists()


@pytest.mark.django_db
def test_revisions_are_forgotten_after_an_hour() -> None:
    now = times.now()
    old = Revision.objects.create(topics=["inbox"], at=now - timedelta(minutes=61))
    young = Revision.objects.create(topics=["inbox"], at=now - timedelta(minutes=59))
    live.forget_revisions()
    assert (list(Revision.objects.all()), old.pk < young.pk) == ([young], True)


@pytest.fixture
async def switchboard(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[live.Switchboard]:
    """One of our own, so that closing it closes nobody else's; no thread keeps a connection."""
    own = live.Switchboard()
    monkeypatch.setattr(live, "switchboard", own)
    yield own
    await sync_to_async(connections.close_all)()


async def heard(stream: AsyncIterator[str], words: str) -> str:
    async with asyncio.timeout(10):
        async for part in stream:
            if words in part:
                return part
    raise AssertionError(f"the stream ended without {words}")


@pytest.mark.django_db(transaction=True)
async def test_a_page_hears_of_its_topics_only(switchboard: live.Switchboard) -> None:
    stream = live.stream(["inbox"], None)
    assert await anext(stream) == "retry: 2000\n\n"
    await sync_to_async(live.touch)("topics")
    await sync_to_async(live.touch)("inbox")
    part = await heard(stream, "event:")
    newest = await Revision.objects.order_by("-id").afirst()
    assert newest is not None
    assert part == f"id: {newest.pk}\nevent: inbox\ndata: {newest.pk}\n\n"
    await stream.aclose()  # type: ignore[attr-defined]
    assert (switchboard.listeners, switchboard.task) == (set(), None)


@pytest.mark.django_db(transaction=True)
async def test_a_page_that_comes_back_hears_what_it_missed(switchboard: live.Switchboard) -> None:
    before = await Revision.objects.acreate(topics=["inbox"], at=times.now())
    missed = await Revision.objects.acreate(topics=["inbox"], at=times.now())
    stream = live.stream(["inbox"], before.pk)
    assert await heard(stream, "event:") == f"id: {missed.pk}\nevent: inbox\ndata: {missed.pk}\n\n"
    await stream.aclose()  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
async def test_the_very_first_revision_is_heard_by_a_page_drawn_before_it(switchboard: live.Switchboard) -> None:
    first = await Revision.objects.acreate(topics=["inbox"], at=times.now())
    stream = live.stream(["inbox"], 0)
    assert f"id: {first.pk}\n" in await heard(stream, "event:")
    await stream.aclose()  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
async def test_a_page_older_than_what_is_kept_hears_that_everything_changed(switchboard: live.Switchboard) -> None:
    old = await Revision.objects.acreate(topics=["inbox"], at=times.now() - timedelta(hours=2))
    await sync_to_async(live.forget_revisions)()
    stream = live.stream(["inbox", "topics"], old.pk)
    told = [await heard(stream, "event:"), await heard(stream, "event:")]
    assert sorted(part.splitlines()[1] for part in told) == ["event: inbox", "event: topics"]
    await stream.aclose()  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("since", ["9" * 5000, "-1", "x", "²"])
async def test_any_number_may_stand_in_the_address(switchboard: live.Switchboard, since: str) -> None:
    user = await sync_to_async(User.objects.create_user)("sophie@auental.example")
    browser = AsyncClient()
    await browser.aforce_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer: Any = await browser.get(reverse("ui:live"), {"topics": "inbox", "since": since})
    assert b"retry" in await anext(answer.streaming_content)
    await answer.streaming_content.aclose()


@pytest.mark.django_db(transaction=True)
async def test_a_revision_that_becomes_visible_late_is_told_too(switchboard: live.Switchboard) -> None:
    first = await Revision.objects.acreate(topics=["other"], at=times.now())
    await Revision.objects.filter(pk=first.pk).adelete()
    await Revision.objects.acreate(topics=["other"], at=times.now())
    stream = live.stream(["inbox"], None)
    await anext(stream)
    await Revision.objects.acreate(pk=first.pk, topics=["inbox"], at=times.now())
    assert f"id: {first.pk}\n" in await heard(stream, "event:")
    await stream.aclose()  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
async def test_pages_that_open_together_share_one_reading(switchboard: live.Switchboard) -> None:
    streams = [live.stream(["inbox"], None) for _ in range(3)]
    await asyncio.gather(*[anext(stream) for stream in streams])
    readings = [task for task in asyncio.all_tasks() if "Switchboard._read" in repr(task.get_coro())]
    assert (len(switchboard.listeners), readings) == (3, [switchboard.task])
    for stream in streams:
        await stream.aclose()  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
async def test_every_open_page_ends_within_a_second_when_the_server_stops(switchboard: live.Switchboard) -> None:
    streams = [live.stream(["inbox"], None) for _ in range(3)]
    for stream in streams:
        await anext(stream)
    endings = [asyncio.ensure_future(anext(stream, "ended")) for stream in streams]
    await asyncio.sleep(0)
    live.close()
    async with asyncio.timeout(1):
        assert await asyncio.gather(*endings) == ["ended"] * 3


@pytest.mark.django_db
def test_nobody_listens_without_signing_in() -> None:
    answer = Client().get(reverse("ui:live") + "?topics=inbox")
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, reverse("account_login"))


@pytest.mark.django_db(transaction=True)
async def test_the_answer_is_an_event_stream_that_nobody_keeps(switchboard: live.Switchboard) -> None:
    user = await sync_to_async(User.objects.create_user)("sophie@auental.example")
    browser = AsyncClient()
    await browser.aforce_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = await browser.get(reverse("ui:live") + "?topics=inbox")
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == ("text/event-stream", "no-store")
    await answer.streaming_content.aclose()  # type: ignore[attr-defined]
