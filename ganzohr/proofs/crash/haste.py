"""Claims, leases and pauses pass faster, so that a minute shows what takes ten; calls give up sooner. Nothing else."""

from __future__ import annotations

import datetime as dt
import os

START = "GANZOHR_PROOF_START"  # the moment, and how many times as fast time runs from then on
CALL = 2.0


def started(speed: float) -> str:
    """What to write there: now."""
    return f"{dt.datetime.now(dt.UTC).isoformat()} {speed:g}"


def moment() -> dt.datetime:
    """Now, by a clock that runs faster since a moment all processes share."""
    now, told = dt.datetime.now(dt.UTC), os.environ.get(START)
    if not told:
        return now
    start, _, speed = told.partition(" ")
    began = dt.datetime.fromisoformat(start)
    return began + (now - began) * float(speed)


def hurry_files() -> None:
    """Once rooms can be imported: who died while fetching a file is not waited for long, nor is a file whose tries
    died one after the other."""
    from ganzohr.inbox.actions import media

    media.CLAIM_LASTS = dt.timedelta(minutes=1)
    media.PAUSE = dt.timedelta(seconds=5)


def make_haste() -> None:
    """Before anything of the desk is imported: its clock is this one."""
    from ganzohr.core import times

    times.now = lambda: times._frozen.get() or moment()
    from ganzohr.channels.connectors.meta import graph

    for function in (graph.call, graph.download):
        assert function.__kwdefaults__
        function.__kwdefaults__["timeout"] = CALL
