"""Claims, leases and pauses pass faster, so that a minute shows what takes ten; calls give up sooner. Nothing else."""

from __future__ import annotations

import datetime as dt
import os

START = "GANZOHR_PROOF_START"
SPEED, CALL = 6.0, 2.0


def moment() -> dt.datetime:
    """Now, by a clock that runs faster since a moment all processes share."""
    now, start = dt.datetime.now(dt.UTC), os.environ.get(START)
    return dt.datetime.fromisoformat(start) + (now - dt.datetime.fromisoformat(start)) * SPEED if start else now


def make_haste() -> None:
    """Before anything of the desk is imported: its clock is this one."""
    from ganzohr.core import times

    times.now = lambda: times._frozen.get() or moment()
    from ganzohr.channels.connectors.meta import graph

    assert graph.call.__kwdefaults__
    graph.call.__kwdefaults__["timeout"] = CALL
