"""A place ends the process on the pass it was armed for, and costs nothing where nobody armed one."""

from __future__ import annotations

import os
import subprocess
import sys

from ganzohr.core import points

PASSES = "from ganzohr.core.points import point; [(point('a'), point('b'), print(i, flush=True)) for i in range(4)]"


def run(armed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PASSES], env=os.environ | {"GANZOHR_CRASH": armed}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_the_process_ends_at_once_on_the_pass_it_was_armed_for() -> None:
    ended = run("b:3")
    assert (ended.returncode, ended.stdout, ended.stderr) == (-9, "0\n1\n", "crash point b\n")


def test_nothing_happens_where_nothing_is_armed() -> None:
    assert (run("").returncode, points._left) == (0, {})
