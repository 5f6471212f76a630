"""From a delivery to a message in the inbox: webhooks with and without understanding them, and mails; and answers out.

Counted by processor time of worker and database, because both are busy all the time and the clock of a shared machine
lies. Other systems take mails only; so both our kinds are compared with their mails.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

from ganzohr.proofs.bench import letters, peers, sending
from ganzohr.proofs.bench.asking import Client
from ganzohr.proofs.bench.ground import ALONE, Ground, Part, tell
from ganzohr.proofs.bench.meter import Rounds, measured
from ganzohr.proofs.bench.table import Row, brief

ROUNDS, EACH, MOST, WARM = 3, 600, 4_000, 100
UNDERSTOOD = 200
TOGETHER = 600
ANSWERED = 120  # a number may send sixty a second


@dataclass
class Costs:
    """What was measured."""

    hooks: Rounds = field(default_factory=Rounds)
    understood: Rounds = field(default_factory=Rounds)
    mails: Rounds = field(default_factory=Rounds)
    approved: Rounds = field(default_factory=Rounds)
    sent: Rounds = field(default_factory=Rounds)
    peer: Rounds = field(default_factory=Rounds)


@dataclass(frozen=True)
class Door:
    """The intake, through which everything comes in, so that whatever it writes is what is read."""

    ground: Ground
    port: int

    def send(self, first: int, count: int) -> None:
        """Webhooks by their numbers, every one thanked for."""
        path = f"/hooks/whatsapp/{letters.APP_KEY}/"
        client = Client(self.ground, self.port, 16, path=path, first=first, count=count)
        client.begin()
        if (thanked := client.finish().good) != count:
            raise RuntimeError(f"{count} webhooks were sent and {thanked} thanked for")


def suite(ground: Ground, size: int, with_peers: bool) -> list[Row]:
    """All three, interleaved with the peer if there is one."""
    ground.desk("process")
    each, costs = max(EACH, min(size // 50, MOST)), Costs()
    with ExitStack() as stack:
        _intake, port = stack.enter_context(ground.serving("process", ALONE))
        part = stack.enter_context(ground.part("process", GANZOHR_REACH=sending.REACH))
        part.ask("lead_to", port=stack.enter_context(sending.platform(ground)))
        door = Door(ground, port)
        for queue in ("deliveries", "understand"):
            door.send(0 if queue == "deliveries" else WARM, WARM)
            part.ask("answer", queue="deliveries")
            part.ask("answer", queue=queue)
        if with_peers:
            with peers.helpdesk(ground) as peer:
                peers.take(peer, 0, 10)
                _rounds(door, part, each, costs, peer)
        else:
            _rounds(door, part, each, costs, None)
        row = _two_beside_one(door, part)
        held = part.ask("count", table="inbox_message")
    wanted = 2 * WARM + ROUNDS * (2 * each + UNDERSTOOD + 2 * ANSWERED) + 2 * (ROUNDS + 1) * TOGETHER
    if held < wanted:
        raise RuntimeError(f"{wanted} were sent and {held} are in the inbox")
    return [*_drawn(costs), row]


def _rounds(door: Door, part: Part, each: int, costs: Costs, peer: Part | None) -> None:
    first, lately = 10_000, int(time.time()) - letters.BEGAN - ROUNDS * ANSWERED
    for number in range(ROUNDS):
        door.send(first, each)
        _take(part, costs.hooks, each)
        part.ask("keep_mails", first=first, count=each)
        _take(part, costs.mails, each)
        part.ask("forget_to_understand")
        door.send(first + each, UNDERSTOOD)
        part.ask("answer", queue="deliveries")
        _did, span = part.timed("answer", queue="understand")
        costs.understood.add(UNDERSTOOD, span)
        tell(f"round {number + 1} of {ROUNDS}: taken in and understood")
        _answer(door, part, costs, lately + number * ANSWERED)
        if peer:
            count = max(each // 10, 50)
            costs.peer.add(count, peers.take(peer, first, count))
        first += each + UNDERSTOOD


def _answer(door: Door, part: Part, costs: Costs, first: int) -> None:
    """Questions of just now are answered: the window of the platform must be open."""
    door.send(first, ANSWERED)
    part.ask("answer", queue="deliveries")
    part.ask("forget_to_understand")
    waiting, span = part.timed("approve", first=first, many=ANSWERED)
    costs.approved.add(ANSWERED, span)
    accepted, span = part.timed("send")
    costs.sent.add(ANSWERED, span)
    if (waiting, accepted) != (ANSWERED, ANSWERED):
        raise RuntimeError(f"{ANSWERED} were asked, {waiting} answers waited, {accepted} were accepted")


def _take(part: Part, rounds: Rounds, count: int) -> None:
    done, span = part.timed("answer", queue="deliveries")
    if done < count:
        raise RuntimeError(f"{count} deliveries waited and {done} were read")
    rounds.add(count, span)


def _two_beside_one(door: Door, part: Part) -> Row:
    """The same messages read and understood by one worker, then by two at once: does either cost more by the other?"""
    one, two = Rounds(), Rounds()
    with door.ground.part("process") as other:
        for number in range(-1, ROUNDS):  # the first only warms the other
            for turn, (rounds, workers) in enumerate(((one, [part]), (two, [part, other]))):
                door.send(1_000_000 + (2 * number + 2 + turn) * TOGETHER, TOGETHER)
                names = {f"worker{n}": worker.process for n, worker in enumerate(workers)}
                with measured(database=door.ground.database, **names) as span:
                    for queue in ("deliveries", "understand"):
                        for worker in workers:
                            worker.begin("answer", queue=queue)
                        for worker in workers:
                            worker.finish()
                if number >= 0:
                    rounds.add(TOGETHER, span)
    each = two.cost() / one.cost()
    return Row(
        "process", f"two workers beside one, on {os.cpu_count()} cores",
        f"{brief(two.rate)}/s, {two.cost():.2f} ms CPU",
        f"one: {brief(one.rate)}/s, {one.cost():.2f} ms CPU", two.rate / one.rate, "", None,
        {"ours": two.figures(), "compared": one.figures(), "cost_each": round(each, 3)},
    )  # fmt: skip


def _drawn(costs: Costs) -> list[Row]:
    peer = costs.peer.cost() or None
    both = costs.hooks.cost() + costs.understood.cost()
    rows = [
        ("mail to message in the inbox", costs.mails, costs.mails.cost(), 20, None),
        ("webhook to message in the inbox", costs.hooks, costs.hooks.cost(), 40, 1.0),
        ("  and its language, kind and topic", costs.understood, both, None, 6.0),
        ("an answer approved", costs.approved, costs.approved.cost(), None, None),
        ("an answer sent, from its fence to its outcome", costs.sent, costs.sent.cost(), None, None),
    ]
    return [_row(what, rounds, cost, peer if times else None, times, most) for what, rounds, cost, times, most in rows]


def _row(what: str, rounds: Rounds, cost: float, peer: float | None, times: float | None, most: float | None) -> Row:
    reach = [f"≥ {times:.0f}×"] if times else []
    reach += [f"≤ {most:.0f} ms"] if most else []
    ratio = peer / cost if peer else None
    kept = [ratio >= times] if ratio and times else []
    kept += [cost <= most] if most else []
    return Row(
        "process", what, f"{cost:.2f} ms CPU", f"{peer:.1f} ms CPU" if peer else "", ratio, ", ".join(reach),
        all(kept) if kept else None, {"ours": rounds.figures()},
    )  # fmt: skip
