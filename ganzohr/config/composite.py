"""The composite application: hooks as raw ASGI, everything else by Django; two addresses; any path prefix."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from ganzohr.config.bodies import Body, Held, Message, Receive, Refused
from ganzohr.config.outside import Scope, is_outside, serves

Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]
CLOSE = (b"connection", b"close")  # nobody waits for the rest
REFUSALS: dict[int, tuple[bytes, Headers]] = {
    408: (b"Too slow\n", [CLOSE]),
    413: (b"Too long\n", []),
    503: (b"Come again in a moment\n", [CLOSE, (b"retry-after", b"2")]),
}


async def answer(
    send: Send, status: int, text: bytes, kind: bytes = b"text/plain; charset=utf-8", also: Headers = ()
) -> None:
    """A whole answer of a few words."""
    headers = [(b"content-type", kind), (b"content-length", str(len(text)).encode())]
    headers += [(b"x-content-type-options", b"nosniff"), *also]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


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
        self.held = Held()

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
            with Body(self.held, scope, receive) as body:
                await self._answer(scope, body.receive, send)
        except Refused as refused:
            words, also = REFUSALS[refused.status]
            await answer(send, refused.status, words, also=also)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(settings.PATH_PREFIX) or "/"
        if "\0" in path or b"%00" in scope.get("query_string", b""):
            return await answer(send, 400, b"Nobody types a zero byte\n")  # and the database takes none
        outside = is_outside(scope, settings.INSIDE_URL, settings.OUTSIDE_URL, settings.OUTSIDE_PORT)
        if outside and not serves(path, self.doors):
            await answer(send, 404, b"Not found\n")
        else:
            await self.pages(scope, receive, send)
