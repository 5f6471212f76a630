"""Where platforms knock: `/hooks/<kind>/<key>/…`, raw ASGI beside Django. Verify, keep, thank; nothing else."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection

from ganzohr.channels import accounts, actions
from ganzohr.channels.models import Channel

log = logging.getLogger(__name__)
PREFIX = "/hooks/"
MOST_BYTES = 5_000_000

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class TooLarge(Exception):
    """More bytes than any platform sends."""


class Gone(Exception):
    """The caller hung up before the end: nothing is kept, nothing is thanked for."""


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One delivery: 200 once it is kept, also when it was kept before."""
    if scope["method"] != "POST":
        return await _answer(send, 405)
    path = scope["path"].removeprefix(settings.PATH_PREFIX).removeprefix(PREFIX)
    kind, _, path = path.partition("/")
    key, _, path = path.partition("/")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    try:
        body = await _body(receive)
    except TooLarge:
        return await _answer(send, 413)
    except Gone:
        return None
    await _answer(send, await accept(kind, key, path, headers, body))


async def accept(kind: str, key: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
    """The status to answer with; 200 means that the delivery is kept. 5xx asks the platform to come again."""
    try:
        return await sync_to_async(_accept, thread_sensitive=False)(kind, key, path, headers, body)
    except Exception:  # whatever it is, only a kept delivery may be thanked for
        log.exception("a delivery for %s was not kept", kind)
        return 503


def _accept(kind: str, key: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
    try:
        channel = Channel.objects.filter(kind=kind, key=key).first()
        if channel is None:
            return 404
        if not accounts.connector_of(channel).verify(accounts.account_of(channel), path, headers, body):
            return 403
        actions.store(channel, path, headers, body)
        return 200
    finally:
        if not connection.in_atomic_block:
            connection.close()


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
    headers = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
