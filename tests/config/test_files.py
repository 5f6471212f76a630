"""Files of candidates in an S3-compatible store: what the desk writes there comes back, and goes when it is deleted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from ganzohr.config import files
from ganzohr.config.environment import Environment


class Store(BaseHTTPRequestHandler):
    """As little of S3 as keeping files needs: PUT, HEAD, GET and DELETE of a path."""

    kept: dict[str, bytes]

    def log_message(self, *_values: object) -> None:
        """Nothing."""

    def do_PUT(self) -> None:
        assert "Credential=key" in self.headers["Authorization"]
        self.kept[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.say(200)

    def do_HEAD(self) -> None:
        self.say(200 if self.path in self.kept else 404, len(self.kept.get(self.path, b"")))

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(self.kept[self.path])

    def do_DELETE(self) -> None:
        del self.kept[self.path]
        self.say(204)

    def say(self, status: int, length: int = 0) -> None:
        self.send_response(status)
        self.send_header("ETag", '"tag"')
        self.send_header("Last-Modified", "Sun, 22 Nov 2026 06:00:00 GMT")
        self.send_header("Content-Length", str(length))
        self.end_headers()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    Store.kept = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    told = {"ENDPOINT": f"http://127.0.0.1:{server.server_port}", "BUCKET": "desk", "REGION": "eu"}
    for name, value in (told | {"ACCESS_KEY": "key", "SECRET_KEY": "secret"}).items():
        monkeypatch.setenv(f"GANZOHR_S3_{name}", value)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield Store.kept
    server.shutdown()
    server.server_close()


def test_a_file_is_kept_in_the_bucket_read_again_never_overwritten_and_deleted(store: dict[str, bytes]) -> None:
    storage = storages.create_storage(files.storage(Environment()))
    first = storage.save("messages/cv.pdf", ContentFile(b"Lena"))
    second = storage.save("messages/cv.pdf", ContentFile(b"Max"))
    assert (first != second, sorted(store.values())) == (True, [b"Lena", b"Max"])
    assert all(path.startswith("/desk/messages/cv") for path in store)
    with storage.open(first) as file:
        assert file.read() == b"Lena"
    storage.delete(first)
    assert list(store.values()) == [b"Max"]


def test_without_a_bucket_files_lie_in_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GANZOHR_S3_BUCKET", raising=False)
    assert files.storage(Environment()) == {"BACKEND": "django.core.files.storage.FileSystemStorage"}
