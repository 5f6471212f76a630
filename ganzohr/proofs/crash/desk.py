"""The processes of a desk that die often: each start is armed with a named point, anybody may be killed meanwhile."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ganzohr.config import postgres, processes

# Named points by role, and on which pass at most the process ends there
POINTS: dict[str, dict[str, int]] = {
    "web": {"accept.taken": 40, "accept.before_commit": 30, "accept.after_commit": 30},
    "worker": {
        "read.after_claim": 4, "read.after_parse": 4, "read.in_batch": 9, "read.before_commit": 4,
        "read.after_commit": 4, "send.before_fence": 12, "send.after_fence": 12, "send.after_call": 12,
        "outcome.before_commit": 12, "send.after_outcome": 12, "understand.before_commit": 3,
        "understand.after_commit": 3,
    },
}  # fmt: skip
NAMES = [name for points in POINTS.values() for name in points]
HIT = re.compile(r"^crash point (\S+)$", re.MULTILINE)


@dataclass(eq=False)
class Role:
    """One process that has to be alive."""

    kind: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    armed: str = ""
    began: float = 0.0
    was_killed: bool = False

    def start(self, armed: str) -> None:
        """Start it, armed to end at a point (`name:pass`) or not."""
        self.armed, self.was_killed, self.began = armed, False, time.monotonic()
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        told = {**os.environ, "GANZOHR_CRASH": armed}
        self.process = processes.start(self.command, environment=told, output=log)
        os.close(log)

    def kill(self) -> None:
        """As if the power went."""
        if self.process and self.process.poll() is None:
            self.was_killed = True
            self.process.kill()


@dataclass
class Tally:
    """What died how."""

    kills: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)

    def total(self) -> int:
        """How often somebody was killed."""
        return sum(self.kills.values())


class Desk:
    """PostgreSQL if it is ours, web and workers. Not started by `./run`, whose patience would leave us waiting."""

    def __init__(self, folder: Path, ports: list[int], server: postgres.Server | None, seed: int) -> None:
        python = [sys.executable, *(["-P"] if sys.flags.safe_path else []), "-m", "ganzohr.proofs.crash.role"]
        roles = [("web", [*python, "web", "--port", str(port)]) for port in ports]
        roles += [("worker", [*python, "worker"])] * 2
        self.roles = [Role(kind, command, folder / f"{i}-{kind}.log") for i, (kind, command) in enumerate(roles)]
        self.server, self.database = server, None if server is None else server.start(output=subprocess.DEVNULL)
        self.dice, self.tally = random.Random(seed), Tally()
        self.is_armed = True

    def look(self) -> None:
        """Whoever died is counted and starts again."""
        if self.server and self.database and self.database.poll() is not None:
            self.database = self.server.start(output=subprocess.DEVNULL)
        for role in self.roles:
            if role.process is None:
                role.start(self._choose(role.kind))
            elif role.process.poll() is not None:
                self._count(role, role.process.returncode)
                role.start(self._choose(role.kind))

    def _choose(self, kind: str) -> str:
        """The point of this role that was hit least and is not armed elsewhere."""
        if not self.is_armed:
            return ""
        taken = {role.armed.partition(":")[0] for role in self.roles if role.process}
        free = [name for name in POINTS[kind] if name not in taken] or list(POINTS[kind])
        name = min(free, key=lambda one: (self.tally.points[one], self.dice.random()))
        return f"{name}:{self.dice.randint(1, POINTS[kind][name])}"

    def _count(self, role: Role, code: int) -> None:
        said = role.log.read_text(errors="replace")
        hit = HIT.search(said)
        if code == -signal.SIGKILL and hit:
            self.tally.points[hit[1]] += 1
            self.tally.kills[role.kind] += 1
        elif role.was_killed:
            self.tally.kills[role.kind] += 1
        else:
            self.tally.troubles.append(f"{role.kind} ended by itself ({code}): {said.strip()[-400:]}")

    def kill(self, kind: str) -> None:
        """Somebody of that kind, or PostgreSQL: the server itself, or one of its backends."""
        if kind == "postgres":
            if self.server and self.database and self.database.poll() is None:
                self.tally.kills[kind] += 1
                self.database.kill() if self.dice.random() < 0.5 else _kill_backend(self.database)
            return
        self.dice.choice([role for role in self.roles if role.kind == kind]).kill()

    def disarm(self) -> None:
        """Nobody dies any more; whoever is armed still is killed a last time."""
        self.is_armed = False
        for role in self.roles:
            role.kill()

    def renew(self, after: float) -> None:
        """Whoever lives longer without coming by its point is killed and armed anew."""
        for role in self.roles:
            if role.armed and time.monotonic() - role.began > after:
                role.kill()

    def end(self) -> None:
        """All of it."""
        alive = [role.process for role in self.roles if role.process and role.process.poll() is None]
        for one in alive:
            one.terminate()
        for one in alive:
            try:
                one.wait(6)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
        if self.database:
            postgres.stop(self.database, within=5)


def _kill_backend(server: subprocess.Popen[bytes]) -> None:
    """One of its children: PostgreSQL then ends all others and recovers by itself."""
    told = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    children = told.read_text().split() if told.exists() else []
    if children:
        os.kill(int(children[-1]), signal.SIGKILL)
    else:
        server.kill()
