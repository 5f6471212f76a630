"""`./run web --hooks`: takes deliveries in and serves nothing else, so that no page being drawn holds them up."""

from __future__ import annotations

import json

import django
from asgiref.sync import sync_to_async

from ganzohr.config.bodies import Receive
from ganzohr.config.composite import Composite, Send, answer
from ganzohr.config.outside import Scope


def build() -> Composite:
    """What is raw, and whether it is well; no page, so addresses and templates are never loaded."""
    django.setup()
    from ganzohr.config import wiring

    return Composite(well_or_nothing, wiring.RAW, tuple(wiring.RAW))


async def well_or_nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """`/health`, `/metrics`, and 404 for all else."""
    from django.conf import settings

    path = scope["path"].removeprefix(settings.PATH_PREFIX)
    if path == "/metrics":
        said = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        return await answer(send, *await sync_to_async(_figures, thread_sensitive=False)(said))
    if path != "/health":
        return await answer(send, 404, b"Not found\n")
    said, status = await sync_to_async(_state, thread_sensitive=False)()
    await answer(send, status, json.dumps(said).encode(), b"application/json")


def _figures(authorization: str) -> tuple[int, bytes]:
    from django.db import connection

    from ganzohr.config import metrics

    try:
        return metrics.answer(authorization)
    finally:
        connection.close()


def _state() -> tuple[dict[str, object], int]:
    from django.db import connection

    from ganzohr.config.views import state

    try:
        return state()
    finally:
        connection.close()
