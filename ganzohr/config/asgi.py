"""What the web server serves: hooks raw, everything else by Django."""

from __future__ import annotations

import warnings
from typing import cast

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ganzohr.config.composite import Application, Composite

# Static files are small and come from memory or disk at once; reading them in one go is meant.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")


class Pages(ASGIHandler):
    """Django's handler for pages that are made by one thread: all middleware and the view in a row.

    Our middleware is synchronous. Django's own handler would go from the loop into a thread and back several times for
    each page, and each time waits its turn. An asynchronous view (live pages) still runs on the loop.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        """As for WSGI, whatever is asked for."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The whole answer, made by the request's own thread; what it takes in is committed as hooks are."""
        from ganzohr.channels import group

        with group.lent():
            return await sync_to_async(self.get_response, thread_sensitive=True)(request)


def build() -> Composite:
    """The application, with the tables of the wiring."""
    django.setup()
    from ganzohr.config import wiring

    return Composite(cast(Application, Pages()), wiring.RAW, wiring.DOORS)


application = build()
