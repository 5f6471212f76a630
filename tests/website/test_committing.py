"""Letters go the way of hooks: written together, thanked only after the commit, and the same letter is one letter."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.db import connection
from django.test import RequestFactory

from ganzohr.channels import actions as channels
from ganzohr.channels import committer, days, group, line
from ganzohr.channels.accounts import account_of
from ganzohr.channels.connectors.website import connector
from ganzohr.channels.connectors.website.letter import unpack
from ganzohr.channels.models import Channel, Delivery
from ganzohr.config.asgi import application
from ganzohr.core import times
from ganzohr.website import actions, limits
from ganzohr.website.models import Knock, Visit
from tests.channels.test_committing import no_commits, until
from tests.website.visitors import SITE, Visitor

pytestmark = pytest.mark.django_db(transaction=True)
WIDGET, PAGE = "/w/auental/letters?lang=de", "/w/auental/?lang=de"


def close() -> None:
    """The connection of the thread that calls."""
    connection.close()


async def send(form: dict[str, Any], address: str = WIDGET) -> Any:
    """As the web server does: by a thread of the request's own, beside the loop."""
    request = RequestFactory().post(address, form, headers={"origin": SITE} if address == WIDGET else {})
    async with ThreadSensitiveContext():
        try:
            return await application.pages.get_response_async(request)  # type: ignore[attr-defined]
        finally:
            await sync_to_async(close)()


async def statuses(*forms: dict[str, Any]) -> list[int]:
    return [answer.status_code for answer in await asyncio.gather(*[send(form) for form in forms])]


def texts() -> list[str]:
    return [unpack(bytes(body)).text for body in Delivery.objects.order_by("id").values_list("body", flat=True)]


def consents() -> list[str | None]:
    bodies = Delivery.objects.order_by("id").values_list("body", flat=True)
    return [unpack(bytes(body)).consent.get("version") for body in bodies]


def counts() -> tuple[int, int, int]:
    return Visit.objects.count(), Knock.objects.count(), Delivery.objects.count()


def test_letters_that_come_at_once_share_a_commit_and_nobody_is_thanked_before_it(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(committer, "_ring", lambda: rung.append(1))
    first, *others = [Visitor(channel).form(text=f"Frage {n}") for n in range(7)]

    async def story() -> tuple[list[int], int]:
        ours = group.here().committer
        with no_commits() as is_held_up:
            sending = [asyncio.create_task(statuses(first))]
            await until(is_held_up)
            sending.append(asyncio.create_task(statuses(*others)))
            await until(lambda: len(ours.waiting) == 6)
            assert [one.done() for one in sending] == [False, False]
        said = [status for one in await asyncio.gather(*sending) for status in one]
        await until(lambda: bool(rung))
        return said, ours.commits

    assert asyncio.run(story()) == ([200] * 7, 2)
    assert (sorted(texts()), counts()) == ([f"Frage {n}" for n in range(7)], (7, 7, 7))


def test_the_same_letter_is_one_while_it_is_under_way_and_over_both_ways(visitor: Visitor, channel: Channel) -> None:
    form = visitor.form()

    async def story() -> list[int]:
        with no_commits() as is_held_up:
            sending = asyncio.create_task(statuses(form, form, form))
            await until(is_held_up)
        return await sending + await statuses(form)

    assert asyncio.run(story()) == [200] * 4
    assert visitor.write(**form).status_code == 200
    assert counts() == (1, 1, 1)
    delivery = Delivery.objects.get()
    channel.refresh_from_db()
    assert connector.verify(account_of(channel), delivery.path, delivery.headers, bytes(delivery.body))


def test_where_no_more_is_held_a_person_reads_it_and_the_same_form_is_one_letter_later(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = visitor.form()

    async def story() -> None:
        with monkeypatch.context() as full:
            full.setattr(committer, "MOST_WAITING", 0)
            by_widget, by_page = await send(form), await send(form, PAGE)
        for answer in (by_widget, by_page):
            assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert (b'"busy"' in by_widget.content, by_widget["Access-Control-Allow-Origin"]) == (True, SITE)
        drawn = by_page.content.decode()
        assert "Das kam gerade nicht bei uns an." in drawn and form["text"] in drawn
        assert {**form, **dict(re.findall(r'name="(token|id|stamp)" value="([^"]*)"', drawn))} == form

    asyncio.run(story())
    assert counts() == (1, 1, 0)
    assert asyncio.run(statuses({**form, "consent": ""}, {**form, "stamp": ""})) == [422, 422]
    assert asyncio.run(statuses(form)) == [200]
    assert (counts(), texts()) == ((1, 1, 1), [form["text"]])
    assert consents() == [form["consent_version"]]
    assert asyncio.run(statuses({"token": form["token"], "id": "more-of-it", "text": "Und noch etwas"})) == [200]
    assert consents() == [form["consent_version"], None]


@pytest.mark.django_db
def test_on_the_private_page_too_the_letter_keeps_its_name(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor.write()

    def refuse(*_values: object) -> None:
        raise channels.NotKept

    monkeypatch.setattr(channels, "accept", refuse)
    answer = visitor.client.post(f"/v/{visitor.token}/", {"text": "Noch etwas", "id": "mine-and-mine"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert 'name="id" value="mine-and-mine"' in answer.content.decode()


def test_who_waited_too_long_is_not_thanked_and_what_was_kept_after_all_is_one_letter(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = visitor.form()
    monkeypatch.setattr(group, "PATIENCE", 0.05)

    async def story() -> list[int]:
        with no_commits():
            first = await statuses(form)
        await until(lambda: group.here().committer.kept == 1)
        monkeypatch.setattr(group, "PATIENCE", 10)
        return first + await statuses(form)

    assert asyncio.run(story()) == [503, 200]
    assert counts() == (1, 1, 1)


def test_while_the_committer_has_no_database_nobody_is_thanked(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = visitor.form()

    async def story() -> list[int]:
        with monkeypatch.context() as away:
            away.setattr(line, "parameters", lambda: {"host": "/nowhere"})
            first = await statuses(form)
        return first + await statuses(form)

    assert asyncio.run(story()) == [503, 200]
    assert counts() == (1, 1, 1)


def test_what_is_heavy_or_comes_while_the_process_ends_is_written_by_itself(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> int:
        with monkeypatch.context() as strict:
            strict.setattr(group, "HEAVY", 10)
            assert await statuses(Visitor(channel).form()) == [200]
        group.drain()
        assert await statuses(Visitor(channel).form()) == [200]
        return group.here().committer.commits

    assert asyncio.run(story()) == 0
    assert counts() == (2, 2, 2)


@pytest.mark.django_db
def test_a_visit_whose_letter_never_came_harms_nobody_and_is_forgotten(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent, waiting, read = Visitor(channel), Visitor(channel), Visitor(channel)
    read.write()
    channels.process_deliveries()
    waiting.write()
    with monkeypatch.context() as crash:
        crash.setattr(channels, "accept", lambda *values: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            silent.write(mail_address="lena@example.org")
    assert (silent.read().json()["entries"], counts()) == ([], (3, 3, 2))
    assert actions.forget_silent_visits() == 0
    days.keep()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SELECT tableoid::regclass::text FROM channels_delivery WHERE state = 'waiting'")
        [(place,)] = cursor.fetchall()
    days._put_aside(place)
    with times.frozen(times.now() + timedelta(days=2)):
        assert actions.forget_silent_visits() == 1
    assert [one.read().status_code for one in (silent, waiting, read)] == [410, 200, 200]
    assert silent.write().status_code == 200


@pytest.mark.django_db
def test_a_second_letter_finds_the_first_beside_the_table_and_brings_nothing_back(visitor: Visitor) -> None:
    days.keep()
    assert visitor.write().status_code == 200
    (place,) = Delivery.objects.values_list("received_at", flat=True)
    days._put_aside(f"channels_delivery_{place:%Y%m%d}")
    try:
        assert [actions.is_known(token) for token in (visitor.token, "another")] == [True, False]
        assert visitor.write(consent="", consent_version="").status_code == 200
        assert days.outside(9)["aside"] == 1
    finally:
        days.keep()


def test_a_letter_known_already_is_thanked_for_although_a_limit_is_reached(
    visitor: Visitor, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = visitor.form()
    visitor.write(**form)
    monkeypatch.setattr(limits, "LETTERS_PER_CHANNEL", 1)
    assert [visitor.write(**form).status_code, visitor.write(text="Noch etwas").status_code] == [200, 429]
    assert counts() == (1, 1, 1)


@pytest.mark.django_db
def test_a_letter_known_already_may_come_again_but_not_without_end(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REPEATS", 1)
    form = visitor.form()
    assert [visitor.write(**form).status_code for _ in range(3)] == [200, 200, 429]
    with times.frozen(times.now() + limits.WINDOW):
        assert [visitor.write(**form).status_code for _ in range(2)] == [200, 429]
    assert counts() == (1, 1, 1)
