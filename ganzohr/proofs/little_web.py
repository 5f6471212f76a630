"""A web server small enough to stand beside the demo: pages from functions, on loopback, ended by one call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

MOST = 200_000


@dataclass(frozen=True)
class Asked:
    """One request: its path, its query, and the fields of its form."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Answered:
    """What goes back."""

    body: str | bytes = ""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Asked], Answered]


def see(address: str) -> Answered:
    """Go on there."""
    return Answered(status=303, headers={"Location": address})


class Server:
    """Runs in a thread of its own until `stop`."""

    def __init__(self, port: int, answer: Answer) -> None:
        handler = type("Handler", (_Handler,), {"answer": staticmethod(answer)})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    answer: Answer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._reply(self._asked(None))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST:
            return self._send(Answered("Too big\n", "text/plain", 413))
        body = self.rfile.read(length).decode("utf-8", "replace")
        self._reply(self._asked(_last_of_each(body)))

    def _asked(self, form: Mapping[str, str] | None) -> Asked:
        parts = urlsplit(self.path)
        return Asked(parts.path, _last_of_each(parts.query), form)

    def _reply(self, asked: Asked) -> None:
        self._send(type(self).answer(asked))

    def _send(self, answered: Answered) -> None:
        body = answered.body.encode() if isinstance(answered.body, str) else answered.body
        self.send_response(answered.status)
        usual = {"Content-Type": answered.kind, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
        for name, value in {**usual, "X-Content-Type-Options": "nosniff", **answered.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Says nothing."""


def _last_of_each(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}
