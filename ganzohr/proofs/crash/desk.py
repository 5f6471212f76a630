"""The processes of a desk that die often: each start is armed with a named point, anybody may be killed meanwhile."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ganzohr.config import postgres
from ganzohr.proofs.crash.nursery import Child, Nursery

# Named points by role, and on which pass at most the process ends there
POINTS: dict[str, dict[str, int]] = {
    "web": {"accept.taken": 60, "accept.before_commit": 40, "accept.after_commit": 40},
    "worker": {
        "read.after_claim": 4, "read.after_parse": 4, "read.in_batch": 12, "read.before_commit": 4,
        "read.after_commit": 4, "send.before_fence": 3, "send.after_fence": 3, "send.after_call": 3,
        "outcome.before_commit": 3, "send.after_outcome": 3, "understand.before_commit": 2,
        "understand.after_commit": 2,
    },
}  # fmt: skip
NAMES = [name for points in POINTS.values() for name in points]
HIT = re.compile(r"^crash point (\S+)$", re.MULTILINE)
CUT_LINES = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(eq=False)
class Role:
    """One process that has to be alive."""

    kind: str
    arguments: list[str]
    log: Path
    process: Child | None = None
    armed: str = ""
    began: float = 0.0
    was_killed: bool = False

    def start(self, nursery: Nursery, armed: str) -> None:
        """Start it, armed to end at a point (`name:pass`) or not."""
        self.armed, self.was_killed, self.began = armed, False, time.monotonic()
        self.process = nursery.start(self.arguments, self.log, armed)

    def kill(self) -> None:
        """As if the power went."""
        if self.process and self.process.poll() is None:
            self.was_killed = True
            self.process.send(signal.SIGKILL)


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
    """PostgreSQL if it is ours, web and workers. Not started by `./run`, whose patience would leave us waiting.

    `each_point` says how often every named point shall be hit; 0 arms for ever. A `patient` desk is armed for later
    passes, so that a storm of an hour is not over with its points in two minutes.
    """

    def __init__(
        self,
        folder: Path,
        ports: list[int],
        server: postgres.Server | None,
        seed: int,
        each_point: int = 0,
        patient: int = 1,
    ) -> None:
        roles = [("web", ["--port", str(port)]) for port in ports] + [("worker", [])] * 2
        self.roles = [Role(kind, words, folder / f"{i}-{kind}.log") for i, (kind, words) in enumerate(roles)]
        self.folder, self.nurseries = folder, dict[str, Nursery]()
        self.server, self.database = server, None if server is None else server.start(output=subprocess.DEVNULL)
        self.dice, self.tally, self.each_point = random.Random(seed), Tally(), each_point
        self.patient = patient
        self.is_armed = True

    def open(self) -> None:
        """The roles get ready to be started; meanwhile somebody may make the tables."""
        self.nurseries.update({kind: Nursery(kind, self.folder) for kind in POINTS})

    def wait(self) -> None:
        """Until they are ready."""
        for nursery in self.nurseries.values():
            nursery.wait()

    def look(self) -> None:
        """Whoever died is counted and starts again."""
        if self.server and self.database and self.database.poll() is not None:
            self.database = self.server.start(output=subprocess.DEVNULL)
        for nursery in self.nurseries.values():
            nursery.look()
        for role in self.roles:
            if role.process and role.process.code is not None:
                self._count(role, role.process.code)
                role.process = None
            if role.process is None:
                role.start(self.nurseries[role.kind], self._choose(role.kind))

    def _choose(self, kind: str) -> str:
        """The point of this role that was hit least and is not armed elsewhere; none once all were hit enough."""
        wanted = [name for name in POINTS[kind] if not self.each_point or self.tally.points[name] < self.each_point]
        if not self.is_armed or not wanted:
            return ""
        taken = {role.armed.partition(":")[0] for role in self.roles if role.process}
        free = [name for name in wanted if name not in taken] or wanted
        name = min(free, key=lambda one: (self.tally.points[one], self.dice.random()))
        return f"{name}:{self.dice.randint(1, POINTS[kind][name] * self.patient)}"

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
        """Somebody of that kind, or PostgreSQL: the server itself, or one of its backends. Of a server that is not
        ours all lines are cut."""
        if kind != "postgres":
            return self.dice.choice([role for role in self.roles if role.kind == kind]).kill()
        if self.server is None:
            _cut_lines()
            self.tally.kills["lines"] += 1
        elif self.database and self.database.poll() is None:
            self.tally.kills[kind] += 1
            self.database.kill() if self.dice.random() < 0.5 else _kill_backend(self.database)

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
            one.send(signal.SIGTERM)
        for one in alive:
            one.wait(6)
        for nursery in self.nurseries.values():
            nursery.end()
        if self.database:
            postgres.stop(self.database, within=5)


def _cut_lines() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(CUT_LINES)


def _kill_backend(server: subprocess.Popen[bytes]) -> None:
    """One of its children: PostgreSQL then ends all others and recovers by itself."""
    told = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    children = told.read_text().split() if told.exists() else []
    if children:
        os.kill(int(children[-1]), signal.SIGKILL)
    else:
        server.kill()
