"""`./run prove <what>`: walks of the whole desk that print each step and end in one line that says whether it held."""

from __future__ import annotations

import sys
from importlib import import_module

PROOFS = {
    "main-job": ("ganzohr.proofs.mainjob.main", "the circle, with real mail: [--questions FILE] [--record DIR]"),
    "crash": (
        "ganzohr.proofs.crash.main",
        "nothing lost, nothing twice: [--minutes M] [--deliveries N] [--seed S] [--external]",
    ),
    "restore": (
        "ganzohr.proofs.restored.main",
        "a backup of a desk at work comes back whole and sends nothing twice",
    ),
    "replay": ("ganzohr.proofs.replay", "DIR: recorded payloads through the real intake"),
}


def main(arguments: list[str]) -> int:
    """Run the proof named first."""
    name = arguments[0] if arguments else ""
    if name not in PROOFS:
        lines = ["Usage: ./run prove <what>", *(f"  {key:<10} {words}" for key, (_module, words) in PROOFS.items())]
        print("\n".join(lines), file=sys.stderr)
        return 2
    return int(import_module(PROOFS[name][0]).main(arguments[1:]))
