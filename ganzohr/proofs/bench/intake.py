"""The intake: webhooks of 1 KB over 64 connections, thanked after the commit; beside the plain view, and while people
look at the inbox."""

from __future__ import annotations

import sys
from typing import Any

from ganzohr.proofs.bench import letters
from ganzohr.proofs.bench.asking import Answered, Client
from ganzohr.proofs.bench.ground import ALONE, PYTHON, Ground
from ganzohr.proofs.bench.inbox import headers_of
from ganzohr.proofs.bench.limits import Limits
from ganzohr.proofs.bench.meter import Rounds
from ganzohr.proofs.bench.plain import TABLES
from ganzohr.proofs.bench.scenery import build
from ganzohr.proofs.bench.table import Row, brief

CONNECTIONS, READERS, ROUNDS = 64, 4, 4
MOST, SECONDS = 20_000, 2.0  # webhooks ready for a round, and how long it lasts
MOST_BESIDE = 30_000  # conversations on the desk people look at meanwhile
OURS = f"/hooks/whatsapp/{letters.APP_KEY}/"
PLAIN = [
    *PYTHON, "gunicorn", "ganzohr.proofs.bench.plain:build()", "--workers", "2", "--worker-class", "gthread",
    "--threads", "4", "--keep-alive", "30", "--bind", "127.0.0.1:{port}", "--log-level", "error",
]  # fmt: skip


def suite(ground: Ground, size: int, limits: Limits) -> list[Row]:
    """Both comparisons."""
    ground.desk("intake")
    ground.make("plain")
    with ground.connect("plain") as connection:
        connection.execute(TABLES.encode())
    build(ground, "intake", min(size, MOST_BESIDE))
    return _beside_plain(ground, limits) + _beside_people(ground)


def _beside_plain(ground: Ground, limits: Limits) -> list[Row]:
    ours, plain, thanked = Rounds(), Rounds(), 0
    with ground.serving("intake") as (web, port), ground.serving("plain", PLAIN) as (wsgi, plain_port):
        for number in range(-1, ROUNDS):  # the first only warms both
            found = _hooks(ground, port, OURS, number).run(web, ground.database)
            thanked += found.good
            _note(ours, found, number)
            _note(plain, _hooks(ground, plain_port, "/hook/", number).run(wsgi, ground.database), number)
    _all_kept(ground, thanked)
    return [
        Row(
            "intake", "accepted webhooks a second", _said(ours), _said(plain), ours.rate / plain.rate, "≥ 4×",
            ours.rate >= 4 * plain.rate, {"ours": ours.figures(), "compared": plain.figures()},
        ),
        Row(
            "intake", "  of the rows a second in commits of 100", f"{ours.rate / limits.rows:.0%}",
            f"{brief(limits.rows)}/s", None, "≥ 25 %", ours.rate >= 0.25 * limits.rows,
        ),
        Row(
            "intake", "  CPU each, server", f"{ours.cost('server'):.3f} ms", f"{plain.cost('server'):.3f} ms",
            plain.cost("server") / ours.cost("server"), "≤ 0.2 ms", ours.cost("server") <= 0.2,
        ),
        Row(
            "intake", "  CPU each, database", f"{ours.cost('database'):.3f} ms", f"{plain.cost('database'):.3f} ms",
            plain.cost("database") / ours.cost("database"), "≤ 0.06 ms", ours.cost("database") <= 0.06,
        ),
        _space(ground),
    ]  # fmt: skip


def _space(ground: Ground) -> Row:
    delivery, key = (ground.space("intake", name) for name in ("channels_delivery", "channels_deliverykey"))
    said = f"{brief(delivery['bytes'])} bytes, and its key {brief(key['bytes'])}"
    return Row("intake", "space of a delivery with its indexes", said, figures={"delivery": delivery, "key": key})


def _beside_people(ground: Ground) -> list[Row]:
    """The clients of the inbox never pause. The intake is a process of its own, as the manual says, or the pages'."""
    alone, own, shared, pages = Rounds(), Rounds(), Rounds(), Rounds()
    headers = headers_of(ground, "intake")
    with ground.serving("intake") as (web, port), ground.serving("intake", ALONE) as (intake, hooks_port):
        for number in range(-1, ROUNDS):
            ways = (alone, intake, hooks_port), (own, intake, hooks_port), (shared, web, port)
            for way, (rounds, process, there) in enumerate(ways, 1):
                client = _hooks(ground, there, OURS, 100 * way + number)
                if rounds is alone:
                    _note(rounds, client.run(process, ground.database), number)
                    continue
                people = Client(ground, port, READERS, paths=["/inbox/"], headers=headers, count=1, seconds=SECONDS + 1)
                people.begin()
                _note(rounds, client.run(process, ground.database), number)
                seen = people.finish()
                if number >= 0:
                    pages.add(seen.good, seen.span, seen.times)
    what = "the same while four clients load the inbox, p99"
    return [
        _calm(what, own, alone, {"pages": pages.figures()}),
        _calm("  … where pages and intake are one process", shared, alone, {}),
    ]


def _calm(what: str, beside: Rounds, alone: Rounds, more: dict[str, Any]) -> Row:
    return Row(
        "intake", what, f"{brief(beside.p99)} ms, {brief(beside.rate)}/s",
        f"alone {brief(alone.p99)} ms, {brief(alone.rate)}/s", beside.p99 / alone.p99, "≤ 100 ms", beside.p99 <= 100,
        {"beside": beside.figures(), "alone": alone.figures(), **more},
    )  # fmt: skip


def _hooks(ground: Ground, port: int, path: str, number: int) -> Client:
    first = (number + 1) * MOST
    return Client(ground, port, CONNECTIONS, path=path, first=first, count=MOST, seconds=SECONDS)


def _note(rounds: Rounds, found: Answered, number: int) -> None:
    if found.bad:
        print(f"  {found.bad} not thanked: {found.statuses}", file=sys.stderr)
    if number >= 0:
        rounds.add(found.good, found.span, found.times)


def _said(rounds: Rounds) -> str:
    return f"{brief(rounds.rate)}/s, p99 {brief(rounds.p99)} ms"


def _all_kept(ground: Ground, thanked: int) -> None:
    """What was thanked for is there."""
    with ground.connect("intake") as connection:
        found = connection.execute("SELECT count(*) FROM channels_delivery").fetchone()
    if not found or found[0] != thanked:
        raise RuntimeError(f"{thanked} deliveries sent and {found} are kept")
