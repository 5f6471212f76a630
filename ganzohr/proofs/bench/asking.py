"""Running the client beside a server, and looking at what the server spent meanwhile."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from typing import Any

import psutil

from ganzohr.proofs.bench.ground import PYTHON, ROOT, Ground, ours
from ganzohr.proofs.bench.meter import Span, measured


@dataclass
class Answered:
    """What the client saw, and what it cost the other side."""

    statuses: dict[str, int]
    times: list[float]
    bytes: int
    span: Span = field(default_factory=Span)

    @property
    def good(self) -> int:
        """Answers with 200."""
        return self.statuses.get("200", 0)

    @property
    def bad(self) -> int:
        """All others."""
        return sum(self.statuses.values()) - self.good


class Client:
    """A client that is ready to begin."""

    def __init__(self, ground: Ground, port: int, connections: int, **told: Any) -> None:
        self.child = subprocess.Popen(
            [*PYTHON, "ganzohr.proofs.bench.load"], env=ground.environment("postgres"), cwd=ROOT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=ours(),  # noqa: PLW1509  before any thread
        )  # fmt: skip
        self._say(json.dumps({"port": port, "connections": connections, **told}))
        self._hear()

    def _say(self, line: str) -> None:
        assert self.child.stdin
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def _hear(self) -> str:
        assert self.child.stdout
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("the client has ended")
        return line

    def begin(self) -> None:
        """Start the clock."""
        self._say("go")

    def finish(self) -> Answered:
        """Wait for the end."""
        said = json.loads(self._hear())
        self.child.wait()
        return Answered(said["statuses"], said["times"], said["bytes"], Span(said["seconds"]))

    def run(self, server: psutil.Process, database: psutil.Process) -> Answered:
        """Begin, finish, and what server and database spent."""
        with measured(server=server, database=database) as span:
            self.begin()
            found = self.finish()
        found.span.cpu = span.cpu
        return found
