"""`./run prove crash`: everything is killed again and again; nothing is lost, nothing happens twice, nothing is told
that is not so."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import tempfile
import time
from pathlib import Path

from ganzohr.config import postgres
from ganzohr.proofs.crash import compare, scene, storm
from ganzohr.proofs.crash.answers import Answers
from ganzohr.proofs.crash.desk import Desk, Tally
from ganzohr.proofs.crash.haste import SPEED, START, make_haste
from ganzohr.proofs.crash.storm import Wanted
from ganzohr.proofs.demo import free_port

A_MINUTE = 6_000
MARGIN = 1.1


def main(arguments: list[str]) -> int:
    """Storm, calm, comparison; 0 only if all figures are as they must be."""
    parser = argparse.ArgumentParser(prog="./run prove crash", description=__doc__)
    parser.add_argument(
        "--minutes", type=float, help="of storm, at least; from five on every named point is hit ten times"
    )
    parser.add_argument("--deliveries", type=int, help="messages thanked for, at least")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--external", action="store_true", help="the PostgreSQL of DATABASE_URL (empty), two web, two workers"
    )
    parser.add_argument("--dump", type=Path, help=argparse.SUPPRESS)  # of an empty desk: saves the tests the migrations
    chosen = parser.parse_args(arguments)
    if chosen.external and not os.environ.get("DATABASE_URL"):
        print("--external needs DATABASE_URL.", file=sys.stderr)
        return 2
    minutes = chosen.minutes or max(1.0, (chosen.deliveries or 0) / A_MINUTE)
    wanted = Wanted.of(minutes, chosen.deliveries or int(5_000 * max(1.0, minutes)), chosen.seed)
    with tempfile.TemporaryDirectory(prefix="ganzohr-crash-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        return _prove(folder, wanted, chosen.external, chosen.dump)


def _prove(folder: Path, wanted: Wanted, is_external: bool, dump: Path | None) -> int:
    began = time.monotonic()

    def tell(words: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {words}", flush=True)

    ports = [free_port() for _ in range(2 if is_external else 1)]
    graph = free_port()
    told = scene.environment(str(folder / "desk"), ports[0], not is_external)
    os.environ.clear()
    os.environ.update(told | {START: dt.datetime.now(dt.UTC).isoformat()})
    server = None if is_external else postgres.Server(folder / "desk")
    desk = Desk(folder, ports, server, wanted.seed)
    world = storm.World(folder, wanted, [f"http://127.0.0.1:{port}" for port in ports], graph)
    try:
        if server and dump:
            server.run("pg_restore", "--no-owner", f"--dbname={server.connection()}", str(dump))
        found = _walk(desk, world, wanted, f"http://127.0.0.1:{graph}", tell)
    except (scene.NotFit, postgres.CannotStart) as trouble:
        print(trouble, file=sys.stderr)
        return 2
    finally:
        world.end()
        desk.end()
    return _judge(found, desk.tally, wanted, tell)


def _walk(desk: Desk, world: storm.World, wanted: Wanted, graph: str, tell: storm.Tell) -> compare.Found:
    make_haste()
    import django

    django.setup()
    from ganzohr.config import migrating

    migrating.ensure()
    tell(
        ", ".join(f"{name} {value}" for name, value in scene.check_safe().items()) + f"; leases run {SPEED:g}× as fast"
    )
    answers = Answers(int(wanted.sends * MARGIN) + 10, scene.furnish(graph))
    desk.look()
    world.begin()
    answers.thread.start()
    storm.blow(desk, answers, wanted, world.folder, tell)
    tell(f"the storm is over: {dict(desk.tally.kills)} killed")
    storm.settle(desk, world, answers, wanted, tell)
    found = compare.compare(world.folder)
    found.troubles += answers.troubles
    found.troubles += _hidden(found, desk)
    tell(f"settled; {answers.again} answers were given again after the database went away")
    return found


def _hidden(found: compare.Found, desk: Desk) -> list[str]:
    """What is unclear stands on a person's page, with both choices."""
    from ganzohr.accounts.actions import sign_in_link
    from ganzohr.accounts.models import User
    from ganzohr.proofs.forms import Browser

    browser = Browser(os.environ["GANZOHR_URL"])
    page = browser.get(sign_in_link(User.objects.get(role="manager")))
    if page.forms and "demo" in page.url:
        browser.submit(page, page.forms[0], {})
    shown = compare.shown_as_unclear(browser)
    missing = compare.unclear() - shown
    return [f"{len(missing)} unclear sendings are not shown: {sorted(missing)[:5]}"] if missing else []


def _judge(found: compare.Found, tally: Tally, wanted: Wanted, tell: storm.Tell) -> int:
    tell("named points: " + ", ".join(f"{name} {count}" for name, count in sorted(tally.points.items())))
    for trouble in (*found.troubles, *tally.troubles):
        tell(f"trouble: {trouble}")
    print(
        f"crash: {found.acknowledged} acknowledged, {found.lost} lost, {found.double} double, {found.sent} sent, "
        f"{found.double_sent} double-sent, {found.falsely_sent} falsely sent, {found.unclear} unclear shown, "
        f"{tally.total()} kills",
        flush=True,
    )
    is_wrong = found.lost or found.double or found.double_sent or found.falsely_sent or found.troubles or tally.troubles
    is_little = found.acknowledged < wanted.deliveries or found.sent < wanted.sends or tally.total() < wanted.kills
    return 1 if is_wrong or is_little else 0
