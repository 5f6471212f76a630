"""Where platforms knock: `/hooks/<kind>/<key>/…`, raw ASGI beside Django. Verify, keep, thank; nothing else.

The key names a channel, or an app of ours whose channels share one address per kind. A GET is the platform asking
whether the address is ours.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection

from ganzohr.channels import accounts, actions, app_hooks, connectors, platform_requests
from ganzohr.channels.connectors.base import Handshakes
from ganzohr.channels.models import App, AppHook, Channel

log = logging.getLogger(__name__)
PREFIX = "/hooks/"
MOST_BYTES = 5_000_000

T = TypeVar("T")
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Reply = tuple[int, bytes, bytes]  # status, content type, body


class TooLarge(Exception):
    """More bytes than any platform sends."""


class Gone(Exception):
    """The caller hung up before the end: nothing is kept, nothing is thanked for."""


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One delivery: 200 once it is kept, also when it was kept before."""
    path = scope["path"].removeprefix(settings.PATH_PREFIX).removeprefix(PREFIX)
    kind, _, path = path.partition("/")
    key, _, path = path.partition("/")
    if scope["method"] == "GET":
        query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
        return await _reply(send, await _in_thread(_shake_hands, kind, key, query))
    if scope["method"] != "POST":
        return await _answer(send, 405)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    try:
        body = await _body(receive)
    except TooLarge:
        return await _answer(send, 413)
    except Gone:
        return None
    if kind == platform_requests.KIND:
        return await _reply(send, await _in_thread(_request, key, path.strip("/"), body))
    await _answer(send, await accept(kind, key, path, headers, body))


async def accept(kind: str, key: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
    """The status to answer with; 200 means that the delivery is kept. 5xx asks the platform to come again."""
    try:
        return await sync_to_async(_accept, thread_sensitive=False)(kind, key, path, headers, body)
    except Exception:  # whatever it is, only a kept delivery may be thanked for
        log.exception("a delivery for %s was not kept", kind)
        return 503


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


def _accept(kind: str, key: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
    return _closing(_keep, kind, key, path, headers, body)


def _keep(kind: str, key: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
    channel = Channel.objects.select_related("app").filter(kind=kind, key=key, app=None).first()
    app = None if channel or kind not in connectors.KINDS else App.objects.filter(key=key).first()
    if channel is not None:
        if not accounts.connector_of(channel).verify(accounts.account_of(channel), path, headers, body):
            return 403
        actions.store(channel, path, headers, body)
    elif app is not None:
        if not connectors.connector(kind).verify(accounts.account_of_app(app, kind), path, headers, body):
            app_hooks.note_refused(app, kind, AppHook.Why.SIGNATURE)
            return 403
        actions.store_for_app(app, kind, path, headers, body)
    else:
        return 404
    return 200


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


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MOST_BYTES:
            raise TooLarge
        more = message.get("more_body", False)
    return b"".join(chunks)


async def _answer(send: Send, status: int) -> None:
    await _reply(send, (status, b"", b""))


async def _reply(send: Send, reply: Reply) -> None:
    status, content_type, body = reply
    headers = [(b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    kind = [(b"content-type", content_type), (b"x-content-type-options", b"nosniff")] if content_type else []
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *kind]})
    await send({"type": "http.response.body", "body": body})
