"""`./run test`: every check there is, with the time each took; the first line of a failure says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = Path(sys.executable)
# Whole files, in the order of tests/conftest.py: the longest first. Stories wait for browsers and servers, hence three.
PROCESSES = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")


def steps(arguments: list[str]) -> dict[str, list[str]]:
    """Name and command of every check. Arguments go to pytest."""
    beside = str(PYTHON.parent)
    return {
        "words": [str(PYTHON), "-m", "ganzohr", "messages", "--check"],
        "ruff": [f"{beside}/ruff", "check", "."],
        "format": [f"{beside}/ruff", "format", "--check", "."],
        "rooms": [f"{beside}/lint-imports"],
        "types": [f"{beside}/mypy"],
        "tests": [str(PYTHON), "-m", "pytest", *PROCESSES, *arguments],
    }


def main(arguments: list[str]) -> int:
    """Run all of them, also after a failure; 1 if one failed. `./run test tests/inbox` runs only these tests."""
    all_steps = steps(arguments)
    chosen = {"tests": all_steps["tests"]} if arguments else all_steps
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GANZOHR_", "DJANGO_"))}
    failed = []
    for name, command in chosen.items():
        started = time.monotonic()
        print(f"── {name}", flush=True)
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        print(f"── {name}: {'well' if code == 0 else 'FAILED'} ({time.monotonic() - started:.0f} s)", flush=True)
        if code:
            failed.append(name)
    print(f"Failed: {', '.join(failed)}" if failed else "Everything is well.")
    return 1 if failed else 0
