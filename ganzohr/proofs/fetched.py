"""Recorded answers to a question of ours: read as the connector reads what it fetches, over HTTP, and counted apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ganzohr.channels.connectors.base import Account, Incoming, Trouble
from ganzohr.channels.connectors.facebook import reading
from ganzohr.channels.connectors.meta.values import loads, moment, text_id
from ganzohr.core import reach
from ganzohr.proofs.agreement import Held, differences
from ganzohr.proofs.little_web import Answered, Asked, Server
from ganzohr.proofs.recorded import Recorded

EVER = datetime(2000, 1, 1, tzinfo=UTC)
PAGE = "1"


def report(files: Sequence[Recorded]) -> None:
    """Prints for each channel what its connector made of the answers."""
    counts: dict[str, Counter[str]] = {}
    for one in files:
        here = counts.setdefault(one.channel, Counter())
        here["answers"] += 1
        here[_outcome(one, here)] += 1
    for channel, here in sorted(counts.items()):
        print(
            f"{channel:<14} {here['answers']} answers to a question of ours: {here['read']} with posts or comments "
            f"({here['agree']} agree of {here['compared']} compared), {here['other']} of other kinds, "
            f"{here['failed']} failed",
            flush=True,
        )


def _outcome(one: Recorded, counts: Counter[str]) -> str:
    try:
        found = list(read(one))
    except (Trouble, ValueError, LookupError, TypeError, AttributeError) as error:
        print(f"        {one.name}: {type(error).__name__}", flush=True)
        return "failed"
    if not found:
        return "other"
    if one.is_stated:
        wrong = min((differences(one.hints, _held(said)) for said in found), key=len)
        counts["compared"] += 1
        counts["agree"] += not wrong
        if wrong:
            print(f"        {one.name}: {', '.join(wrong)}", flush=True)
    return "read"


def read(one: Recorded) -> Iterator[Incoming]:
    """The posts and comments in an answer, served to the connector as the platform would."""
    try:
        feed = _as_feed(one, list(_objects(loads(one.raw))))
    except ValueError:
        return
    if not feed:
        return
    reach.tie(reach.LOOPBACK)  # nowhere else
    server = Server(0, lambda asked: _answer(asked, feed))
    try:
        settings = {"page_id": PAGE, "graph_url": f"http://127.0.0.1:{server.port}"}
        yield from reading.recent(Account("facebook", "replay", settings, {"access_token": "replay"}), EVER)
    finally:
        server.stop()


def _answer(asked: Asked, feed: Sequence[Mapping[str, Any]]) -> Answered:
    data = list(feed) if asked.path.endswith("/feed") else []
    return Answered(json.dumps({"data": data}), kind="application/json")


def _objects(found: Any) -> Iterator[dict[str, Any]]:
    """The single things of an answer: one, a list of them, or many by their ids."""
    if isinstance(found, dict) and isinstance(found.get("data"), list):
        found = found["data"]
    if isinstance(found, dict) and "id" not in found and any(isinstance(one, dict) for one in found.values()):
        found = list(found.values())
    yield from (one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict))


def _as_feed(one: Recorded, things: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """As the page's feed shows them: posts by themselves, comments below the post they name."""
    dated = [thing for thing in things if text_id(thing.get("id")) and moment(thing.get("created_time"))]
    if one.kind == "api_comment":
        return [
            {"id": _post_of(thing), "created_time": thing["created_time"], "comments": {"data": [thing]}}
            for thing in dated
        ]
    return dated if one.kind == "api_post" else []


def _post_of(comment: Mapping[str, Any]) -> str:
    return f"{PAGE}_{text_id(comment.get('id')).partition('_')[0]}"


def _held(said: Incoming) -> Held:
    ids, senders = frozenset({said.external_id}), frozenset({said.sender_id})
    return Held(ids, senders, (said.text,), frozenset({said.provider_at}))
