"""`./run prove crash`: everything is killed again and again; nothing is lost, nothing happens twice, nothing is told
that is not so."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from ganzohr.config import postgres
from ganzohr.proofs.crash import bodies, compare, scene, storm
from ganzohr.proofs.crash.answers import Answers
from ganzohr.proofs.crash.desk import NAMES, Desk, Tally
from ganzohr.proofs.crash.haste import START, make_haste, started
from ganzohr.proofs.crash.storm import Wanted
from ganzohr.proofs.demo import free_port, wait_for_port

A_MINUTE, MANY_A_MINUTE = 6_000, 30_000
MARGIN = 1.3
HELP = """A minute is the storm at least; on a small machine it lasts longer, until everything wanted was reached: 5,000
messages thanked for, 1,000 answers queued, every named point hit ten times. Before it lie ten seconds of getting ready,
after it the calm in which all is read, understood and sent: two to three minutes in all. Less than a minute is the
short form of the tests. From 100,000 messages on most have no words, several come in one body, claims last as long
as in life and nobody waits until all is understood: a million need a core for half an hour and more."""


def main(arguments: list[str]) -> int:
    """Storm, calm, comparison; 0 only if all figures are as they must be."""
    parser = argparse.ArgumentParser(prog="./run prove crash", description=f"{__doc__} {HELP}")
    parser.add_argument("--minutes", type=float, help="of storm, at least")
    parser.add_argument("--deliveries", type=int, help="messages thanked for, at least")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--external",
        action="store_true",
        help="the PostgreSQL of DATABASE_URL (empty; lines to it are cut, it is not killed), two web, two workers",
    )
    parser.add_argument("--dump", type=Path, help=argparse.SUPPRESS)  # of an empty desk: saves the tests the migrations
    chosen = parser.parse_args(arguments)
    if chosen.external and not os.environ.get("DATABASE_URL"):
        print("--external needs DATABASE_URL.", file=sys.stderr)
        return 2
    wished = chosen.deliveries or 0
    minutes = chosen.minutes or max(1.0, wished / (MANY_A_MINUTE if wished >= bodies.MANY else A_MINUTE))
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
    os.environ.update(told | {START: started(wanted.speed)})
    server = None if is_external else postgres.Server(folder / "desk")
    desk = Desk(folder, ports, server, wanted.seed, wanted.each_point, 5 if wanted.is_mass else 1)
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
    desk.open()
    make_haste()
    import django

    django.setup()
    from ganzohr.config import migrating

    migrating.ensure()
    safe = ", ".join(f"{name} {value}" for name, value in scene.check_safe().items())
    tell(f"{safe}; leases run {wanted.speed:g}× as fast")
    answers = Answers(int(wanted.sends * MARGIN) + 10, scene.furnish(graph))
    desk.wait()
    tell("the roles are ready to be started, and started again")
    desk.look()
    world.begin()
    answers.thread.start()
    storm.blow(desk, answers, wanted, world.folder, tell)
    tell(f"the storm is over: {dict(desk.tally.kills)} killed")
    for trouble in answers.troubles:
        tell(f"trouble: {trouble}")
    storm.settle(desk, world, answers, wanted, tell)
    found = compare.compare(world.folder, wanted.seed, bodies.crowd(wanted.deliveries))
    found.troubles += answers.troubles
    found.troubles += _hidden(found, desk)
    tell(f"settled; {answers.again} answers were given again after the database went away")
    return found


def _hidden(found: compare.Found, desk: Desk) -> list[str]:
    """What is unclear stands on a person's page, with both choices."""
    from ganzohr.accounts.actions import sign_in_link
    from ganzohr.accounts.models import User
    from ganzohr.proofs.forms import Browser

    desk.look()
    wait_for_port(urlsplit(os.environ["GANZOHR_URL"]).port or 0)
    browser = Browser(os.environ["GANZOHR_URL"])
    page = browser.get(sign_in_link(User.objects.get(role="manager")))
    if page.forms and "demo" in page.url:
        browser.submit(page, page.forms[0], {})
    shown = compare.shown_as_unclear(browser)
    missing = compare.unclear() - shown
    return [f"{len(missing)} unclear sendings are not shown: {sorted(missing)[:5]}"] if missing else []


def _judge(found: compare.Found, tally: Tally, wanted: Wanted, tell: storm.Tell) -> int:
    tell("named points: " + ", ".join(f"{name} {tally.points[name]}" for name in NAMES))
    tell(f"letters of the widget: {found.letters} thanked for")
    tell(found.files)
    short = _too_little(found, tally, wanted)
    for trouble in (*found.troubles, *tally.troubles, *short):
        tell(f"trouble: {trouble}")
    print(
        f"crash: {found.acknowledged} acknowledged, {found.lost} lost, {found.double} double, {found.sent} sent, "
        f"{found.double_sent} double-sent, {found.falsely_sent} falsely sent, {found.unclear} unclear shown, "
        f"{tally.total()} kills",
        flush=True,
    )
    is_wrong = found.lost or found.double or found.double_sent or found.falsely_sent or found.troubles or tally.troubles
    return 1 if is_wrong or short else 0


def _too_little(found: compare.Found, tally: Tally, wanted: Wanted) -> list[str]:
    """What was not reached, so that the run proves less than it should."""
    reached = [
        ("acknowledged", found.acknowledged, wanted.deliveries),
        ("sent", found.sent, wanted.sends),
        ("letters of the widget", found.letters, wanted.letters),
        ("kills", tally.total(), wanted.kills),
        *((f"hits of {name}", tally.points[name], wanted.each_point) for name in NAMES),
    ]
    return [f"only {count} {name} of {enough}" for name, count, enough in reached if count < enough]
