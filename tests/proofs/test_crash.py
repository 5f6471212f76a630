"""The short form of `./run prove crash`: real processes, killed while they work, on a database that keeps its word."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import override_settings

from ganzohr.channels.models import App, Channel
from ganzohr.config.postgres import Server
from ganzohr.contacts.models import Contact, Handle
from ganzohr.core.times import now
from ganzohr.inbox.models import Conversation, Message
from ganzohr.proofs.crash import bodies, compare, files, letters
from ganzohr.proofs.crash.nursery import Nursery

LINE = re.compile(
    r"crash: (\d+) acknowledged, 0 lost, 0 double, (\d+) sent, 0 double-sent, 0 falsely sent, "
    r"\d+ unclear shown, (\d+) kills"
)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_whatever_dies_nothing_is_lost_and_nothing_happens_twice() -> None:
    with tempfile.TemporaryDirectory(prefix="gzc-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GANZOHR_", "DJANGO_"))}
        done = subprocess.run(
            [sys.executable, "-P", "-m", "ganzohr", "prove", "crash", "--minutes", "0.1", "--deliveries", "150",
             "--dump", str(empty_desk(folder))],
            env={**kept, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "TMPDIR": name},
            capture_output=True, text=True, check=False, timeout=400,
        )  # fmt: skip
        last = LINE.fullmatch((done.stdout.splitlines() or [""])[-1])
        assert last and done.returncode == 0, done.stdout + done.stderr
        acknowledged, sent, kills = (int(figure) for figure in last.groups())
        assert acknowledged >= 150 and sent >= 30 and kills >= 3
        assert "fsync on, full_page_writes on, synchronous_commit on" in done.stdout
        files_sent = re.search(r"files: (\d+) sent, ", done.stdout)
        assert files_sent and int(files_sent[1]) >= 10, done.stdout


def test_a_file_is_missed_or_found_wrong_however_it_went_wrong(tmp_path: Path) -> None:
    fates = {files.fate(bodies.said(1, count, bodies.FEW).file): count for count in range(0, 5_500, bodies.FEW.filed)}
    assert set(fates) == {"", *files.FATES}

    def state(fate: str, file: str = "", kind: str = "application/pdf", cut: int = 0, **more: str) -> str:
        one = bodies.said(1, fates[fate], bodies.FEW)
        whole = files.content(one.file)[cut:]
        (tmp_path / "kept").write_bytes(whole)
        row = {"message__external_id": one.id, "file": file, "size": len(whole), "content_type": kind}
        return files._state({**row, "reference": "", "fetch_at": None, **more})

    with override_settings(MEDIA_ROOT=tmp_path):
        assert (state("", "kept"), state("500", "kept"), state("gone", kind="not_fetched")) == ("", "", "")
        assert [
            state("", "kept", reference="media-1"),
            state("", kind="not_fetched"),
            state("gone"),
            state("", "nowhere"),
            state("", "kept", cut=1),
            state("bytes damaged", "kept"),
        ] == [
            "files that still wait",
            *["files given up, or not told so"] * 2,
            "rows without their bytes",
            *["files with other bytes"] * 2,
        ]
    assert files._wrong({7: [{}, {}]}) == {"files twice": [7]}


def test_a_letter_of_the_widget_that_is_lost_or_double_is_noticed() -> None:
    """One that was kept without anybody being thanked is neither."""
    assert letters.compare(["a", "b"], ["b", "a", "c"]) == (0, 0)
    assert letters.compare(["a", "b", "d"], ["b", "b", "c", "b"]) == (2, 2)


def test_a_process_does_not_end_with_the_one_that_had_its_pid_before(tmp_path: Path) -> None:
    nursery = Nursery.__new__(Nursery)
    said = "7\n[[7, -9]]\n7\n[]\n[[7, 0]]\n"
    nursery.alive, nursery.process = {}, SimpleNamespace(stdin=StringIO(), stdout=StringIO(said))  # type: ignore[assignment]
    first = nursery.start([], tmp_path / "log", "")
    nursery.look()
    second = nursery.start([], tmp_path / "log", "")
    assert (first.code, second.code, second.poll()) == (-9, None, None)
    assert (second.poll(), first.poll()) == (0, -9)


def empty_desk(folder: Path) -> Path:
    """The tables of this very version as they are before anybody uses them, without a minute of migrations."""
    server = Server(Path(os.environ["GANZOHR_TEST_HOME"]))
    dump = folder / "empty.dump"
    told = server.connection(str(connection.settings_dict["NAME"]))
    command = [str(server.binary("pg_dump")), "--format=custom", "--no-owner", f"--file={dump}", f"--dbname={told}"]
    subprocess.run(command, check=True, env=server.environment())
    dump.chmod(0o644)
    return dump


@pytest.mark.django_db
def test_letters_of_the_website_are_not_read_as_numbered_messages() -> None:
    for kind, id_ in (("whatsapp", "wamid.a.7"), ("website", "letter")):
        app = App.objects.create(kind="meta", name="App", key=bodies.KEY) if kind == "whatsapp" else None
        channel = Channel.objects.create(kind=kind, name=kind, key=kind, app=app)
        contact = Contact.objects.create(created_at=now())
        handle = Handle.objects.create(channel=channel, contact=contact, external_id=id_, created_at=now())
        held = Conversation.objects.create(
            channel=channel, handle=handle, contact=contact, last_activity_at=now(), created_at=now()
        )
        Message.objects.create(
            conversation=held, channel=channel, direction="in", external_id=id_, provider_at=now(), received_at=now()
        )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")  # as with many rows: letters are read before the join
    found = compare.Found()
    assert (compare.held(found), found.troubles) == ({7}, [])
