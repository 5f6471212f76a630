"""`./run`: the whole desk on one data folder: PostgreSQL if it is ours, web, worker. Imports no Django, to be quick.

Ends everything within three seconds on SIGINT or SIGTERM. Children die with us, also after kill -9; a child that
dies is started again, with more patience each time. A second desk on the same folder is refused.
"""

from __future__ import annotations

import argparse
import fcntl
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

from ganzohr.config import postgres, processes, sockets
from ganzohr.config.datafolder import ensure_folder, home

LOOK = 0.05
SETTLED = 10.0
LONGEST_PAUSE = 5.0
POLITE = 2.3
LETTING_GO = 2.0
LONG_DIARY = 5_000_000
REFUSED = 2  # a child that ends with this cannot start for a reason it has said in words


class Ending(BaseException):
    """Somebody asked us to end."""


@dataclass
class Child:
    """A role of the desk that has to be alive."""

    name: str
    command: list[str]
    niceness: int = 0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.2
    not_before: float = field(default=0.0)

    def start(self) -> None:
        """Start it."""
        self.started = time.monotonic()
        self.process = processes.start(self.command, niceness=self.niceness)

    def look(self) -> None:
        """Start it again if it is dead and its pause is over; end everything if it cannot start at all."""
        if self.process is None:
            if time.monotonic() >= self.not_before:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        if code == REFUSED:
            raise SystemExit(REFUSED)
        lived = time.monotonic() - self.started
        self.pause = 0.2 if lived > SETTLED else min(self.pause * 2, LONGEST_PAUSE)
        print(f"{self.name} ended ({code}); it starts again in {self.pause:.1f} s.", file=sys.stderr, flush=True)
        self.process, self.not_before = None, time.monotonic() + self.pause


def lock(folder: Path) -> int:
    """Hold the data folder; refuse in words if another desk does. The system lets go when we die."""
    descriptor = os.open(ensure_folder(folder) / "desk.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 32, 0).decode().strip() or "unknown"
        print(f"A desk is already running on {folder} (process {holder}).", file=sys.stderr)
        raise SystemExit(REFUSED) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


class Desk:
    """The processes of one desk."""

    def __init__(self, port: int, server: postgres.Server | None) -> None:
        self.port = port
        self.server = server
        self.database: subprocess.Popen[bytes] | None = None
        self.diary = diary(server.home) if server else None
        python = [sys.executable, *(["-P"] if sys.flags.safe_path else []), "-m", "ganzohr"]
        self.children = [Child("web", [*python, "web"]), Child("worker", [*python, "worker"], niceness=10)]
        if hooks := os.environ.get("GANZOHR_HOOKS_PORT"):
            self.children.append(Child("intake", [*python, "web", "--hooks", "--port", hooks]))
        self.told = False

    def run(self) -> None:
        """Keep everything alive until `Ending`."""
        while True:
            self.look()
            time.sleep(LOOK if not self.told else 4 * LOOK)

    def look(self) -> None:
        """One round over everything that has to be alive."""
        if self.server and (self.database is None or self.database.poll() is not None):
            self.database = self.server.start(output=self.diary)
        for child in self.children:
            child.look()
        if not self.told and self.is_well():
            self.told = True
            self.say_ready()

    def say_ready(self) -> None:
        """The one line that says it works."""
        print(f"Ganzohr is ready: http://127.0.0.1:{self.port}{prefix()}", flush=True)

    def is_well(self) -> bool:
        """Whether /health says so."""
        asking = http.client.HTTPConnection(host(), self.port, timeout=2)
        try:
            asking.request("GET", f"{prefix()}/health")
            return asking.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asking.close()

    def end(self) -> None:
        """End everything: web and worker together, then the database. Nothing is left behind."""
        alive = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in alive:
            process.terminate()
        until = time.monotonic() + POLITE
        while any(process.poll() is None for process in alive) and time.monotonic() < until:
            time.sleep(0.02)
        for process in alive:
            if process.poll() is None:
                process.kill()
                process.wait()
        if self.database:
            postgres.stop(self.database, within=0.4)


def diary(folder: Path) -> int:
    """Where PostgreSQL writes what happens; the file before is kept once this one is long."""
    file = folder / "postgres.log"
    if file.exists() and file.stat().st_size > LONG_DIARY:
        file.replace(file.with_suffix(".log.old"))
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def host() -> str:
    """Where our own web server can be asked."""
    named = os.environ.get("GANZOHR_HOST", "")
    return "127.0.0.1" if named in {"", "0.0.0.0", "::"} else named  # noqa: S104


def prefix() -> str:
    """The path below which the desk lives."""
    from urllib.parse import urlsplit

    return urlsplit(os.environ.get("GANZOHR_URL", "")).path.rstrip("/")


def end_on_signals() -> None:
    """From now on a request to end raises `Ending`."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Ending


def check_ports(ports: Sequence[int]) -> None:
    """End in words if somebody else listens there: what answered us would not be our web server.

    A desk that was killed a moment ago may still be about to let go of them.
    """
    for port in filter(None, ports):
        sockets.bind(os.environ.get("GANZOHR_HOST") or "127.0.0.1", port, patience=LETTING_GO).close()


def main(arguments: list[str]) -> int:
    """Run a desk until it is told to end. Nothing is made before its settings, place and ports are known to do."""
    parser = argparse.ArgumentParser(prog="./run")
    parser.add_argument("--port", type=int)
    if (named := parser.parse_args(arguments).port) is not None:
        os.environ["GANZOHR_PORT"] = str(named)
    folder = home()
    server = None if os.environ.get("DATABASE_URL") else postgres.Server(folder)
    try:
        if server:
            server.check_place()
        from ganzohr.config import settings
    except postgres.CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    lock(folder)
    check_ports([settings.PORT, settings.HOOKS_PORT, settings.OUTSIDE_PORT])
    os.environ["GANZOHR_PORT"] = str(settings.PORT)
    return run(Desk(settings.PORT, server))


def run(desk: Desk) -> int:
    """Until it is told to end, or cannot go on."""
    end_on_signals()
    code = 0
    try:
        desk.run()
    except Ending:
        pass
    except postgres.CannotStart as error:
        print(error, file=sys.stderr)
        code = 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        desk.end()
    return code
