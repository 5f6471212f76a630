"""Children that never outlive their parent."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, with_signal: int = signal.SIGKILL) -> None:
    """Called in the child: end when the parent ends, however it ends. Does nothing where the system cannot."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(with_signal))
        if os.getppid() != parent:
            os.kill(os.getpid(), with_signal)


def preparation(
    owner: tuple[int, int] | None, with_signal: int, niceness: int, folder: Path | None
) -> Callable[[], None]:
    """What a child does between fork and exec: its own process group, a lesser user, less hurry."""
    parent = os.getpid()

    def prepare() -> None:
        os.setsid()
        if niceness:
            os.nice(niceness)
        if owner:
            os.setgroups([])
            os.setgid(owner[1])
            os.setuid(owner[0])
        if folder:
            os.chdir(folder)
        die_with_parent(parent, with_signal)

    return prepare


def start(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    owner: tuple[int, int] | None = None,
    with_signal: int = signal.SIGKILL,
    niceness: int = 0,
    folder: Path | None = None,
    output: int | None = None,
) -> subprocess.Popen[bytes]:
    """A child in a session of its own, so the terminal's Ctrl-C reaches only us; it dies when we die."""
    return subprocess.Popen(
        [str(part) for part in command],
        env=None if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        preexec_fn=preparation(owner, with_signal, niceness, folder),
    )
