"""The end: what the sender was thanked for, what the platform accepted and what the desk holds, side by side."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ganzohr.proofs.crash import files, letters
from ganzohr.proofs.crash.bodies import KEY, Crowd, count_of
from ganzohr.proofs.forms import Browser

WAITS = """
SELECT (SELECT count(*) FROM channels_delivery WHERE state = 'waiting'),
  (SELECT count(*) FROM channels_outgoing WHERE state IN ('waiting', 'sending')),
  (SELECT count(*) FROM inbox_message WHERE understood_at IS NULL AND direction = 'in'),
  (SELECT count(*) FROM inbox_attachment WHERE fetch_at IS NOT NULL)
"""
OURS = """
FROM inbox_message m JOIN channels_channel c ON c.id = m.channel_id JOIN channels_app a ON a.id = c.app_id
WHERE a.key = %s AND m.direction = 'in'
"""
HELD = f"SELECT DISTINCT split_part(m.external_id, '.', 3)::int {OURS} AND m.external_id NOT LIKE '%%.never.%%'"
STRANGE = f"SELECT count(*) {OURS} AND m.external_id LIKE '%%.never.%%'"
AGAIN = f"""
SELECT greatest(count(*) - count(DISTINCT m.external_id),
  count(*) FILTER (WHERE m.text <> '') - count(DISTINCT m.text) FILTER (WHERE m.text <> '')) {OURS}
"""
# Every fiftieth message has words in each form of the storm, and they name it. Letters of the website have no number,
# and PostgreSQL may look at theirs before it looks whose they are.
OTHERWISE = f"""
SELECT count(*) {OURS} AND m.external_id NOT LIKE '%%.never.%%'
  AND (nullif(split_part(m.external_id, '.', 3), '')::int %% 50 = 0 OR m.text LIKE 'Frage%%')
  AND m.text <> 'Frage ' || m.external_id || ': ist die Stelle frei?'
"""
TALKS = """
SELECT count(*) FROM (
  SELECT 1 FROM inbox_conversation WHERE state <> 'closed' GROUP BY channel_id, handle_id, public_post_id, thread_key
  HAVING count(*) > 1) twice
"""
PEOPLE = "SELECT count(*) FROM (SELECT 1 FROM contacts_handle GROUP BY external_id HAVING count(*) > 1) twice"


@dataclass
class Found:
    """The figures of the last line, and what is wrong in words."""

    acknowledged: int = 0
    lost: int = 0
    double: int = 0
    sent: int = 0
    double_sent: int = 0
    falsely_sent: int = 0
    unclear: int = 0
    letters: int = 0
    files: str = ""
    troubles: list[str] = field(default_factory=list)


def waiting() -> dict[str, int]:
    """What the desk has still to do."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        return dict(zip(("deliveries", "outgoing", "to be understood", "files"), cursor.fetchone(), strict=True))


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a file that may still grow."""
    if path.exists():
        with path.open() as file:
            yield from (json.loads(line) for line in file if line.endswith("\n"))


class Thanked:
    """For how many different messages the sender was thanked; reads on in its file. Numbers of messages, which need
    little room even where there are a million."""

    def __init__(self, folder: Path) -> None:
        self.path, self.at = folder / "thanked.jsonl", 0
        self.ids: set[int] = set()

    def count(self) -> int:
        """By now."""
        if self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self.at)
                for line in file:
                    if line.endswith(b"\n"):
                        self.at += len(line)
                        self.ids.update(count_of(id_) for id_ in json.loads(line)["ids"])
        return len(self.ids)


def compare(folder: Path, seed: int, by: Crowd) -> Found:
    """Everything, when nothing moves any more."""
    found = Found()
    thanked = _incoming(folder, found)
    troubles, found.files = files.compare(thanked, seed, by)
    found.troubles += troubles
    _letters(folder, found)
    _outgoing(folder, found)
    return found


def _letters(folder: Path, found: Found) -> None:
    thanked = [one["text"] for one in lines(folder / "letters.jsonl")]
    lost, double = letters.compare(thanked, letters.held())
    found.letters, found.lost, found.double = len(thanked), found.lost + lost, found.double + double


def _incoming(folder: Path, found: Found) -> set[int]:
    thanked = Thanked(folder)
    found.acknowledged = thanked.count()
    found.lost = len(thanked.ids - held(found)) + _set_aside(folder, found)
    for one in lines(folder / "odd.jsonl"):
        found.troubles.append(f"thanked for something {one['wrong']}: {one['ids']}")
    return thanked.ids


def held(found: Found) -> set[int]:
    """The messages the desk holds; what it holds twice is counted: messages, their words, talks and people."""
    from django.db import connection, transaction

    if strange := _number(STRANGE, KEY):
        found.troubles.append(f"{strange} messages came in that nobody signed")
    if otherwise := _number(OTHERWISE, KEY):
        found.troubles.append(f"{otherwise} messages say something else than was written")
    found.double = _number(AGAIN, KEY) + _number(TALKS) + _number(PEOPLE)
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(HELD, [KEY])
        return {row[0] for row in cursor}


def _number(query: str, *values: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])


def _set_aside(folder: Path, found: Found) -> int:
    """What was thanked for and cannot be read stands set aside, and nothing else does; how many do not."""
    from ganzohr.channels.models import Delivery

    damaged = {one["digest"] for one in lines(folder / "thanked.jsonl") if one["damaged"]}
    rows = Delivery.objects.filter(app__key=KEY).exclude(state=Delivery.State.DONE)
    aside = {hashlib.sha256(bytes(content)).hexdigest(): why for content, why in rows.values_list("body", "error")}
    if others := {why for digest, why in aside.items() if digest not in damaged}:
        found.troubles.append(f"deliveries were set aside that can be read: {sorted(others)[:3]}")
    return len(damaged - aside.keys())


def _outgoing(folder: Path, found: Found) -> None:
    from ganzohr.channels.models import Outgoing

    told = list(lines(folder / "accepted.jsonl"))
    accepted, words = Counter(one["key"] for one in told), Counter((one["to"], one["text"]) for one in told)
    states = dict(Outgoing.objects.filter(channel__app__key=KEY, kind="answer").values_list("key", "state"))
    left = {key for key, state in states.items() if state == "accepted"}
    unclear = {key for key, state in states.items() if state == "unclear"}
    found.sent = len(left)
    found.double_sent = max(_again(accepted), _again(words))  # the words name the question, whatever the key
    found.falsely_sent = len(left - accepted.keys())
    found.unclear = len(unclear)
    if hidden := accepted.keys() - left - unclear:
        found.troubles.append(f"{len(hidden)} answers left and the desk says otherwise: {sorted(hidden)[:3]}")


def _again(counted: Counter[Any]) -> int:
    return sum(counted.values()) - len(counted)


def sent() -> int:
    """How many answers left, as the desk says."""
    from ganzohr.channels.models import Outgoing

    return Outgoing.objects.filter(channel__app__key=KEY, kind="answer", state=Outgoing.State.ACCEPTED).count()


def unclear() -> set[int]:
    """Which sendings nobody knows the end of."""
    from ganzohr.channels.models import Outgoing

    return set(Outgoing.objects.filter(state=Outgoing.State.UNCLEAR).values_list("pk", flat=True))


def shown_as_unclear(browser: Browser) -> set[int]:
    """Which sendings the page of the outbox offers to settle by hand, on all of its pages."""
    found: set[int] = set()
    path = "/outbox/?show=hand"
    while path:
        page = browser.get(path)
        found |= {int(number) for number in re.findall(r"/outbox/(\d+)/was-sent/", page.body)}
        more = re.search(r'class="more".*?href="([^"]+)"', page.body, re.DOTALL)
        path = "/outbox/" + more[1].replace("&amp;", "&") if more else ""
    return found
