"""The composite application: hooks as raw ASGI, everything else by Django; two addresses; any path prefix."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from ganzohr.config.outside import Scope, is_outside, serves

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
LONGEST_BODY = 32 * 1024 * 1024  # files of a letter together, and the form around them


async def answer(send: Send, status: int, text: bytes, kind: bytes = b"text/plain; charset=utf-8") -> None:
    """A whole answer of a few words."""
    headers = [(b"content-type", kind), (b"content-length", str(len(text)).encode())]
    headers.append((b"x-content-type-options", b"nosniff"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


class TooLong(Exception):
    """A request sends more than we take."""


def bounded(scope: Scope, receive: Receive, most: int = LONGEST_BODY) -> Receive:
    """Receives no more than this, whatever the request says about its length. `TooLong` if there is more."""
    said = next((value for name, value in scope.get("headers", []) if name == b"content-length"), b"0")
    came = int(said[:20]) if said.isdigit() else 0
    if came > most:
        raise TooLong
    came = 0

    async def counting() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > most:
            raise TooLong
        return message

    return counting


@cache
def _imported(dotted: str) -> Application:
    application: Application = import_string(dotted)
    return application


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
        path = scope["path"].removeprefix(settings.PATH_PREFIX)
        for prefix, dotted in self.raw.items():
            if path.startswith(prefix):  # both addresses serve it, and it knows its limits
                return await _imported(dotted)(scope, receive, send)
        try:
            await self._answer(scope, bounded(scope, receive), send)
        except TooLong:
            await answer(send, 413, b"Too long\n")

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(settings.PATH_PREFIX) or "/"
        if "\0" in path or b"%00" in scope.get("query_string", b""):
            return await answer(send, 400, b"Nobody types a zero byte\n")  # and the database takes none
        outside = is_outside(scope, settings.INSIDE_URL, settings.OUTSIDE_URL, settings.OUTSIDE_PORT)
        if outside and not serves(path, self.doors):
            await answer(send, 404, b"Not found\n")
        else:
            await self.pages(scope, receive, send)
