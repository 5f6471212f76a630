"""From a delivery to a message in the inbox: webhooks with and without understanding them, and mails.

Counted by processor time of worker and database, because both are busy all the time and the clock of a shared machine
lies. Other systems take mails only; so both our kinds are compared with their mails.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ganzohr.proofs.bench import letters, peers
from ganzohr.proofs.bench.asking import Client
from ganzohr.proofs.bench.ground import Ground, Part
from ganzohr.proofs.bench.meter import Rounds
from ganzohr.proofs.bench.table import Row

ROUNDS, EACH, WARM = 3, 600, 100
UNDERSTOOD = 200


@dataclass
class Costs:
    """What was measured."""

    hooks: Rounds = field(default_factory=Rounds)
    understood: Rounds = field(default_factory=Rounds)
    mails: Rounds = field(default_factory=Rounds)
    peer: Rounds = field(default_factory=Rounds)


def suite(ground: Ground, size: int, with_peers: bool) -> list[Row]:
    """All three, interleaved with the peer if there is one."""
    ground.desk("process")
    each, costs = max(EACH, min(size // 50, 10_000)), Costs()
    with ground.part("process") as part:
        for queue in ("deliveries", "understand"):
            _send(ground, part, 0 if queue == "deliveries" else WARM, WARM)
            part.ask("answer", queue="deliveries")
            part.ask("answer", queue=queue)
        if with_peers:
            with peers.helpdesk(ground) as peer:
                peers.take(peer, 0, 10)
                _rounds(ground, part, each, costs, peer)
        else:
            _rounds(ground, part, each, costs, None)
        held = part.ask("count", table="inbox_message")
    wanted = 2 * WARM + ROUNDS * (2 * each + UNDERSTOOD)
    if held < wanted:
        raise RuntimeError(f"{wanted} were sent and {held} are in the inbox")
    return _drawn(costs)


def _rounds(ground: Ground, part: Part, each: int, costs: Costs, peer: Part | None) -> None:
    first = 10_000
    for _ in range(ROUNDS):
        _send(ground, part, first, each)
        _take(part, costs.hooks, each)
        part.ask("keep_mails", first=first, count=each)
        _take(part, costs.mails, each)
        part.ask("forget_to_understand")
        _send(ground, part, first + each, UNDERSTOOD)
        part.ask("answer", queue="deliveries")
        _did, span = part.timed("answer", queue="understand")
        costs.understood.add(UNDERSTOOD, span)
        if peer:
            count = max(each // 10, 50)
            costs.peer.add(count, peers.take(peer, first, count))
        first += each + UNDERSTOOD


def _take(part: Part, rounds: Rounds, count: int) -> None:
    done, span = part.timed("answer", queue="deliveries")
    if done < count:
        raise RuntimeError(f"{count} deliveries waited and {done} were read")
    rounds.add(count, span)


def _send(ground: Ground, part: Part, first: int, count: int) -> None:
    """Through the real door, so that whatever the intake writes is what is read."""
    with ground.serving("process") as (_web, port):
        path = f"/hooks/whatsapp/{letters.APP_KEY}/"
        client = Client(ground, port, 16, path=path, first=first, count=count)
        client.begin()
        if (thanked := client.finish().good) != count:
            raise RuntimeError(f"{count} webhooks were sent and {thanked} thanked for")


def _drawn(costs: Costs) -> list[Row]:
    peer = costs.peer.cost() or None
    both = costs.hooks.cost() + costs.understood.cost()
    rows = [
        ("mail to message in the inbox", costs.mails, costs.mails.cost(), 20, None),
        ("webhook to message in the inbox", costs.hooks, costs.hooks.cost(), 40, 1.0),
        ("  and its language, kind and topic", costs.understood, both, None, 6.0),
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
