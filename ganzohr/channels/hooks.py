"""Where platforms knock: `/hooks/<kind>/<key>/…`, raw ASGI beside Django. Verify, keep, thank; nothing else.

The key names a channel, or an app of ours whose channels share one address per kind. A GET is the platform asking
whether the address is ours. Headers, bodies, time and what waits are bounded: beyond it 4xx, or 503 and come again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection

from ganzohr.channels import accounts, app_hooks, bodies, connectors, deliveries, group, platform_requests
from ganzohr.channels.committer import Ended, Full
from ganzohr.channels.connectors.base import Handshakes
from ganzohr.channels.doors import Door
from ganzohr.channels.models import App, AppHook

log = logging.getLogger(__name__)
PREFIX = "/hooks/"
HEAVY = 200_000  # bytes from which on a signature is checked beside the event loop
SELDOM = 60.0  # seconds between two notes that somebody knocked wrongly at a door

T = TypeVar("T")
Send = Callable[[dict[str, Any]], Awaitable[None]]
Reply = tuple[int, bytes, bytes]  # status, content type, body
ALSO = {503: [(b"retry-after", b"2")], 408: [(b"connection", b"close")], 431: [(b"connection", b"close")]}


async def application(scope: dict[str, Any], receive: bodies.Receive, send: Send) -> None:
    """One delivery: 200 once it is kept, also when it was kept before."""
    path = scope["path"].removeprefix(settings.PATH_PREFIX).removeprefix(PREFIX)
    kind, _, path = path.partition("/")
    key, _, path = path.partition("/")
    asked = scope.get("query_string", b"")
    if "\0" in scope["path"] or b"%00" in asked:
        return await _answer(send, 400)
    if scope["method"] == "GET":
        query = dict(parse_qsl(asked.decode("latin-1")))
        return await _reply(send, await _in_thread(_shake_hands, kind, key, query))
    if scope["method"] != "POST":
        return await _answer(send, 405)
    try:
        said = await _receive(kind, key, path, scope, receive)
    except bodies.Refused as refused:
        said = refused.status
    except bodies.Gone:
        return None
    await (_answer(send, said) if isinstance(said, int) else _reply(send, said))


async def _receive(kind: str, key: str, path: str, scope: Mapping[str, Any], receive: bodies.Receive) -> int | Reply:
    """Receive the whole of it within the limits, and take it in. The body counts as held until the end."""
    headers = bodies.headers(scope["headers"])
    committer = group.here().committer
    if committer.is_ending:
        return 503
    with bodies.Body(committer) as body:
        said = await body.receive(receive, headers)
        if kind == platform_requests.KIND:
            return await _in_thread(_request, key, path.strip("/"), said)
        return await accept(kind, key, path, headers, said)


async def accept(kind: str, key: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
    """The status to answer with; 200 means that the delivery is committed. 5xx asks the platform to come again.

    Names of headers are lower case.
    """
    here = group.here()
    try:
        door = await here.doors.find(kind, key)
        if door is None:
            return 404
        row = await _checked(door, path, headers, body)
        if row is None:
            await _note_refused(door)
            return 403
        await here.committer.keep(row)
    except (Full, Ended):
        return 503
    except Exception as error:  # whatever it is, only a kept delivery may be thanked for
        here.committer.complain("a delivery was not kept", error)
        return 503
    return 200


async def _checked(door: Door, path: str, headers: Mapping[str, str], body: bytes) -> deliveries.Row | None:
    """What to write, if the platform really sent it."""
    if len(body) < HEAVY:
        return _check(door, path, headers, body)
    return await asyncio.to_thread(_check, door, path, headers, body)


def _check(door: Door, path: str, headers: Mapping[str, str], body: bytes) -> deliveries.Row | None:
    if not door.connector.verify(door.account, path, headers, body):
        return None
    key = door.connector.delivery_key(door.account, path, headers, body)
    kind = door.account.kind if door.app_id else ""
    return deliveries.row(door.channel_id, door.app_id, kind, key, path, headers, body)


async def _note_refused(door: Door) -> None:
    """Anybody may knock, so it is written seldom, and in vain where the database is silent."""
    if door.app_id and time.monotonic() - door.refused_at > SELDOM:
        door.refused_at = time.monotonic()
        why = AppHook.Why.SIGNATURE
        await sync_to_async(_closing, thread_sensitive=False)(
            app_hooks.note_refused, App(pk=door.app_id), door.account.kind, why
        )


async def _in_thread(work: Callable[..., Reply], *values: object) -> Reply:
    """The reply of something that needs the database; 503 when it failed, so that the platform comes again."""
    try:
        return await sync_to_async(_closing, thread_sensitive=False)(work, *values)
    except Exception:
        log.exception("a platform's question could not be answered")
        return 503, b"text/plain", b""


def _closing(work: Callable[..., T], *values: object) -> T:
    try:
        return work(*values)
    finally:
        if not connection.in_atomic_block:
            connection.close()


def _shake_hands(kind: str, key: str, query: Mapping[str, str]) -> Reply:
    """The platform asks whether this address is ours; our answer, and when it asked, stand on the connecting page."""
    app = App.objects.filter(key=key).first() if kind in connectors.KINDS else None
    speaks: Any = connectors.connector(kind) if app else None
    if app is None or not hasattr(speaks, "handshake"):
        return 405, b"text/plain", b""
    shaking: Handshakes = speaks
    said = shaking.handshake(accounts.account_of_app(app, kind), query)
    if said is None:
        app_hooks.note_refused(app, kind, AppHook.Why.WORD)
        return 403, b"text/plain", b""
    app_hooks.note_handshake(app, kind)
    return 200, b"text/plain; charset=utf-8", said.encode()


def _request(key: str, what: str, body: bytes) -> Reply:
    app = App.objects.filter(key=key, kind=platform_requests.KIND).first()
    if app is None or what not in platform_requests.KINDS:
        return 404, b"text/plain", b""
    said = platform_requests.take(app, what, body)
    if said is None:
        return 403, b"text/plain", b""
    return 200, b"application/json", json.dumps(said).encode()


async def _answer(send: Send, status: int) -> None:
    await _reply(send, (status, b"", b""))


async def _reply(send: Send, reply: Reply) -> None:
    status, content_type, body = reply
    headers = [(b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    if content_type:
        headers += [(b"content-type", content_type), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": status, "headers": headers + ALSO.get(status, [])})
    await send({"type": "http.response.body", "body": body})
