"""`./run web`: the web server, one process. A server that forks leaves orphans on the port after kill -9.

`--hooks` takes deliveries in and serves nothing else: beside a whole web server that the proxy asks for all the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

from ganzohr.config import sockets

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from ganzohr.config.composite import Composite

GRACE = 2
HOST = "127.0.0.1"


def options(arguments: list[str]) -> argparse.Namespace:
    """What may be said after `web`."""
    parser = argparse.ArgumentParser(prog="./run web", description="The web server: pages and hooks, one process.")
    parser.add_argument("--port", type=int, default=os.environ.get("GANZOHR_PORT") or "8000")
    parser.add_argument("--host", default=os.environ.get("GANZOHR_HOST") or HOST)
    words = "only take in what platforms deliver below /hooks/ (and answer /health), undisturbed by pages"
    parser.add_argument("--hooks", action="store_true", help=words)
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Bring the database up to date, then serve until SIGINT or SIGTERM."""
    chosen = options(arguments)
    listeners = sockets.handed_over() or [sockets.bind(chosen.host, chosen.port)]
    os.environ["GANZOHR_PORT"] = str(sockets.port_of(listeners[0]))
    os.environ.setdefault("GANZOHR_DATABASE_POOL", "20")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganzohr.config.settings")
    from ganzohr.config import catalogues, migrating

    if chosen.hooks:
        from ganzohr.config.hooks_alone import build

        application = build()
        migrating.ensure()
        return serve(application, listeners)
    catalogues.compile_all()
    from ganzohr.config.asgi import application

    migrating.ensure()
    _greet()
    return serve(application, [*listeners, *_outside(listeners)])


def _outside(listeners: Sequence[socket.socket]) -> list[socket.socket]:
    """The second port of the pages, where there is one and nobody holds it for us."""
    from django.conf import settings

    port = settings.OUTSIDE_PORT
    if not port or port in map(sockets.port_of, listeners):
        return []
    return [sockets.bind(listeners[0].getsockname()[0], port)]


def _greet() -> None:
    """What rooms want to say in the terminal once the database is there, such as the set-up link of the first start.
    Where it goes away in this very moment nothing is said: serving waits for it."""
    from django.db import InterfaceError, OperationalError, connection
    from django.utils.module_loading import import_string

    from ganzohr.config import wiring

    with contextlib.suppress(OperationalError, InterfaceError):
        for function in wiring.GREETINGS:
            if words := import_string(function)():
                print(words, flush=True)
    connection.close()


def serve(application: Composite, listeners: list[socket.socket]) -> int:
    """Until SIGINT or SIGTERM."""
    import uvicorn
    from django.conf import settings

    from ganzohr.channels import group
    from ganzohr.config.listening import Protocol, overlook_hanging_up
    from ganzohr.ui import live

    class Server(uvicorn.Server):
        """Ends live pages first, so that they hold nobody up; what was taken in is still kept and thanked for."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            asyncio.get_running_loop().set_exception_handler(overlook_hanging_up)
            group.drain()
            live.close()
            await super().shutdown(sockets)

    Server(
        uvicorn.Config(
            application,
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
            timeout_keep_alive=65,
            forwarded_allow_ips=settings.PROXIES,
        )
    ).run(sockets=listeners)
    return 0
