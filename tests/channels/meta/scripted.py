"""A graph on a real socket that answers as a story tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ganzohr.channels.connectors.base import Account


@dataclass(frozen=True)
class Asked:
    """One request that reached the graph."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}


@dataclass(frozen=True)
class Reply:
    """One answer. `silent` takes the request and never answers; `broken` ends the line in the middle."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    broken: bool = False


class Graph:
    """Answers in the order it was told; a path may have an answer of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.replies: deque[Reply] = deque()
        self.at: dict[str, Reply] = {}
        self.asked: list[Asked] = []
        self.ending = threading.Event()

    def says(self, *replies: Reply) -> None:
        self.replies.extend(replies)

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        if asked.path in self.at:
            return self.at[asked.path]
        return self.replies.popleft() if self.replies else Reply({"error": {"code": 1, "message": "unscripted"}}, 500)

    def account(self, kind: str = "facebook", **settings: Any) -> Account:
        """An account that speaks to this graph."""
        base = {"graph_url": self.url, "page_id": "900", "page_name": "Werk Nord"}
        secrets = {"access_token": "page-token", "app_secrets": '["s3cret", "older"]', "verify_token": "verify-me"}
        return Account(kind, "k", {**base, **settings}, secrets)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    graph: Graph

    def handle_one(self) -> None:
        address = urlsplit(self.path)
        params = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.graph.answer(Asked(self.command, address.path, params, headers, body))
        self.close_connection = True
        if reply.silent:
            self.graph.ending.wait(30)
            return
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) + (10 if reply.broken else 0)))
        self.end_headers()
        with suppress(OSError):  # who asked may have gone
            self.wfile.write(content)

    do_GET = do_POST = do_DELETE = handle_one  # noqa: N815  names of the base class

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def scripted() -> Iterator[Graph]:
    """A graph on a free port of this machine."""

    class Handler(_Handler):
        """One for each graph, because it carries it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.graph = graph = Graph(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield graph
    finally:
        graph.ending.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
