"""What noise cannot move: how many queries a page needs, which index answers each, and what an operation costs.

`./run bench` measures the rest. The desk here is small, yet large enough that PostgreSQL would rather use an index.
"""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from ganzohr.accounts.models import User
from ganzohr.channels import actions
from ganzohr.channels.models import Channel
from ganzohr.core import jobs, times
from ganzohr.inbox import filters
from ganzohr.inbox.filters import Filter
from ganzohr.inbox.models import Conversation, Message
from ganzohr.proofs.bench import day, letters, meter, paper, scenery, table
from ganzohr.proofs.bench.looking import LIMITED, manager, watched
from ganzohr.proofs.bench.part import furnish

pytestmark = pytest.mark.django_db
SMALL, CONVERSATIONS = 600, 12_000  # both fill a page
BIG = {"inbox_conversation", "inbox_message", "contacts_contact", "contacts_handle"}
LISTS = ("", "?view=nobody", "?view=mine", "?view=waits", "?view=closed", "?topic={topic}", "?overdue=1")
MOST_QUERIES = 12
SCALING = Path(__file__).resolve().parents[2] / "docs" / "scaling.md"
SLACK = 4  # a processor that is shared and old
PAGES = ("", "?view=closed")


@pytest.fixture(scope="module")
def desks(django_db_setup: None, django_db_blocker: Any) -> Any:
    """One for the whole file, and what pages cost before it was large; gone with its transaction."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        furnish()
        place = transaction.savepoint()
        client = filled(SMALL)
        small = [worked(client, narrowed) for narrowed in PAGES]
        transaction.savepoint_rollback(place)
        yield filled(CONVERSATIONS), small
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def desk(desks: Any) -> Any:
    """The large one, as the manager sees it."""
    return desks[0]


def filled(conversations: int) -> Client:
    scenery.fill(conversations)
    with connection.cursor() as cursor:
        for name in BIG:
            cursor.execute(f"ANALYZE {name}")
    client: Client = manager()
    return client


def worked(desk: Client, narrowed: str) -> tuple[int, int, float, float]:
    """How many rows and queries a page has, how many rows PostgreSQL took into its hands, and our processor time."""
    path = f"/inbox/{narrowed}"
    cost = min([_cost(lambda: desk.get(path), 1) for _ in range(5)])
    with watched() as found:
        lines = desk.get(path).content.count(b"data-row")
    steps = [step for query, values in found.said if _reads(query) for step in run(query, values)]
    return lines, found.count, sum([step["Actual Rows"] * step["Actual Loops"] for step in steps]), cost


def run(query: str, values: Any) -> list[dict[str, Any]]:
    """Every step PostgreSQL took, with the rows it gave."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING off) {query}", values)
        return steps_of(cursor.fetchone()[0])


def _reads(query: str) -> bool:
    return query.lstrip().startswith(("SELECT", "WITH", "("))


def plan(query: str, values: Any) -> list[dict[str, Any]]:
    """Every step PostgreSQL would take."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {query}", values)
        return steps_of(cursor.fetchone()[0])


def steps_of(found: Any) -> list[dict[str, Any]]:
    """Of such an answer."""
    waiting, steps = [(json.loads(found) if isinstance(found, str) else found)[0]["Plan"]], []
    while waiting:
        steps.append(waiting.pop())
        waiting += steps[-1].get("Plans", [])
    return steps


def scans(said: list[tuple[str, Any]]) -> tuple[set[str], set[str]]:
    """Which big tables are sifted from end to end, and which indexes are used. The first rows of any are no sifting."""
    steps = [step for query, values in said if _reads(query) for step in plan(query, values)]
    whole = {step["Relation Name"] for step in steps if step["Node Type"] == "Seq Scan" and "Filter" in step} & BIG
    return whole, {step["Index Name"] for step in steps if "Index Name" in step}


@pytest.mark.parametrize("narrowed", LISTS)
def test_a_list_asks_little_and_reads_no_large_table_whole(desk: Client, narrowed: str) -> None:
    from ganzohr.topics.models import Topic

    topic = Topic.objects.get(slug="bench-3").pk
    desk.get("/inbox/")
    with watched() as found:
        response = desk.get(f"/inbox/{narrowed.format(topic=topic)}")
    assert response.status_code == 200
    whole, _used = scans(found.said)
    assert (found.count <= MOST_QUERIES, whole) == (True, set()), found.count


def test_the_list_walks_the_index_made_for_it(desk: Client) -> None:
    with watched() as found:
        desk.get("/inbox/")
    assert "conv_state_recent" in scans(found.said)[1]


def test_as_many_queries_for_many_rows_as_for_few(desk: Client) -> None:
    counted = []
    for size in (25, 300):
        with watched() as found:
            desk.get(f"/inbox/?show={size}")
        counted.append(found.count)
    assert counted[0] == counted[1]


def test_a_page_of_a_desk_twenty_times_as_large_costs_about_the_same(desks: Any) -> None:
    large, small = desks
    for narrowed, before in zip(PAGES, small, strict=True):
        lines, queries, rows, cost = worked(large, narrowed)
        assert (lines, queries) == before[:2]
        most = [SLACK * one for one in before[2:]]
        assert (rows <= most[0], cost <= most[1]) == (True, True), (rows, cost, before)


@pytest.mark.parametrize("words", [scenery.RARE, scenery.COMMON, scenery.TWO, scenery.INFLECTED, scenery.LATE])
def test_a_search_reads_no_large_table_whole(desk: Client, words: str) -> None:
    with watched() as found:
        assert Filter(q=words, state="any").slice(Conversation.objects.all(), None, times.now()).rows != []
    assert scans(found.said)[0] == set()


def test_a_word_of_this_week_is_looked_up_and_the_desk_not_walked_for_it(desk: Client) -> None:
    with watched() as found:
        found_rows = Filter(q=scenery.LATE, state="any").slice(Conversation.objects.all(), None, times.now()).rows
        assert len(found_rows) == 12
    assert not any("IS TRUE" in query for query, _values in found.said)


def test_a_search_in_a_list_without_the_word_asks_a_part_of_it_only(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "REACH", 400)
    with watched() as found:
        mine = Conversation.objects.visible_to(User.objects.get(email=LIMITED))
        page = Filter(q=scenery.ELSEWHERE, state="any").slice(mine, None, times.now())
    asked = []
    for query, values in (one for one in found.said if "IS TRUE" in one[0]):
        asked.append(max(each["Actual Loops"] for each in run(query, values) if "Subplan Name" in each))
    assert (page.rows, page.is_cut, asked) == ([], True, [50, 400])


def test_promises_that_run_out_are_found_by_their_index(desk: Client) -> None:
    with watched() as found:
        rows = Conversation.objects.open().overdue(times.now()).order_by("due_at", "id").values_list("pk")[:100]
        assert len(rows) == 24
    assert scans(found.said) == (set(), {"conv_due"})


def test_pages_and_messages_cost_what_was_promised(desk: Client) -> None:
    """Our own processor time, which a busy neighbour does not change much."""
    desk.get("/inbox/")
    page = _cost(lambda: desk.get("/inbox/"), 5)
    channel, before = Channel.objects.get(key="bench-number"), Message.objects.count()
    for number in range(100):
        actions.store(channel, "", {}, letters.webhook(number))
    taken = _cost(lambda: jobs.answer("deliveries"), 1) / 100
    assert Message.objects.count() == before + 100
    assert (page <= SLACK * 20, taken <= SLACK * 0.6) == (True, True), (page, taken)


def test_many_deliveries_at_once_need_the_queries_of_one_and_little_more_time(desk: Client) -> None:
    channel = Channel.objects.get(key="bench-number")

    def taken(numbers: range) -> tuple[int, float]:
        for number in numbers:
            actions.store(channel, "", {}, letters.webhook(number))
        with watched() as found:
            cost = _cost(lambda: jobs.answer("deliveries"), 1)
        return found.count, cost

    taken(range(1000, 1001))
    alone, together = [taken(range(n, n + 1)) for n in range(1001, 1006)], taken(range(1010, 1070))
    assert {count for count, _cost in alone} == {together[0]}
    assert together[1] <= 10 * min(cost for _count, cost in alone), (alone, together)


def _cost(work: Any, times_: int) -> float:
    """Milliseconds of processor time of this thread, each."""
    started = time.thread_time()
    for _ in range(times_):
        work()
    return 1000 * (time.thread_time() - started) / times_


def test_webhooks_are_one_kilobyte_each_its_own_and_signed() -> None:
    bodies = {letters.webhook(number) for number in range(50)}
    assert len(bodies) == 50 and {len(body) for body in bodies} == {1024}
    assert letters.signature(letters.webhook(1)).encode() in letters.request("/", 1)


def test_figures_are_the_middle_of_rounds_and_the_table_says_what_fell_short() -> None:
    rounds = meter.Rounds()
    for seconds, cpu in ((1.0, 0.1), (2.0, 0.3), (4.0, 0.2)):
        rounds.add(100, meter.Span(seconds, {"server": cpu}), [1.0] * 99 + [50.0])
    assert (rounds.rate, rounds.cost(), rounds.p50, rounds.p99) == (50.0, 2.0, 1.0, 50.0)
    rows = [table.Row("a", "one", "1", is_reached=False), table.Row("a", "two", "2", ratio=2.0, is_reached=True)]
    lines = table.drawn(rows).splitlines()
    assert lines[2].endswith("short") and "2.00×" in lines[3] and lines[3].endswith("ok")


@pytest.fixture
def evening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the minutes that matter."""
    monkeypatch.setattr(day, "FROM", day.BURST_AT - 300)
    monkeypatch.setattr(day, "TO", day.BURST_AT + 1200)


@pytest.mark.usefixtures("evening")
def test_a_simulated_evening_names_what_gives_way_first() -> None:
    costs = day.Costs((0.1, 0.05), (1.0, 0.3), (5.0, 0.3), (20.0, 3.0))
    calm = day.live(100_000, costs, day.Cores(1, 1, 1), team=5)
    assert calm.is_well and calm.shown <= 1 and max(calm.fullest.values()) < 0.5
    crowded = day.live(20_000_000, costs, day.Cores(1, 1, 1), team=5)
    assert not crowded.is_well and crowded.first == "worker" and crowded.understood > day.UNDERSTOOD
    cores, enough = day.needed(20_000_000, costs)
    assert enough.is_well and cores.worker > cores.database
    apart, shared = (day.live(2_000_000, costs, day.Cores(1, 1, 1, machine), team=20) for machine in (math.inf, 1))
    assert apart.is_well and not shared.is_well


@pytest.mark.usefixtures("evening")
def test_every_table_of_the_paper_has_its_place_and_is_made_of_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day, "TO", day.BURST_AT - 240)
    cost = {"ours": {"server_cpu_ms": 1.0, "database_cpu_ms": 0.5}}
    named = ("accepted webhooks a second", "webhook to message in the inbox", "and its language", "whole page",
             "an answer approved", "an answer sent")  # fmt: skip
    rows = [table.Row("a", what, "1", is_reached=False, figures=cost) for what in named]
    places = ("message", "conversation", "person", "handle", "delivery", "key")
    rows.append(table.Row("a", "space", "1", figures={name: {"bytes": 800, "index_bytes": 200} for name in places}))
    limits = {"commits_of_1": 500, "commits_of_100": 200, "load": 0.5}
    run = {
        "machine": {"processor": "p", "cores": 2, "python": "3"}, "size": 10, "noise": [],
        "limits": {"first": limits, "last": limits}, "rows": [row.values() for row in rows],
    }  # fmt: skip
    parts = paper.made([run], 2_000_000)
    copy = tmp_path / "scaling.md"
    copy.write_text(SCALING.read_text())
    paper.write(parts, copy)
    assert all(words in copy.read_text() for words in parts.values())
    paper.write(parts, copy)
    assert copy.read_text().count(parts["space"]) == 1
