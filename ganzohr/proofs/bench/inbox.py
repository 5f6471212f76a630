"""The inbox: its list as a fragment and as a page over HTTP, and the same on a desk ten times as large."""

from __future__ import annotations

from contextlib import ExitStack

from ganzohr.proofs.bench import peers
from ganzohr.proofs.bench.asking import Client
from ganzohr.proofs.bench.ground import Ground, Part
from ganzohr.proofs.bench.meter import Rounds, percentile
from ganzohr.proofs.bench.scenery import build
from ganzohr.proofs.bench.table import Row, brief

ROUNDS, SMALLEST = 4, 1000
SMALL, LARGE = "inbox_small", "inbox_large"
POOL = "2"  # as in web: a page finds its connection open and its statements planned
FRAGMENT, PAGE = "/inbox/?show=25", "/inbox/"
LISTS = ("/inbox/", "/inbox/?view=nobody", "/inbox/?view=mine", "/inbox/?topic=3", "/inbox/?unanswered=1",
         "/inbox/?overdue=1", "/inbox/?view=closed")  # fmt: skip


def desks(ground: Ground, size: int) -> None:
    """Both desks, filled once for all suites."""
    for name, conversations in ((SMALL, max(size // 10, SMALLEST)), (LARGE, size)):
        if name not in ground.databases:
            build(ground, name, conversations)


def headers_of(ground: Ground, name: str) -> dict[str, str]:
    """What a browser of a signed-in manager sends."""
    with ground.part(name) as part:
        cookie = part.ask("cookie")
    return {"Cookie": cookie, "Accept-Encoding": "gzip", "Accept-Language": "de", "User-Agent": "bench"}


def suite(ground: Ground, size: int, with_peers: bool) -> list[Row]:
    """Over HTTP on the smaller desk, then both desks beside each other."""
    desks(ground, size)
    return [*_over_http(ground, max(size // 10, SMALLEST), with_peers), *_ten_times(ground, size)]


def _over_http(ground: Ground, conversations: int, with_peers: bool) -> list[Row]:
    fragment, whole, other = Rounds(), Rounds(), Rounds()
    headers = headers_of(ground, SMALL)
    part_of = {**headers, "HX-Request": "true", "HX-Target": "more-rows"}
    with ExitStack() as stack:
        web, port = stack.enter_context(ground.serving(SMALL))
        peer = stack.enter_context(peers.serving(ground, conversations)) if with_peers else None
        for number in range(-1, ROUNDS):
            for rounds, path, sent in ((fragment, FRAGMENT, part_of), (whole, PAGE, headers)):
                _ask(ground, rounds, Client(ground, port, 1, paths=[path], headers=sent, count=60), web, number)
            if peer:
                there = Client(ground, peer.port, 1, paths=[peer.path], headers=peer.headers, count=30)
                _ask(ground, other, there, peer.process, number)
    lines = _lines_of(ground)
    where = f"{conversations:,} conversations, HTTP"
    return [
        _compared(f"list, fragment of {lines} rows, {where}", fragment, other, ("≤ 1/8", 8), None),
        _compared(f"list, whole page, {where}", whole, other, ("≤ 1/4, ≤ 20 ms CPU", 4), 20),
    ]


def _compared(what: str, ours: Rounds, other: Rounds, reach: tuple[str, int], most: float | None) -> Row:
    ratio, cost = other.p50 / ours.p50 if other.times else None, ours.cost("server")
    kept = [ratio >= reach[1]] if ratio else []
    kept += [cost <= most] if most else []
    return Row(
        "inbox", what, f"p50 {brief(ours.p50)} ms, {brief(cost)} ms CPU",
        f"p50 {brief(other.p50)} ms, {brief(other.cost('server'))} ms CPU" if other.times else "", ratio, reach[0],
        all(kept) if kept else None, {"ours": ours.figures(), "compared": other.figures()},
    )  # fmt: skip


def _ask(ground: Ground, rounds: Rounds, client: Client, server: object, number: int) -> None:
    import psutil

    assert isinstance(server, psutil.Process)
    found = client.run(server, ground.database)
    if found.bad:
        raise RuntimeError(f"pages answered {found.statuses}")
    if number >= 0:
        rounds.add(found.good, found.span, found.times)


def _lines_of(ground: Ground) -> int:
    with ground.part(SMALL) as part:
        return int(part.ask("pages", paths=[FRAGMENT], times=1, target="more-rows")["lines"])


def _ten_times(ground: Ground, size: int) -> list[Row]:
    """Every list on both desks, in turns, inside a process so that each query can be counted."""
    cost: dict[str, Rounds] = {SMALL: Rounds(), LARGE: Rounds()}
    queries: dict[str, list[int]] = {SMALL: [], LARGE: []}
    database: dict[str, list[float]] = {SMALL: [], LARGE: []}
    with (
        ground.part(SMALL, GANZOHR_DATABASE_POOL=POOL) as small,
        ground.part(LARGE, GANZOHR_DATABASE_POOL=POOL) as large,
    ):
        for number in range(-1, ROUNDS):
            for name, part in ((SMALL, small), (LARGE, large)):
                found, span = part.timed("pages", paths=[PAGE], times=30)
                if number >= 0:
                    cost[name].add(30, span)
                    queries[name] += found["queries"]
                    database[name] += found["database_ms"]
        lists = _worst(large)
    ratio = cost[LARGE].cost() / cost[SMALL].cost()
    most, p99 = max(queries[LARGE]), percentile(database[LARGE], 0.99)
    return [
        Row(
            "inbox", f"list page at {size:,} conversations, {3 * size:,} messages",
            f"{brief(cost[LARGE].cost())} ms CPU",
            f"a tenth: {brief(cost[SMALL].cost())} ms CPU", ratio, "≤ 1.3×", ratio <= 1.3,
            {"ours": cost[LARGE].figures(), "compared": cost[SMALL].figures()},
        ),
        Row(
            "inbox", "  its queries and their time together", f"{most} queries, p99 {brief(p99)} ms", "", None,
            "≤ 12, ≤ 10 ms", most <= 12 and p99 <= 10, {"database_p50_ms": percentile(database[LARGE], 0.5)},
        ),
        *lists,
        _space(ground),
    ]  # fmt: skip


def _space(ground: Ground) -> Row:
    """What the desk takes on disk."""
    tables = {"message": "inbox_message", "conversation": "inbox_conversation", "person": "contacts_contact",
              "handle": "contacts_handle"}  # fmt: skip
    found = {name: ground.space(LARGE, table) for name, table in tables.items()}
    said = ", ".join(f"a {name} {brief(one['bytes'])}" for name, one in found.items())
    return Row("inbox", "  bytes with their indexes", said, figures=dict(found))


def _worst(part: Part) -> list[Row]:
    """Other views and narrowed lists: the one whose queries take longest; and a conversation opened."""
    found = {path: part.ask("pages", paths=[path], times=8) for path in LISTS}
    path, worst = max(found.items(), key=lambda one: percentile(one[1]["database_ms"], 0.5))
    middle = percentile(worst["database_ms"], 0.5)
    opened = part.ask("pages", paths=[f"/inbox/{n * 10}/" for n in range(1, 21)], times=2)
    figures = {name: round(percentile(one["database_ms"], 0.5), 2) for name, one in found.items()}
    return [
        Row("inbox", f"  slowest narrowed list ({path})", f"{max(worst['queries'])} queries, p50 {brief(middle)} ms",
            "", None, "", None, figures),
        Row("inbox", "  a conversation opened", f"{max(opened['queries'])} queries, p50 "
            f"{brief(percentile(opened['database_ms'], 0.5))} ms", "", None, "", None),
    ]  # fmt: skip
