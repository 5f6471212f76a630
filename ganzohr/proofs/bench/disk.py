"""A commit of the intake on a slow disk: sixteen writers, beside the same without what could hold them up.

Every flush of PostgreSQL takes two milliseconds more. One side keeps webhooks by the desk's own statement in its own
tables while bells are rung beside; the other in bare copies by the same days: no triggers, no foreign keys, no bells.
Commits share their flushes unless something makes them wait for each other, and that is what would show here.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ganzohr.config.postgres import Server
from ganzohr.proofs.bench.ground import ground
from ganzohr.proofs.bench.meter import Rounds
from ganzohr.proofs.bench.table import Row, brief

WRITERS, ROUNDS, EACH = 16, 5, 100  # a round lasts several bells
SOURCE = Path(__file__).with_name("slow_fsync.c")
NEITHER = "there is no C compiler here"


class _SlowDisk(Server):
    """The desk's own server on a disk that takes its time."""

    shim = ""

    def environment(self) -> dict[str, str]:
        """With the shim."""
        return super().environment() | ({"LD_PRELOAD": self.shim} if self.shim else {})


@contextmanager
def _shim() -> Iterator[str]:
    """The compiled shim; empty where nothing compiles it."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="gzb-shim-") as folder:
        Path(folder).chmod(0o755)
        made = f"{folder}/slow_fsync.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", made, str(SOURCE), "-ldl"], check=True)
        yield made


def suite() -> list[Row]:
    """Both, in turns, on a server of their own."""
    what = f"a commit of intake on a slow disk, {WRITERS} writers"
    ours, bare = Rounds(), Rounds()
    with _shim() as shim:
        if not shim:
            print(f"disk: {NEITHER}; left out", file=sys.stderr)
            return [Row("disk", what, f"not measured: {NEITHER}", reach="≥ 0.9×")]
        _SlowDisk.shim = shim
        with ground(_SlowDisk) as made:
            made.desk("disk")
            with made.part("disk", GANZOHR_DATABASE_POOL=str(WRITERS + 4)) as part:
                part.ask("copy_bare")
                for number in range(-1, ROUNDS):
                    for rounds, is_bare in ((ours, False), (bare, True)):
                        told = {"is_bare": is_bare, "first": (number + 1) * WRITERS * EACH, "each": EACH}
                        times, span = part.timed("write", writers=WRITERS, **told)
                        if number >= 0:
                            rounds.add(WRITERS * EACH, span, times)
    ratio = ours.rate / bare.rate
    return [
        Row(
            "disk", what, f"{brief(ours.rate)}/s, p50 {brief(ours.p50)} ms",
            f"bare {brief(bare.rate)}/s, p50 {brief(bare.p50)} ms", ratio, "≥ 0.9×", ratio >= 0.9,
            {"ours": ours.figures(), "compared": bare.figures()},
        )
    ]  # fmt: skip
