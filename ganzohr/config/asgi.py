"""The composite application: hooks as raw ASGI, everything else by Django; two addresses; any path prefix."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.utils.module_loading import import_string

from ganzohr.config.outside import Scope, is_outside, serves

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


async def _say(send: Send, status: int, text: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


class Composite:
    """Chooses who answers a request."""

    def __init__(self, pages: Application, raw: dict[str, str], doors: tuple[str, ...]) -> None:
        self.pages = pages
        self.raw = raw
        self.doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        scope["root_path"] = settings.PATH_PREFIX
        path = scope["path"].removeprefix(settings.PATH_PREFIX) or "/"
        outside = is_outside(scope, settings.INSIDE_URL, settings.OUTSIDE_URL, settings.OUTSIDE_PORT)
        if outside and not serves(path, self.doors):
            return await _say(send, 404, b"Not found\n")
        for prefix, dotted in self.raw.items():
            if path.startswith(prefix):
                application: Application = import_string(dotted)
                return await application(scope, receive, send)
        return await self.pages(scope, receive, send)


def build() -> Composite:
    """The application, with the tables of the wiring."""
    django.setup()
    from ganzohr.config import wiring

    return Composite(get_asgi_application(), wiring.RAW, wiring.DOORS)


application = build()
