"""HTTP on loopback for Graph: raw requests with files, answers that never come, connections that drop."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MOST = 110_000_000


@dataclass(frozen=True)
class Uploaded:
    """A file of a form."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Request:
    """One request. `values` are query and body together: JSON, or form fields with JSON inside where it looks so."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    values: Mapping[str, Any]
    files: Mapping[str, Uploaded] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    """What goes back. `after` seconds of silence first; `is_lost`: nothing goes back, the connection ends."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/json; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    is_lost: bool = False


Answer = Callable[[Request], Response]


class Server:
    """Runs in a thread until `stop`."""

    def __init__(self, port: int, answer: Answer) -> None:
        self.stopping = threading.Event()
        handler = type("Handler", (_Handler,), {"answer": staticmethod(answer), "stopping": self.stopping})
        self._server = _Http(("127.0.0.1", port), handler)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self) -> None:
        """Ends it; whoever waits for an answer waits no longer."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    answer: Answer
    stopping: threading.Event
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST:
            self.close_connection = True
            return self._send(Response(b"", 413))
        response = type(self).answer(_request(self.command, self.path, dict(self.headers), self.rfile.read(length)))
        if response.after:
            self.stopping.wait(response.after)
        if response.is_lost:
            self.close_connection = True
            return None
        return self._send(response)

    def _send(self, response: Response) -> None:
        try:
            self.send_response(response.status)
            usual = {"Content-Type": response.kind, "Content-Length": str(len(response.body))}
            for name, value in {**usual, "Cache-Control": "no-store", **response.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *args: object) -> None:
        """Says nothing."""


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(json.dumps(value, ensure_ascii=False).encode(), status, headers=headers or {})


def _request(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    lower = {name.lower(): value for name, value in headers.items()}
    values, files = _fields(lower.get("content-type", ""), body)
    return Request(method, parts.path, query, lower, body, {**query, **values}, files)


def _fields(kind: str, body: bytes) -> tuple[dict[str, Any], dict[str, Uploaded]]:
    if not body:
        return {}, {}
    if kind.startswith("multipart/form-data"):
        return _parts(kind, body)
    if kind.startswith("application/x-www-form-urlencoded"):
        return {name: _inside(text) for name, text in parse_qsl(body.decode("utf-8", "replace"), True)}, {}
    try:
        values = json.loads(body)
    except ValueError:
        return {}, {}
    return (values if isinstance(values, dict) else {}), {}


def _parts(kind: str, body: bytes) -> tuple[dict[str, Any], dict[str, Uploaded]]:
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    values: dict[str, Any] = {}
    files: dict[str, Uploaded] = {}
    for part in message.walk():
        name, content = str(part.get_param("name", "", header="content-disposition")), part.get_payload(decode=True)
        if part.is_multipart() or not isinstance(content, bytes):
            continue
        if file_name := part.get_filename():
            files[name] = Uploaded(file_name, part.get_content_type(), content)
        else:
            values[name] = _inside(content.decode("utf-8", "replace"))
    return values, files


def _inside(text: str) -> Any:
    if text[:1] in ("{", "["):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
