"""A data folder that is ready, made once for all workers of a run: making one takes longer than most stories on it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from ganzohr.config import postgres

MIGRATE = "import django; django.setup(); from ganzohr.config import migrating; migrating.ensure()"


def prepare(home: Path) -> Path:
    """Fill an empty folder with the data of a desk that was started once and ended."""
    store = Path(os.environ["GANZOHR_TEST_HOME"]) / "prepared"
    with (store.parent / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not store.exists():
            _make(store)
    subprocess.run(["cp", "-a", f"{store}/.", str(home)], check=True)
    return home


def _make(store: Path) -> None:
    making = store.with_name("making")
    making.mkdir(mode=0o711)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GANZOHR_", "DJANGO_"))}
    clean |= {"GANZOHR_HOME": str(making), "DJANGO_SETTINGS_MODULE": "ganzohr.config.settings"}
    server = postgres.Server(making, quick=True)
    child = server.start(output=subprocess.DEVNULL)
    try:
        subprocess.run([sys.executable, "-c", MIGRATE], env=clean, check=True)
    finally:
        postgres.stop(child)
    making.rename(store)
