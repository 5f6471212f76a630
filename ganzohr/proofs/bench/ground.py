"""The ground a bench stands on: a PostgreSQL of its own with production settings, and processes of the desk on it.

Made by the desk's own recipe in a temporary folder, `fsync` on; nothing of a real desk's settings gets in.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from ganzohr.config import postgres, processes
from ganzohr.proofs.bench.meter import Span, measured
from ganzohr.proofs.demo import free_port, wait_for_port

ROOT = Path(__file__).resolve().parents[3]
PYTHON = [sys.executable, "-m"]
PART = [*PYTHON, "ganzohr.proofs.bench.part"]
ALONE = [*PYTHON, "ganzohr", "web", "--hooks", "--port", "{port}"]
PATIENCE = 120.0
SPACE = """
SELECT sum(pg_total_relation_size(part)), sum(pg_indexes_size(part))
FROM (SELECT relid AS part FROM pg_partition_tree(%(table)s::regclass) UNION SELECT %(table)s::regclass) AS parts
"""


STARTED = time.monotonic()


def tell(words: str) -> None:
    """How far we are; a large run takes long."""
    print(f"  {time.monotonic() - STARTED:5.0f} s  {words}", file=sys.stderr, flush=True)


def ours() -> Callable[[], None]:
    """A child out of reach of the terminal's Ctrl-C, that dies with us."""
    return processes.preparation(None, signal.SIGKILL, 0, None)


class Part:
    """A process that does what it is asked, one line of JSON at a time, so that its cost can be seen from outside."""

    def __init__(self, command: list[str], environment: Mapping[str, str], database: psutil.Process) -> None:
        self.child = subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            preexec_fn=ours(),  # noqa: PLW1509  before any thread
        )  # fmt: skip
        self.process, self.database = psutil.Process(self.child.pid), database

    def ask(self, what: str, **values: Any) -> Any:
        """Its answer."""
        return self.timed(what, **values)[0]

    def timed(self, what: str, **values: Any) -> tuple[Any, Span]:
        """Its answer and what that cost: `server` is the process, `database` PostgreSQL."""
        with measured(server=self.process, database=self.database) as span:
            self.begin(what, **values)
            said = self.finish()
        return said, span

    def begin(self, what: str, **values: Any) -> None:
        """Ask, and do something else meanwhile."""
        assert self.child.stdin
        self.child.stdin.write(json.dumps({"what": what, **values}) + "\n")
        self.child.stdin.flush()

    def finish(self) -> Any:
        """The answer."""
        assert self.child.stdout
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("a part has ended before it answered")
        return json.loads(line)

    def end(self) -> None:
        """Gone."""
        assert self.child.stdin
        self.child.stdin.close()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class Ground:
    """One private server in a temporary folder."""

    def __init__(self, home: Path, server: postgres.Server) -> None:
        self.home, self.server = home, server
        self.child = server.start(output=subprocess.DEVNULL)
        self.database = psutil.Process(self.child.pid)
        self.databases: set[str] = set()

    def url(self, name: str) -> str:
        """How to reach a database of the server."""
        from ganzohr.config import database

        own = database.own(self.home)
        where = f"host={quote(own['HOST'], safe='')}&port={own['PORT']}"
        return f"postgresql://{own['USER']}:{quote(own['PASSWORD'])}@/{name}?{where}"

    def environment(self, name: str, **more: str) -> dict[str, str]:
        """What processes on a database are told."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GANZOHR_", "DJANGO_"))}
        return kept | {
            "GANZOHR_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "ganzohr.config.settings",
            "DATABASE_URL": self.url(name),
            "GANZOHR_LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
            **more,
        }

    def connect(self, name: str) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection that commits each statement."""
        return psycopg.connect(self.server.connection(name), autocommit=True)

    def space(self, name: str, table: str) -> dict[str, float]:
        """Bytes a row of a table takes with its indexes, and those of the indexes alone; partitions together."""
        with self.connect(name) as connection:
            found = connection.execute(SPACE, {"table": table}).fetchone()
            count = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        assert found and count
        return {"bytes": round(found[0] / max(count[0], 1)), "index_bytes": round(found[1] / max(count[0], 1))}

    def desk(self, name: str) -> str:
        """A database with an empty desk in it; the first of them is copied for the others."""
        first = "empty"
        if not self.databases:
            self.make(first)
            with self.part(first) as part:
                part.ask("lay")
        if name not in self.databases:
            self.make(name, first)
        return name

    def make(self, name: str, template: str = "template1") -> None:
        """A database, new."""
        self.databases.add(name)
        with self.connect("postgres") as connection:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    @contextmanager
    def part(self, name: str, command: list[str] | None = None, **more: str) -> Iterator[Part]:
        """A part on a database; ours unless another is named."""
        part = Part(command or PART, self.environment(name, **more), self.database)
        try:
            yield part
        finally:
            part.end()

    @contextmanager
    def serving(self, name: str, command: list[str] | None = None, **more: str) -> Iterator[tuple[psutil.Process, int]]:
        """A web server on a database, and its port; `./run web` unless another is named (`{port}` stands in it)."""
        port = free_port()
        chosen = [part.format(port=port) for part in command or [*PYTHON, "ganzohr", "web", "--port", "{port}"]]
        child = processes.start(chosen, environment=self.environment(name, **more), folder=ROOT)
        try:
            wait_for_port(port, PATIENCE)
            yield psutil.Process(child.pid), port
        finally:
            child.terminate()
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def end(self) -> None:
        """Nothing stays."""
        postgres.stop(self.child)
        shutil.rmtree(self.home, ignore_errors=True)


@contextmanager
def ground(kind: type[postgres.Server] = postgres.Server) -> Iterator[Ground]:
    """A ground that is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="gzb-"))
    home.chmod(0o711)
    made = Ground(home, kind(home))
    try:
        yield made
    finally:
        made.end()
