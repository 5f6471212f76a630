"""`python -m ganzohr <command>`: every command of the desk, each imported only when asked for."""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = {
    "desk": ("ganzohr.config.supervisor", "the whole desk: database, web and worker (also without a command)"),
    "demo": ("ganzohr.proofs.demo", "a desk with a believable sample, in a temporary folder"),
    "test": ("ganzohr.config.checks", "every check there is"),
    "prove": ("ganzohr.proofs.prove", "main-job, crash, restore or replay, see docs/tour.md"),
    "bench": ("ganzohr.proofs.bench.main", "[--suite …] [--size N] [--peers]: what it costs, see docs/scaling.md"),
    "web": ("ganzohr.config.web", "only the web server, for many machines; --hooks: only the intake"),
    "worker": ("ganzohr.config.worker_process", "only the worker, for many machines"),
    "prepare": ("ganzohr.config.prepare", "what a new version needs before it starts: packages, words, database"),
    "backup": ("ganzohr.config.backup", "FILE: database, files and keys into one file"),
    "restore": ("ganzohr.config.restore", "FILE: a backup into an empty data folder"),
    "keys": ("ganzohr.config.keys", "rotate: new keys, and everything encrypted anew"),
    "messages": ("ganzohr.config.messages", "[room …]: collect words, fill catalogues, say what is missing"),
    "pins": ("ganzohr.config.pins", "write requirements/*.txt from pyproject.toml"),
    "manage": ("ganzohr.manage", "Django's own commands"),
}


def usage() -> str:
    """What there is."""
    return "\n".join(
        ["Usage: ./run [command]", *(f"  {name:<10} {words}" for name, (_module, words) in COMMANDS.items())]
    )


def main() -> int:
    """Run the command named first; options without a command go to the desk."""
    arguments = sys.argv[1:]
    if arguments[:1] in (["--help"], ["-h"], ["help"]):
        print(usage())
        return 0
    name = arguments.pop(0) if arguments and not arguments[0].startswith("-") else "desk"
    if name not in COMMANDS:
        print(f"There is no command {name!r}.\n{usage()}", file=sys.stderr)
        return 2
    return int(import_module(COMMANDS[name][0]).main(arguments) or 0)


if __name__ == "__main__":
    sys.exit(main())
