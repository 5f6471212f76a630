"""Deliveries that come at once are committed together and thanked for only then; no more is held than there is room."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as some

from ganzohr.channels import actions, bodies, committer, days, deliveries, group, hooks, line
from ganzohr.channels.accounts import sealed
from ganzohr.channels.committer import Committer, Ended
from ganzohr.channels.doors import Doors, Known, Stale
from ganzohr.channels.line import Line
from ganzohr.channels.models import App, AppHook, Channel, Delivery, DeliveryKey
from ganzohr.core import times
from tests.channels.conftest import Platform

pytestmark = pytest.mark.django_db(transaction=True)
SIGNED = {"x-signature": "s3cret"}
ENDING = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"


def row(channel_id: int, body: bytes) -> deliveries.Row:
    return deliveries.row(channel_id, 0, "", body, "in", {}, body)


async def accept(*said: bytes, key: str = "k1") -> list[int]:
    """All at once; what each is answered with."""
    return await asyncio.gather(*[hooks.accept("standin", key, "", SIGNED, one) for one in said])


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not what():
            await asyncio.sleep(0.005)


@contextmanager
def no_commits() -> Iterator[Callable[[], bool]]:
    """Inside, no delivery can be committed; gives whether one is being held up."""
    with psycopg.connect(**line.parameters()) as held, psycopg.connect(**line.parameters(), autocommit=True) as looks:
        held.execute("LOCK TABLE channels_deliverykey")
        waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'channels_deliverykey'::regclass"
        yield lambda: looks.execute(waits).fetchone() is not None


def bodies_kept() -> list[bytes]:
    return [bytes(one) for one in Delivery.objects.order_by("id").values_list("body", flat=True)]


def test_what_comes_at_once_is_one_commit_and_one_bell(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[int] = []
    monkeypatch.setattr(committer, "_ring", lambda: rung.append(1))
    said = [b"%d" % n for n in range(300)]

    async def story() -> int:
        assert await accept(*said) == [200] * 300
        await until(lambda: bool(rung))
        return group.here().committer.commits

    assert asyncio.run(story()) == 1
    assert bodies_kept() == said
    assert rung == [1]


def test_the_same_delivery_is_kept_once_within_a_commit_and_across_commits(channel: Channel) -> None:
    async def story() -> None:
        assert await accept(b"a", b"b", b"a", b"a") == [200] * 4
        assert await accept(b"b", b"c", b"a") == [200] * 3

    asyncio.run(story())
    assert (bodies_kept(), DeliveryKey.objects.count()) == ([b"a", b"b", b"c"], 3)


def test_nobody_is_thanked_before_the_commit_and_beyond_the_room_all_are_asked_to_come_again(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer, "MOST_WAITING", 2)

    async def story() -> None:
        await accept(b"first")
        with no_commits() as is_held_up:
            written = asyncio.create_task(accept(b"a"))
            await until(is_held_up)
            waiting = asyncio.create_task(accept(b"b", b"c"))
            await until(lambda: len(group.here().committer.waiting) == 2)
            assert await accept(b"d") == [503]
            group.drain()
            assert await accept(b"e") == [503]
            assert not written.done() and not waiting.done()
        assert await written + await waiting == [200] * 3

    asyncio.run(story())
    assert bodies_kept() == [b"first", b"a", b"b", b"c"]


def test_a_bad_delivery_takes_none_of_its_neighbours_along(channel: Channel) -> None:
    async def story() -> list[Any]:
        keep = group.here().committer.keep
        rows = [
            row(channel.pk, b"a"),
            row(999_999, b"b"),
            row(channel.pk, b"c")._replace(path="\0"),
            row(channel.pk, b"d"),
        ]
        return await asyncio.gather(*[keep(one) for one in rows], return_exceptions=True)

    said = asyncio.run(story())
    refused = [psycopg.errors.ForeignKeyViolation, psycopg.errors.CharacterNotInRepertoire]
    assert [said[0], *[type(one) for one in said[1:3]], said[3]] == [None, *refused, None]
    assert bodies_kept() == [b"a", b"d"]


def test_a_day_made_under_whoever_waits_for_its_rows_refuses_nobody(channel: Channel) -> None:
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'channels_delivery_other'::regclass"

    def store() -> bool:
        try:
            return actions.store(channel, "in", {}, b"b")
        finally:
            connection.close()

    async def story(day: dt.date) -> tuple[list[int], bool]:
        with psycopg.connect(**line.parameters(), autocommit=True) as looks:
            with psycopg.connect(**line.parameters()) as maker:
                maker.execute(days._making(day).encode())
                hook, letter = asyncio.create_task(accept(b"a")), asyncio.create_task(asyncio.to_thread(store))
                await until(lambda: looks.execute(waits).fetchone() == (2,))
            return await hook, await letter

    with times.frozen(times.now() + dt.timedelta(days=50)):
        day = times.now().date()
        try:
            assert asyncio.run(story(day)) == ([200], True)
            assert sorted(bodies_kept()) == [b"a", b"b"]
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE {days._name(day)}")


def test_a_database_that_was_restarted_is_called_again_and_nothing_is_asked_twice(channel: Channel) -> None:
    async def story() -> list[int]:
        await accept(b"a")
        with psycopg.connect(**line.parameters(), autocommit=True) as other:
            other.execute(f"{ENDING} WHERE query LIKE '%WITH given%' AND pid <> pg_backend_pid()")
        return await accept(b"b", b"c")

    assert asyncio.run(story()) == [200, 200]
    assert bodies_kept() == [b"a", b"b", b"c"]


def test_without_a_database_nothing_is_thanked_for_and_it_works_again_when_it_is_back(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> list[int]:
        with monkeypatch.context() as away:
            away.setattr(line, "parameters", lambda: {"host": "/nowhere"})
            first = await accept(b"a", b"b")
        return first + await accept(b"a")

    assert asyncio.run(story()) == [503, 503, 200]
    assert bodies_kept() == [b"a"]


def test_what_still_waits_when_the_process_ends_is_not_thanked_for(channel: Channel) -> None:
    async def story() -> list[Any]:
        ours = Committer()
        running = asyncio.create_task(ours.run())
        with no_commits() as is_held_up:
            keeping = [asyncio.create_task(ours.keep(row(channel.pk, one))) for one in (b"a", b"b")]
            await until(is_held_up)
            running.cancel()
            return await asyncio.gather(*keeping, return_exceptions=True)

    assert [type(one) for one in asyncio.run(story())] == [Ended, Ended]
    assert bodies_kept() == []


async def test_a_changed_secret_holds_within_two_seconds_and_no_knock_costs_a_query(platform: Platform) -> None:
    now, reads = [0.0], [0]
    rows: list[Known] = [("channel", 1, "standin", "k1", {}, sealed({"shared": "old"}))]

    async def read(_line: Line) -> Sequence[Known]:
        reads[0] += 1
        return list(rows)

    async def secret(key: str = "k1") -> str | None:
        door = await doors.find("standin", key)
        return door.account.secrets["shared"] if door else None

    doors = Doors(read, lambda: now[0])
    assert [await secret() for _ in range(50)] == ["old"] * 50
    rows[0] = (*rows[0][:5], sealed({"shared": "new"}))
    rows.append(("app", 7, "", "app1", {}, sealed({"shared": "theirs"})))
    assert [await secret("app1") for _ in range(50)] == [None] * 50
    assert reads == [1]
    now[0] = 2.0
    assert (await secret(), await secret("app1"), await secret("k9"), reads) == ("new", "theirs", None, [2])
    rows.clear()
    now[0] = 4.0
    assert (await secret(), await secret("app1"), reads) == (None, None, [3])


async def test_a_database_too_slow_to_say_what_holds_now_opens_no_door(platform: Platform) -> None:
    now = [0.0]

    async def read(_line: Line) -> Sequence[Known]:
        now[0] += 3
        return [("channel", 1, "standin", "k1", {}, "")]

    with pytest.raises(Stale):
        await Doors(read, lambda: now[0]).find("standin", "k1")


def test_wrong_signatures_at_a_hook_of_an_app_are_noted_once_a_minute(app: App) -> None:
    async def story() -> list[int]:
        return [await hooks.accept("standin", "app1", "", {}, b"x") for _ in range(3)]

    assert asyncio.run(story()) == [403] * 3
    assert AppHook.objects.get().refused_why == "signature"


async def knock(
    headers: Sequence[tuple[bytes, bytes]],
    *chunks: bytes,
    receive: Callable[[], Awaitable[Any]] | None = None,
    **scope: Any,
) -> tuple[int, dict[bytes, bytes]]:
    """One request; status and headers of the answer. Nothing of it is held afterwards."""
    left, sent = list(chunks), []

    async def give() -> dict[str, Any]:
        return {"type": "http.request", "body": left.pop(0) if left else b"", "more_body": bool(left)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    path = {"method": "POST", "path": "/hooks/standin/k1/"}
    await hooks.application({**path, "headers": headers, **scope}, receive or give, send)
    assert group.here().committer.bytes == 0
    return sent[0]["status"], dict(sent[0]["headers"])


async def never() -> Any:
    await asyncio.Event().wait()


def test_headers_time_and_room_are_bounded(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = [(b"X-Signature", b"s3cret")]

    async def story() -> None:
        assert (await knock([(b"x", b"y")] * 101, b"a"))[0] == 431
        assert (await knock([(b"x", b"y" * 40_000)], b"a"))[0] == 431
        assert (await knock([(b"content-length", b"5000001")], receive=never))[0] == 413
        monkeypatch.setattr(bodies, "SECONDS", 0)
        assert await knock(signed, receive=never) == (408, {**BARE, b"connection": b"close"})
        monkeypatch.setattr(bodies, "SECONDS", 60)
        monkeypatch.setattr(committer, "MOST_BYTES", 9)
        assert await knock(signed, b"12345", b"67890") == (503, {**BARE, b"retry-after": b"2"})
        assert (await knock(signed, b"1234", b"56789"))[0] == 200

    asyncio.run(story())
    assert bodies_kept() == [b"123456789"]


BARE = {b"content-length": b"0", b"cache-control": b"no-store"}
HOSTILE = some.lists(some.tuples(some.binary(max_size=12), some.binary(max_size=40)), max_size=6)


def test_whatever_is_sent_is_refused_or_kept_as_it_came(channel: Channel) -> None:
    """Every answer is one we mean, and everything thanked for is there, byte for byte."""
    kept: set[bytes] = set()
    right = (b"X-Signature", b"s3cret")
    known = some.sampled_from([[right], [right, right], []])
    places = some.sampled_from(["k1", "k1/", "k1/" + "p" * 400, "k1/\0"]) | some.text(max_size=8)

    with asyncio.Runner() as loop:

        @settings(max_examples=60)
        @given(known, HOSTILE, some.lists(some.binary(max_size=30), max_size=4), places)
        def send(signed: list[Any], headers: list[Any], chunks: list[bytes], place: str) -> None:
            status, _ = loop.run(knock([*headers, *signed], *chunks, path=f"/hooks/standin/{place}"))
            assert status in {200, 400, 403, 404}
            if status == 200:
                kept.add(b"".join(chunks))

        send()
    assert set(bodies_kept()) == kept
    assert len(kept) > 3
