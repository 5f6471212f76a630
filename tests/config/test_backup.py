"""A backup brings everything back, and one that is not whole is refused before anything is written."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import psycopg
import pytest

from ganzohr.config import archive, backup, postgres, restore

pytestmark = pytest.mark.slow
STEPS = "CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 20000); CREATE TABLE u (id int)"


def run(home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """One command of the desk on a data folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GANZOHR_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "ganzohr", *command],
        env=clean | {"GANZOHR_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def tables(server: postgres.Server) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with psycopg.connect(server.connection()) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        return {
            name: connection.execute(
                psycopg.sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(psycopg.sql.Identifier(name))
            ).fetchall()
            for (name,) in names
        }


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder PostgreSQL's user can reach."""
    with tempfile.TemporaryDirectory(prefix="gzb-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture(scope="module")
def made(folder: Path) -> tuple[Path, Path, dict[str, list[tuple[object, ...]]]]:
    """A data folder with a channel, a file and keys; its backup; what its database held."""
    home, file = folder / "one", folder / "desk.backup"
    server = postgres.Server(home, quick=True)
    child = server.start(output=subprocess.DEVNULL)
    try:
        shell = "from ganzohr.channels.models import Channel as C; from ganzohr.core import crypto as k; "
        shell += "c = C.objects.create(kind='mail', name='Größe', key='k', secrets=k.encrypt('geheim')); "
        shell += "from ganzohr.channels.actions import enqueue as e; "
        shell += "[e(channel=c, kind=k, target={}, payload={}, key=k) for k in ('answer', 'read')]"
        assert run(home, "manage", "migrate", "-v0").returncode == 0
        assert run(home, "manage", "shell", "-v0", "-c", shell).returncode == 0
        (home / "files/sub").mkdir(parents=True)
        (home / "files/sub/cv.pdf").write_bytes(b"%PDF" + bytes(range(256)))
        said = run(home, "backup", str(file))
        assert (said.returncode, said.stderr) == (0, "")
        before = tables(server)
    finally:
        postgres.stop(child)
    return home, file, before


def test_a_backup_restored_into_an_empty_folder_is_the_same_desk(
    made: tuple[Path, Path, dict[str, list[object]]],
) -> None:
    home, file, before = made
    again = home.with_name("two")
    said = run(again, "restore", str(file))
    assert (said.returncode, said.stderr) == (0, "")
    server = postgres.Server(again, quick=True)
    child = server.start(output=subprocess.DEVNULL)
    try:
        after = tables(server)
        waited, nobody_knows = (rows.pop("channels_outgoing") for rows in (before, after))
        assert after == before
        assert (str(waited).count(",waiting,"), str(nobody_knows).count(",waiting,")) == (2, 0)
        assert [str(nobody_knows).count(f",{one},") for one in ("restored", "given_up")] == [1, 1]
        shell = "from ganzohr.channels.models import Channel as C; from ganzohr.core import crypto as k; "
        shell += "print(*((c.name, k.decrypt(c.secrets)) for c in C.objects.all()))"
        assert run(again, "manage", "shell", "-v0", "-c", shell).stdout == "('Größe', 'geheim')\n"
    finally:
        postgres.stop(child)
    assert (again / "files/sub/cv.pdf").read_bytes() == (home / "files/sub/cv.pdf").read_bytes()
    kept = {
        name: (again / "keys" / name).read_text() == (home / "keys" / name).read_text()
        for name in ("secret", "encryption")
    }
    assert kept == {"secret": True, "encryption": True}
    assert [path.stat().st_mode & 0o777 for path in sorted((again / "keys").iterdir())] == [0o600] * 3
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_holds_something_is_never_written_over(made: tuple[Path, Path, object]) -> None:
    home, file, _before = made
    said = run(home, "restore", str(file))
    assert said.returncode == 1
    assert said.stderr.startswith(
        f"{home} already holds files and keys and postgres. A backup is restored into an empty"
    )


def rewritten(file: Path, change: dict[str, object]) -> bytes:
    """The backup with other facts in its list."""
    out = io.BytesIO()
    with tarfile.open(file) as source, tarfile.open(fileobj=out, mode="w:gz") as target:
        for entry in source:
            content = source.extractfile(entry)
            data = content.read() if content else b""
            if entry.name == archive.LIST:
                data = json.dumps(json.loads(data) | change).encode()
                entry.size = len(data)
            target.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def flipped(file: Path) -> bytes:
    """The backup with one byte of a file changed, in a container that is whole."""
    inside = bytearray(gzip.decompress(file.read_bytes()))
    inside[inside.index(b"%PDF") + 7] ^= 1
    return gzip.compress(bytes(inside), 1)


@pytest.mark.parametrize("wrong", ["cut", "flipped", "newer format", "newer steps", "something else"])
def test_a_backup_that_cannot_be_used_is_refused_in_words_and_nothing_is_written(
    made: tuple[Path, Path, object], wrong: str
) -> None:
    _home, file, _before = made
    bad, empty = file.with_name("bad.backup"), file.with_name("empty")
    contents: dict[str, Callable[[], bytes]] = {
        "cut": lambda: file.read_bytes()[:-2000],
        "flipped": lambda: flipped(file),
        "newer format": lambda: rewritten(file, {"format": 2}),
        "newer steps": lambda: rewritten(file, {"migrations": ["channels.9999_future"], "version": "9.0"}),
        "something else": lambda: b"hello",
    }
    words = {
        "cut": f"{bad} is not a whole backup of Ganzohr (",
        "flipped": f"{bad} is damaged, other than when it was made: files/sub/cv.pdf.",
        "newer format": f"{bad} was made by a newer version of Ganzohr; install that version first.",
        "newer steps": f"{bad} was made by a newer version of Ganzohr (9.0, channels.9999_future); install that first.",
        "something else": f"{bad} is not a whole backup of Ganzohr (not a gzip file).",
    }
    bad.write_bytes(contents[wrong]())
    said = run(empty, "restore", str(bad))
    assert said.returncode == 1
    assert said.stderr.startswith(words[wrong])
    assert not empty.exists()


def test_a_backup_is_written_only_where_none_lies_and_each_refusal_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GANZOHR_HOME", str(tmp_path / "home"))
    kept, missing = tmp_path / "old.backup", tmp_path / "no"
    kept.write_bytes(b"half a year")
    assert [backup.main([str(path)]) for path in (kept, tmp_path, missing / "a.backup")] == [1, 1, 1]
    assert restore.main([str(missing)]) == 1
    assert backup.main([str(tmp_path / "new.backup")]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{kept} is there already, and no backup is written over another. Name a new file.",
        f"{tmp_path} is a folder; name a file in it, such as {tmp_path}/desk.backup.",
        f"There is no folder {missing}. Make it first: mkdir -m 700 {missing}",
        f"There is no file {missing}.",
        f"There is no desk in {tmp_path}/home. Name its folder with GANZOHR_HOME, or its database with DATABASE_URL.",
    ]
    assert (kept.read_bytes(), [path.name for path in tmp_path.iterdir()]) == (b"half a year", ["old.backup"])


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[backup.Source]:
    """A database of its own beside those of the tests, with our own programs."""
    server = postgres.Server(Path(os.environ["GANZOHR_TEST_HOME"]))
    with psycopg.connect(server.connection("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE gz_filled TEMPLATE template0 STRATEGY file_copy")
        found = backup.Source(server.home)
        found.url, found.server = server.connection("gz_filled"), server
        yield found
        connection.execute("DROP DATABASE gz_filled WITH (FORCE)")


@pytest.mark.parametrize(
    ("lost", "afterwards", "held"),
    [
        (0, "DELETE FROM public.t WHERE id > 5;", [("t",), ("u",)]),  # all of it
        (0, "DELETE FROM public.t WHERE id > 5; SELECT nothing;", []),  # what is to be said of the rows fails
        (9000, "", []),  # the input ends in the middle, as it does where somebody dies
    ],
)
def test_what_is_restored_is_there_with_what_is_said_of_it_or_not_at_all(
    source: backup.Source, tmp_path: Path, lost: int, afterwards: str, held: list[tuple[str]]
) -> None:
    dump = tmp_path / archive.DUMP
    with psycopg.connect(source.connection, autocommit=True) as connection:
        connection.execute(STEPS)
        source.dump(dump)
        connection.execute("DROP TABLE t, u")
        dump.write_bytes(dump.read_bytes()[: -lost or None])
        with nullcontext() if held else pytest.raises(archive.Unusable):
            source.fill(dump, afterwards)
        assert (
            connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
            == held
        )
        if held:
            assert connection.execute("SELECT count(*) FROM t").fetchone() == (5,)


def test_what_only_newer_servers_understand_is_said_to_them_alone(source: backup.Source, tmp_path: Path) -> None:
    heard, real = tmp_path / "heard", source.program
    listening = tmp_path / "psql"
    listening.write_text(f'#!/bin/sh\ntee {heard} | {real("psql")} "$@"\n')
    listening.chmod(0o755)
    source.program = lambda name: str(listening) if name == "psql" else real(name)  # type: ignore[method-assign]
    with psycopg.connect(source.connection, autocommit=True) as connection:
        connection.execute(STEPS)
        source.dump(tmp_path / archive.DUMP)
        connection.execute("DROP TABLE t, u")
        source.fill(tmp_path / archive.DUMP, "")
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (20000,)
    assert [line for line in heard.read_bytes().splitlines() if b"transaction_timeout" in line] == [backup.ANY]
