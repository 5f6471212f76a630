"""`./run backup FILE`: database, files and keys into one file, while the desk runs or while it stands still."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from ganzohr import __version__
from ganzohr.config import archive, postgres
from ganzohr.config.datafolder import home

# what pg_restore says since 17 before all else, and how a server older than that can be told so
NEWER = b"SET transaction_timeout = 0;"
ANY = b"SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout';"
HEAD = 4096  # bytes it stands in
LEFT_OUT = {"database"}  # the password of a server that a restore makes anew


class Source:
    """A database: our own server, or the one DATABASE_URL names with the programs of this machine."""

    def __init__(self, folder: Path) -> None:
        self.url = os.environ.get("DATABASE_URL", "")
        self.server = None if self.url else postgres.Server(folder)

    @property
    def connection(self) -> str:
        """How to reach it."""
        return self.url or (self.server.connection() if self.server else "")

    def check(self) -> None:
        """`Unusable` where there is nothing to back up; a desk is never made for that."""
        if self.server and not (self.server.data / "PG_VERSION").exists():
            raise archive.Unusable(
                f"There is no desk in {self.server.home}. Name its folder with GANZOHR_HOME, or its database with "
                "DATABASE_URL."
            )

    def program(self, name: str) -> str:
        """pg_dump, pg_restore or psql. Ours knows no TLS, so a server elsewhere needs the system's."""
        if self.server:
            return str(self.server.binary(name))
        if found := shutil.which(name):
            return found
        raise archive.Unusable(
            f"DATABASE_URL names a server elsewhere; please install {name} of its version (package postgresql-client)."
        )

    def dump(self, target: Path) -> None:
        """All of it into a file; `Unusable` with the program's words if it fails."""
        command = ["--format=custom", "--no-owner", "--no-privileges", f"--dbname={self.connection}"]
        with target.open("wb") as file:
            done = subprocess.run([self.program("pg_dump"), *command], stdout=file, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise failed("pg_dump", done.stderr)

    def fill(self, dump: Path, afterwards: str) -> None:
        """What `dump` wrote and these statements as one: all of it or, whoever dies meanwhile, nothing."""
        reader, writer = self.program("pg_restore"), self.program("psql")
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as why:
            psql = subprocess.Popen(
                [writer, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={self.connection}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
            command = [reader, "--no-owner", "--no-privileges", "--file=-", str(dump)]
            reading = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=why)
            assert psql.stdin and reading.stdout
            with suppress(BrokenPipeError), psql, reading:
                psql.stdin.write(b"BEGIN;\n")  # and not --single-transaction, which commits wherever its input ends
                psql.stdin.write(reading.stdout.read(HEAD).replace(NEWER, ANY))
                shutil.copyfileobj(reading.stdout, psql.stdin)
                if reading.wait() == 0:
                    psql.stdin.write(f"{afterwards}COMMIT;\n".encode())
            for name, program, words in (("psql", psql, said), ("pg_restore", reading, why)):
                words.seek(0)
                if program.returncode:
                    raise failed(name, words.read())

    @contextmanager
    def running(self) -> Iterator[None]:
        """The database answers, inside; our own server is started if nobody did."""
        if self.server is None or self.server.ready():
            yield
            return
        child = self.server.start(output=subprocess.DEVNULL)
        try:
            yield
        finally:
            postgres.stop(child)

    def migrations(self) -> list[str]:
        """Which steps the shape of the database has gone."""
        with psycopg.connect(self.connection) as connection:
            rows = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
        return [row[0] for row in rows]


def failed(name: str, said: bytes) -> archive.Unusable:
    """One of these programs failed, in its words."""
    return archive.Unusable(f"{name} failed: {said.decode(errors='replace').strip()[-1000:]}")


def check_target(target: Path) -> None:
    """`Unusable` where a backup cannot lie, or one lies already: none is ever written over another."""
    if target.is_dir():
        raise archive.Unusable(f"{target} is a folder; name a file in it, such as {target / 'desk.backup'}.")
    if target.exists():
        raise archive.Unusable(f"{target} is there already, and no backup is written over another. Name a new file.")
    if not target.parent.is_dir():
        raise archive.Unusable(f"There is no folder {target.parent}. Make it first: mkdir -m 700 {target.parent}")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise archive.Unusable(f"Nothing can be written into {target.parent} by the user this runs as.")


def back_up(folder: Path, target: Path) -> int:
    """Write the backup; how many files besides the database are in it."""
    check_target(target)
    source = Source(folder)
    source.check()
    with source.running(), archive.Writer(target) as writer, tempfile.TemporaryDirectory(dir=target.parent) as draft:
        dump = Path(draft) / archive.DUMP
        source.dump(dump)
        writer.add(archive.DUMP, dump)
        for name in archive.FOLDERS:
            for path in sorted((folder / name).rglob("*")):
                if path.is_file() and not (name == "keys" and path.name in LEFT_OUT):
                    writer.add(f"{name}/{path.relative_to(folder / name).as_posix()}", path)
        writer.conclude(
            {
                "version": __version__,
                "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                "migrations": source.migrations(),
            }
        )
        return len(writer.parts) - 1


def main(arguments: list[str]) -> int:
    """Back up and say what is in it."""
    parser = argparse.ArgumentParser(prog="./run backup", description=__doc__)
    parser.add_argument("file", type=Path)
    target = parser.parse_args(arguments).file.absolute()
    try:
        count = back_up(home(), target)
    except (archive.Unusable, postgres.CannotStart, OSError, psycopg.Error) as error:
        print(error, file=sys.stderr)
        return 1
    size = target.stat().st_size / 1e6
    print(f"{target} holds the database and {count} files, {size:.1f} MB. Keep it safe: keys are in it.")
    if os.environ.get("GANZOHR_S3_BUCKET"):
        print("Files of candidates lie in your S3 bucket and are not in it.")
    if os.environ.get("GANZOHR_ENCRYPTION_KEYS"):
        print("The encryption keys come from the environment and are not in it.")
    return 0
