"""`./run prove restore`: backed up while it is written to, a desk comes back whole and sends nothing twice."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ganzohr.config import database, postgres
from ganzohr.proofs.crash import compare, scene, storm
from ganzohr.proofs.crash.answers import QUIET, Answers
from ganzohr.proofs.crash.desk import Desk
from ganzohr.proofs.crash.haste import START, make_haste, started
from ganzohr.proofs.crash.storm import Wanted
from ganzohr.proofs.demo import free_port
from ganzohr.proofs.restored.spoilt import SPOILT

ENOUGH, ANSWERED, PATIENCE = 300, 60, 300.0


@dataclass
class Found:
    """The figures of the last line."""

    before: int = 0
    missing: int = 0
    double: int = 0
    again: int = 0
    erased: int = 0
    back: int = 0
    refused: int = 0
    troubles: list[str] = field(default_factory=list)


@dataclass
class Walk:
    """The desk and its double."""

    folder: Path
    desk: Desk
    world: storm.World
    graph: str
    found: Found = field(default_factory=Found)
    began: float = field(default_factory=time.monotonic)

    @property
    def home(self) -> Path:
        """The data folder of the first desk."""
        return self.folder / "desk"

    @property
    def other(self) -> Path:
        """That of the restored one."""
        return self.folder / "other"

    @property
    def file(self) -> Path:
        """The backup."""
        return self.folder / "desk.backup"

    def tell(self, words: str) -> None:
        """One step, with the time."""
        print(f"{time.monotonic() - self.began:6.1f} s  {words}", flush=True)


def main(arguments: list[str]) -> int:
    """Write, back up meanwhile, erase, restore, compare; 0 only if everything is as it must be."""
    argparse.ArgumentParser(prog="./run prove restore", description=__doc__).parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="ganzohr-restore-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        return _prove(folder)


def _prove(folder: Path) -> int:
    port, graph = free_port(), free_port()
    told = scene.environment(str(folder / "desk"), port, is_ours=True)
    os.environ.clear()
    os.environ.update(told | {START: started(6)})
    desk = Desk(folder, [port], postgres.Server(folder / "desk"), 1)
    desk.is_armed = False
    world = storm.World(folder, Wanted.of(1.0, 2_000, 1), [f"http://127.0.0.1:{port}"], graph)
    walk = Walk(folder, desk, world, f"http://127.0.0.1:{graph}")
    try:
        before = _write_and_back_up(walk)
        _erase_somebody(walk)
        _restore(walk, before)
    finally:
        world.end()
        walk.desk.end()
    return _judge(walk)


def _write_and_back_up(walk: Walk) -> set[int]:
    """What was thanked for before the backup began; it is made while more comes in and answers leave."""
    make_haste()
    import django

    django.setup()
    from ganzohr.config import migrating

    migrating.ensure()
    answers = Answers(ANSWERED, scene.furnish(walk.graph))
    walk.desk.open()
    walk.desk.wait()
    walk.desk.look()
    walk.world.begin()
    answers.thread.start()
    thanked, until = compare.Thanked(walk.folder), time.monotonic() + PATIENCE
    while (thanked.count() < ENOUGH or answers.queued < ANSWERED // 3) and time.monotonic() < until:
        walk.desk.look()
        time.sleep(0.1)
    before = set(thanked.ids)
    said = _run(walk.home, "backup", str(walk.file))
    walk.tell(f"{len(before)} thanked for, then backed up; by its end {thanked.count()}")
    if said.returncode:
        walk.found.troubles.append(f"the backup failed: {said.stderr.strip()[-300:]}")
    walk.world.calm()
    while thanked.count() < len(before) + 1 and time.monotonic() < until:
        time.sleep(0.1)
    storm.settle(walk.desk, walk.world, answers, Wanted.of(1.0, 2_000, 1), walk.tell)
    return before


def _erase_somebody(walk: Walk) -> None:
    """After the backup: three people who are in it, each with an answer of ours, go for good."""
    from ganzohr.audit import actions as audit
    from ganzohr.contacts.models import Contact
    from ganzohr.privacy import actions

    quiet = Contact.objects.filter(handles__external_id__startswith=QUIET).order_by("pk")[:3]
    for contact in list(quiet):
        phones = contact.handles.values_list("external_id", flat=True)
        (walk.folder / "erased").open("a").write("".join(f"{one}\n" for one in phones))
        actions.erase(actions.person_of(contact), audit.round_("proof"))
        walk.found.erased += 1
    walk.desk.end()
    walk.tell(f"{walk.found.erased} people were erased, and the desk ended")


def _restore(walk: Walk, before: set[int]) -> None:
    for name, (spoil, words) in SPOILT.items():
        bad = walk.folder / "bad.backup"
        bad.write_bytes(spoil(walk.file))
        said = _run(walk.folder / "nowhere", "restore", str(bad))
        is_refused = said.returncode == 1 and words in said.stderr
        walk.found.refused += is_refused
        if not is_refused:
            walk.found.troubles.append(f"a backup that was {name} was not refused: {said.stderr.strip()[-300:]}")
    walk.other.mkdir(mode=0o711)
    shutil.copy(walk.home / "erasures", walk.other / "erasures")
    said = _run(walk.other, "restore", str(walk.file))
    if said.returncode:
        walk.found.troubles.append(f"the restore failed: {said.stderr.strip()[-300:]}")
        return
    walk.tell("restored elsewhere; damaged and newer backups were refused in words")
    _compare(walk, before)


def _compare(walk: Walk, before: set[int]) -> None:
    from django.db import connection

    taken = _taken(walk)
    os.environ["GANZOHR_HOME"] = str(walk.other)
    walk.desk = Desk(walk.folder, [free_port()], postgres.Server(walk.other), 1)
    walk.desk.is_armed = False
    connection.close()
    connection.settings_dict.update(database.own(walk.other))
    walk.desk.open()
    walk.desk.wait()
    walk.desk.look()
    until = time.monotonic() + PATIENCE
    gone = (walk.folder / "erased").read_text().split()
    while (not _is_open(walk) or any(compare.waiting().values())) and time.monotonic() < until:
        walk.desk.look()
        time.sleep(0.2)
    whole = compare.Found()
    held = compare.held(whole)
    of_the_gone = {one for one in before - held if _is_of(one, gone)}
    if len(of_the_gone) < walk.found.erased:
        walk.found.troubles.append("who was erased was not in the backup, so this proves nothing about them")
    walk.found.before = len(before)
    walk.found.missing, walk.found.double = len(before - held - of_the_gone), whole.double
    walk.found.back = sum(phone in _everything() for phone in gone)
    walk.found.again = sum((_taken(walk) - taken).values())


def _is_open(walk: Walk) -> bool:
    """Whether web answers: then everything that is done before has been done."""
    return any(role.kind == "web" and role.process and _answers(role.arguments[-1]) for role in walk.desk.roles)


def _answers(port: str) -> bool:
    import httpx

    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _is_of(count: int, phones: list[str]) -> bool:
    from ganzohr.proofs.crash.bodies import said

    return said(1, count).phone in phones


def _taken(walk: Walk) -> Counter[str]:
    return Counter(one["key"] for one in compare.lines(walk.folder / "accepted.jsonl"))


def _everything() -> str:
    """Every text of every table, raw bodies among them."""
    from django.db import connection

    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')  # noqa: S608  our own tables
            found += [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT encode(body, 'escape') FROM channels_delivery")
        found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def _run(home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    told = {**os.environ, "GANZOHR_HOME": str(home)}
    program = [sys.executable, *(["-P"] if sys.flags.safe_path else []), "-m", "ganzohr", *command]
    return subprocess.run(program, env=told, capture_output=True, text=True, check=False)


def _judge(walk: Walk) -> int:
    found = walk.found
    troubles = [*found.troubles, *walk.desk.tally.troubles]
    for trouble in troubles:
        walk.tell(f"trouble: {trouble}")
    print(
        f"restore: {found.before} acknowledged before, {found.missing} missing, {found.double} double, "
        f"{found.again} sent again, {found.erased} erased, {found.back} of them back, {found.refused} refused",
        flush=True,
    )
    wrong = found.missing or found.double or found.again or found.back or troubles
    return 1 if wrong or not found.before or found.erased < 3 or found.refused < len(SPOILT) else 0
