"""`./run restore FILE`: a backup into an empty data folder. Everything is checked before anything is written."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import psycopg

from ganzohr.config import archive, postgres
from ganzohr.config.backup import Source
from ganzohr.config.datafolder import ensure_folder, home
from ganzohr.config.supervisor import lock

# What waited when the backup was made may have left since; a person says so, or the platform where it can tell. The
# rooms above are told by the worker. Marks (`read`) are given up: nobody can tell, and nobody misses them.
# It shares its commit with the rows: killed between two, the next start would send them again.
NOBODY_KNOWS = """
RESET search_path;
UPDATE channels_outgoing SET state = 'refused', outcome = 'given_up', outcome_detail = '', leased_until = NULL,
  finished_at = now() WHERE state IN ('waiting', 'sending', 'unclear') AND kind = 'read';
UPDATE channels_outgoing SET state = 'unclear', outcome = 'restored', outcome_detail = '', leased_until = now(),
  looks = 0, is_told = false WHERE state IN ('waiting', 'sending') AND kind <> 'read';
"""
PACKAGE = Path(__file__).resolve().parent.parent


def unknown_steps(migrations: list[str]) -> list[str]:
    """Steps of our rooms the backup has gone and this version does not know."""
    steps = [step.split(".", 1) for step in migrations]
    rooms = {folder.parent.name for folder in PACKAGE.glob("*/apps.py")}
    return [
        f"{room}.{name}"
        for room, name in steps
        if room in rooms and not (PACKAGE / room / "migrations" / f"{name}.py").exists()
    ]


def check_empty(folder: Path) -> None:
    """A restore never writes over anything."""
    held = [name for name in (*archive.FOLDERS, "postgres") if (folder / name).exists()]
    if held:
        raise archive.Unusable(
            f"{folder} already holds {' and '.join(held)}. A backup is restored into an empty folder: "
            "name another with GANZOHR_HOME, or move this one away."
        )


def check_empty_database(source: Source) -> None:
    """The same for a database elsewhere."""
    with psycopg.connect(source.connection) as connection:
        if connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1").fetchone():
            raise archive.Unusable("The database DATABASE_URL names is not empty.")


def restore(folder: Path, file: Path) -> dict[str, object]:
    """Restore; the facts of the backup. After a failure the folder is as empty as before."""
    check_empty(folder)
    ensure_folder(folder)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".restore-") as draft:
        facts = archive.unpack(file, Path(draft))
        if steps := unknown_steps(facts["migrations"]):
            raise archive.Unusable(
                f"{file} was made by a newer version of Ganzohr ({facts['version']}, {steps[0]}); install that first."
            )
        source = Source(folder)
        if source.server is None:
            check_empty_database(source)
        try:
            _put_in_place(source, folder, Path(draft))
        except BaseException:
            for name in (*archive.FOLDERS, "postgres"):
                shutil.rmtree(folder / name, ignore_errors=True)
            raise
    return facts


def _put_in_place(source: Source, folder: Path, draft: Path) -> None:
    for name in archive.FOLDERS:
        if (draft / name).exists():
            (draft / name).rename(folder / name)
            (folder / name).chmod(0o700)
    with source.running():
        source.fill(draft / archive.DUMP, NOBODY_KNOWS)


def main(arguments: list[str]) -> int:
    """Restore and say what to do next."""
    parser = argparse.ArgumentParser(prog="./run restore", description=__doc__)
    parser.add_argument("file", type=Path)
    file, folder = parser.parse_args(arguments).file.absolute(), home()
    was_there = folder.exists()
    try:
        archive.check_is_file(file)
        check_empty(folder)
        if server := Source(folder).server:
            server.check_place()
        lock(folder)
        facts = restore(folder, file)
    except (archive.Unusable, postgres.CannotStart, OSError, psycopg.Error) as error:
        print(error, file=sys.stderr)
        if not was_there:
            with suppress(OSError):  # it was made for nothing; whatever lies in it all the same stays
                (folder / "desk.lock").unlink()
                folder.rmdir()
        return 1
    print(f"Restored the backup of {facts['made_at']} (version {facts['version']}) into {folder}. Start it with ./run.")
    if not Path(os.environ.get("GANZOHR_ERASURES") or folder / "erasures").exists():
        print(
            "Nobody knows here who was erased after this backup. If a file `erasures` is left of the old desk, put it "
            f"into {folder} before you start: these people are then erased again."
        )
    return 0
