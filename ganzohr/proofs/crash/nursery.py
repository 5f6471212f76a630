"""Roles that start at once: a process that imported and learnt everything of a role once, and forks the real one.

Each death would cost a cold start otherwise, seconds of which prove nothing. What is forked is `web.main` or
`worker_process.main` itself, with claims and leases that run out sooner; before a fork there is no thread and no
connection. One line in, one line out: `{"arguments", "log", "armed"}` brings the child's pid, `{}` who ended and how.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

from ganzohr.config import processes, web, worker_process
from ganzohr.core import points
from ganzohr.proofs.crash.haste import hurry_files, make_haste

ROLES = {"web": web.main, "worker": worker_process.main}
POOLS = {"web": "20", "worker": "24"}
PATIENCE = 5.0  # seconds for the last threads to end
WORDS = "Ist die Stelle noch frei?"


class Nursery:
    """One role's nursery, as the proof asks it. Its children die with it, and it with us."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.alive: dict[int, Child] = {}
        self.log = folder / f"{kind}-nursery.log"
        python = [sys.executable, *(["-P"] if sys.flags.safe_path else []), "-m", "ganzohr.proofs.crash.nursery", kind]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                python,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                preexec_fn=processes.preparation(None, signal.SIGKILL, 0, None),  # noqa: PLW1509
            )

    def start(self, arguments: Sequence[str], log: Path, armed: str) -> Child:
        """A new child that says into this file what it says, armed to end at a point (`name:pass`) or not."""
        pid = int(self._ask({"arguments": list(arguments), "log": str(log), "armed": armed}))
        self.alive[pid] = Child(self, pid)
        return self.alive[pid]

    def look(self) -> None:
        """Who ended since?"""
        for pid, code in self._ask({}):
            self.alive.pop(pid).code = code

    def wait(self) -> None:
        """Until it is ready."""
        self._answer()

    def _ask(self, question: dict[str, Any]) -> Any:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout
        if not (line := self.process.stdout.readline()):
            raise RuntimeError(f"a nursery ended: {self.log.read_text(errors='replace')[-2000:]}")
        return json.loads(line)

    def end(self) -> None:
        """At once, with all its children."""
        self.process.kill()
        self.process.wait()


class Child:
    """One forked process. Its pid stays its own until it was asked for, so a signal never reaches a stranger; then the
    system may give it to another, and in an hour it does. `code` is how it ended, as far as we asked."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self.nursery, self.pid = nursery, pid
        self.code: int | None = None

    def poll(self) -> int | None:
        """How it ended; None while it lives."""
        if self.code is None:
            self.nursery.look()
        return self.code

    def send(self, number: int) -> None:
        """A signal, if it lives."""
        if self.code is None:
            os.kill(self.pid, number)

    def wait(self, patience: float) -> bool:
        """Whether it ended meanwhile."""
        until = time.monotonic() + patience
        while self.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        return self.code is not None


def main(kind: str) -> None:
    """Get ready, then fork whenever asked, until nobody can ask any more."""
    os.nice(1)  # a worker that finds itself niced stays as it is, so the storm does not starve it
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what anybody prints is no answer
    _get_ready(kind)
    _answer(answers, "ready")
    parent = os.getpid()
    for line in sys.stdin:
        if asked := json.loads(line):
            pid = os.fork()
            if not pid:
                answers.close()
                _be(kind, parent, asked)
            _answer(answers, pid)
        else:
            _answer(answers, list(_ended()))


def _answer(answers: TextIO, said: object) -> None:
    answers.write(json.dumps(said) + "\n")
    answers.flush()


def _ended() -> list[tuple[int, int]]:
    found = []
    try:
        while (told := os.waitpid(-1, os.WNOHANG))[0]:
            found.append((told[0], os.waitstatus_to_exitcode(told[1])))
    except ChildProcessError:
        pass
    return found


def _get_ready(kind: str) -> None:
    os.environ["GANZOHR_DATABASE_POOL"] = POOLS[kind]
    make_haste()
    import django

    django.setup()
    from django.db import connections

    _import_work() if kind == "worker" else _import_pages()
    _learn(kind)
    connections.close_all()
    connections["default"].close_pool()  # type: ignore[attr-defined]
    _wait_until_alone()
    gc.collect()
    gc.freeze()


def _wait_until_alone() -> None:
    """A thread that was joined stays in the kernel's list for a moment. Raises RuntimeError for one that stays."""
    until = time.monotonic() + PATIENCE
    while (threads := os.listdir("/proc/self/task"))[1:]:
        if time.monotonic() > until:
            named = [Path(f"/proc/self/task/{one}/comm").read_text().strip() for one in threads]
            raise RuntimeError(f"{len(threads)} threads before a fork: {', '.join(named)}")
        time.sleep(0.01)


def _import_work() -> None:
    """All a worker loads when it first works."""
    from django.utils.module_loading import import_string

    from ganzohr.config import wiring
    from ganzohr.core import jobs
    from ganzohr.language.encoder import embed

    for name in (*wiring.DOORBELLS.values(), *wiring.KEEPERS, *(one.function for one in jobs.rounds())):
        import_string(name)
    hurry_files()
    embed([WORDS])


def _import_pages() -> None:
    """All a web server loads before its first answer."""
    import uvicorn
    from django.urls import get_resolver

    from ganzohr.config import asgi, listening

    uvicorn.Config(asgi.application, http=listening.Protocol, ws="none", lifespan="off", log_config=None).load()
    assert get_resolver().url_patterns


def _learn(kind: str) -> None:
    """What the tables teach, once they are there."""
    from ganzohr.config import migrating
    from ganzohr.topics import understanding

    migrating.ensure()
    if kind == "worker":
        understanding.understand([WORDS], ["de"])


def _be(kind: str, parent: int, asked: dict[str, Any]) -> NoReturn:
    """From here on this process is the role, as if it had been started as such."""
    code = 1
    try:
        os.setsid()
        processes.die_with_parent(parent)
        log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for given, number in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(given, number)
        points.arm(asked["armed"])
        code = ROLES[kind](asked["arguments"])
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
