"""Files of candidates in a folder or an S3-compatible store: what the desk writes comes back and goes when deleted, and
what nobody names goes by itself."""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db.models import FileField
from django.test import override_settings

from ganzohr.channels import stored
from ganzohr.channels.models import Channel, PublicPost
from ganzohr.config import files, strays
from ganzohr.config.environment import Environment
from ganzohr.core import times


class Store(BaseHTTPRequestHandler):
    """As little of S3 as keeping files needs: PUT, HEAD, GET and DELETE of a path, and lists of two names a page."""

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
        path, _, asked = self.path.partition("?")
        if asked:
            return self.list(path, dict(parse_qsl(asked)))
        self.do_HEAD()
        self.wfile.write(self.kept[self.path])

    def list(self, bucket: str, asked: dict[str, str]) -> None:
        """By names; those with a delimiter behind the prefix as folders."""
        names = [path.removeprefix(f"{bucket}/") for path in sorted(self.kept)]
        names = [name for name in names if name.startswith(asked["prefix"]) and name > asked.get("marker", "")]
        rest, page = len(asked["prefix"]), names[:2] if "delimiter" not in asked else names
        folders = {name[: name.index("/", rest) + 1] for name in page if "delimiter" in asked and "/" in name[rest:]}
        said = "".join(f"<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>" for name in sorted(folders))
        if not folders:
            at = "<LastModified>2026-11-18T06:00:00.000Z</LastModified>"
            said = "".join(f"<Contents><Key>{name}</Key>{at}</Contents>" for name in page)
        more = str(len(page) < len(names)).lower()
        body = f"<ListBucketResult><IsTruncated>{more}</IsTruncated>{said}</ListBucketResult>".encode()
        self.say(200, len(body))
        self.wfile.write(body)

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


NOW = dt.datetime(2026, 11, 22, 6, tzinfo=dt.UTC)
STORED = ("posts/2026/11/a", "posts/2026/11/b", "posts/2026/11/c", "posts/2026/08/d", "posts/2026/09/e")
NOT_OURS = ("exports/2026/11/a", "posts/a", "posts/2026/a", "posts/2026/11/deep/a", "posts/old/11/a")


@pytest.fixture
def named(db: None) -> str:
    """The one file of a row."""
    channel = Channel.objects.create(kind="facebook", name="Auental", key="k")
    return PublicPost.objects.create(channel=channel, external_id="1", picture=STORED[0]).picture.name or ""


def test_a_file_no_row_names_goes_from_the_folder_after_two_days(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strays, "PAGE", 2)
    for name in (*STORED, *NOT_OURS, "posts/2026/11/young"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
        at = NOW - strays.YOUNG + dt.timedelta(seconds=1 if name.endswith("young") else -1)
        os.utime(tmp_path / name, (at.timestamp(), at.timestamp()))
    (tmp_path / "posts/2026/11/link").symlink_to(tmp_path / NOT_OURS[0])
    with override_settings(MEDIA_ROOT=tmp_path), times.frozen(NOW):
        assert strays.delete_strays() == 4
        left = sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*") if not one.is_dir())
        assert left == sorted((named, *NOT_OURS, "posts/2026/11/young", "posts/2026/11/link"))


def test_nothing_goes_from_a_bucket_which_may_be_another_desks(named: str, store: dict[str, bytes]) -> None:
    """Whoever tries a backup has the real desk's bucket in its settings: what came since is nameless here."""
    store.update({f"/desk/{name}": b"" for name in STORED})
    told: Any = {"default": files.storage(Environment())}
    with override_settings(STORAGES=told), times.frozen(NOW):
        assert strays.delete_strays() == 0
    assert sorted(store) == sorted(f"/desk/{name}" for name in STORED)


def test_where_most_of_a_month_would_go_a_person_looks_first(
    named: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / named).parent.mkdir(parents=True)
    for number in range(strays.FEW + 1):
        (tmp_path / named).with_name(str(number)).touch()
    with override_settings(MEDIA_ROOT=tmp_path), times.frozen(times.now() + dt.timedelta(days=3)):
        assert strays.delete_strays() == 0
    assert "21 of 21 files in posts/2026/11 belong to nothing" in caplog.text


def test_every_column_of_files_can_be_looked_through() -> None:
    """A place of its own with months below, and an index to look names up by."""
    columns = [one for model in apps.get_models() for one in model._meta.concrete_fields if isinstance(one, FileField)]
    assert [str(one) for one in columns if not str(one.upload_to).endswith(strays.MONTHS)] == []
    assert stored.PLACE in {one.upload_to for one in columns}
    assert len({(one.storage, one.upload_to) for one in columns}) == len(columns)
    indexed = {(model, one.fields[0]) for model in apps.get_models() for one in model._meta.indexes if one.fields}
    assert [str(one) for one in columns if (one.model, one.name) not in indexed] == []
    assert {one for group in strays.places().values() for one in group} == set(columns)
