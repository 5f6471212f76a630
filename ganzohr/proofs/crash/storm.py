"""The storm: what dies when, until enough was thanked for, queued and killed; then the calm in which all is settled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ganzohr.config import processes
from ganzohr.proofs.crash import bodies, compare
from ganzohr.proofs.crash.answers import Answers
from ganzohr.proofs.crash.desk import NAMES, Desk

ROUND = ("worker", "postgres", "web", "worker", "web")
ROWS = ("deliveries", "outgoing", "files")
SET_ASIDE = """
UPDATE inbox_message SET understood_at = received_at WHERE id IN (
    SELECT id FROM inbox_message WHERE understood_at IS NULL AND direction = 'in'
    ORDER BY id DESC LIMIT 50000 FOR UPDATE SKIP LOCKED
)
"""


@dataclass(frozen=True)
class Wanted:
    """How much is enough, and how long it may take at most."""

    minutes: float
    deliveries: int
    sends: int
    kills: int
    each_point: int
    seed: int
    letters: int

    @classmethod
    def of(cls, minutes: float, deliveries: int, seed: int) -> Wanted:
        """From a minute on every point is hit ten times, and a thousand answers leave."""
        each = 10 if minutes >= 1 else 0
        sends = max(1000, min(deliveries // 5, 5_000)) if minutes >= 1 else deliveries // 5
        return cls(minutes, deliveries, sends, 10 if minutes >= 1 else 3, each, seed, 20 if minutes >= 1 else 1)

    @property
    def is_short(self) -> bool:
        """Less than a minute, as a test: few die, and nobody waits until every word is understood."""
        return self.each_point == 0

    @property
    def is_mass(self) -> bool:
        """So many that nobody waits until every word is understood, and a claim must last for a large batch."""
        return self.deliveries >= bodies.MANY

    @property
    def speed(self) -> float:
        """How many times as fast claims and leases run out."""
        return 1.0 if self.is_mass else 8.0 if self.is_short else 6.0

    @property
    def longest(self) -> float:
        """Seconds after which the storm ends even if it was not enough."""
        return 60 * self.minutes * 3 + 180

    @property
    def rate(self) -> float:
        """Messages a second, so that they last for most of the storm."""
        return self.deliveries / (54 * self.minutes)


class World:
    """Sender and platform: processes that nobody kills."""

    def __init__(self, folder: Path, wanted: Wanted, urls: list[str], port: int) -> None:
        self.folder = folder
        common = {"folder": str(folder), "seed": wanted.seed}
        (folder / "accepted.jsonl").touch()
        self.platform = self._start("platform", {**common, "port": port, "silence": 20})
        hooks = [f"{url}/hooks/whatsapp/{bodies.KEY}/" for url in urls]
        self.told = {**common, "rate": wanted.rate, "deliveries": wanted.deliveries, "urls": hooks, "sites": urls}
        self.sender: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """The first deliveries leave."""
        self.sender = self._start("sender", self.told)

    def _start(self, name: str, told: dict[str, object]) -> subprocess.Popen[bytes]:
        log = os.open(self.folder / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        variables = {**os.environ, f"GANZOHR_PROOF_{name.upper()}": json.dumps(told)}
        command = [sys.executable, "-m", f"ganzohr.proofs.crash.{name}"]
        try:
            return processes.start(command, environment=variables, output=log)
        finally:
            os.close(log)

    def calm(self) -> None:
        """No new messages from now on."""
        (self.folder / "calm").touch()

    def drain(self, patience: float = 60.0) -> bool:
        """What was begun is delivered to the end; whether it was."""
        if self.sender is None:
            return True
        self.sender.send_signal(signal.SIGTERM)
        try:
            return self.sender.wait(patience) == 0
        except subprocess.TimeoutExpired:
            return False

    def end(self) -> None:
        """Both."""
        for one in (self.sender, self.platform):
            if one and one.poll() is None:
                one.kill()
                one.wait()


Tell = Callable[[str], None]


class Fate:
    """When somebody is killed by chance: only while work goes on, so that a slow machine is not killed idle."""

    def __init__(self, wanted: Wanted) -> None:
        self.every = 20.0 if wanted.is_mass else min(5.0, wanted.minutes * 15)
        self.step = max(5, min(200, wanted.deliveries // 60))
        self.began = self.last = time.monotonic()
        self.mark, self.turn, self.patience = 0, 0, 0.0
        self.least = 60.0 if wanted.is_mass else 8.0

    def strike(self, desk: Desk, count: int) -> None:
        """Perhaps now. Whoever lives long without coming by its point is killed and armed for another."""
        now = time.monotonic()
        if count and not self.patience:
            self.patience = max(self.least, 3 * (now - self.began))
        if count > self.mark + self.step and now > self.last + self.every:
            desk.kill(ROUND[self.turn % len(ROUND)])
            self.turn, self.last, self.mark = self.turn + 1, now, count
        if self.patience:
            desk.renew(self.patience)


def blow(desk: Desk, answers: Answers, wanted: Wanted, folder: Path, tell: Tell) -> None:
    """Until all numbers are reached."""
    thanked, fate, began = compare.Thanked(folder), Fate(wanted), time.monotonic()
    words_due = began + 10
    while True:
        desk.look()
        now, tally, count = time.monotonic(), desk.tally, thanked.count()
        if wanted.is_short and tally.total() >= 2 * wanted.kills:
            desk.is_armed = False
        else:
            fate.strike(desk, count)
        if now > words_due:
            words_due = now + min(60.0, max(10.0, wanted.minutes * 6))
            tell(f"{count} thanked for, {answers.queued} answers queued, {tally.total()} killed; {_behind()}")
        points = all(tally.points[name] >= wanted.each_point for name in NAMES)
        if not points:
            answers.ask_for_more()
        enough = count >= wanted.deliveries and answers.queued >= wanted.sends and tally.total() >= wanted.kills
        reached = enough and points and now - began >= wanted.minutes * 60
        if reached or now - began > wanted.longest or answers.troubles:
            return desk.disarm()
        time.sleep(0.05)


def settle(desk: Desk, world: World, answers: Answers, wanted: Wanted, tell: Tell) -> None:
    """Nothing dies any more: everything is read, sent and told to the end."""
    world.calm()
    until = time.monotonic() + 300 + wanted.deliveries / 20
    rest = partial(_rest, desk, until, not (wanted.is_short or wanted.is_mass), tell)
    rest()
    for _ in range(3):  # so many became unclear that too few left
        if (short := wanted.sends - compare.sent()) <= 0:
            break
        answers.wait_for(answers.queued + 2 * short + 5)
        rest()
    answers.stop()
    rest()
    if not world.drain():
        desk.tally.troubles.append("not everything that was begun was thanked for in the end")
    rest()


def _rest(desk: Desk, until: float, is_understood: bool, tell: Tell) -> None:
    """Return once nothing waits, or when it takes too long."""
    told = time.monotonic() + 10
    desk.look()
    while (left := _left()) is None or any(left[name] for name in left if is_understood or name in ROWS):
        desk.look()
        if time.monotonic() > until:
            desk.tally.troubles.append(f"in the end something still waited: {left}")
            return
        if time.monotonic() > told:
            tell(f"settling; {_behind()}")
            told = time.monotonic() + 10
            if not is_understood:
                _set_aside()
        time.sleep(0.2)


def _set_aside() -> None:
    """Where nobody waits until all is understood, reading and sending have the machine to themselves."""
    from django.db import Error, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute(SET_ASIDE)
    except Error:
        connection.close()


def _left() -> dict[str, int] | None:
    """What waits; None while the database is down. A line that was cut since we last asked is no sign of that."""
    from django.db import Error, connection

    for _ in range(2):
        try:
            return compare.waiting()
        except Error:
            connection.close()
    return None


def _behind() -> str:
    left = _left()
    return ", ".join(f"{count} {name}" for name, count in left.items()) + " wait" if left else "the database is down"
