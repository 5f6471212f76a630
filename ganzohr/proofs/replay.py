"""`./run prove replay DIR`: recorded deliveries through the real intake of a desk in a temporary folder."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ganzohr.proofs import agreement, fetched, hooked, recorded
from ganzohr.proofs.agreement import Understood
from ganzohr.proofs.hooked import Taken
from ganzohr.proofs.recorded import Recorded

if TYPE_CHECKING:
    from ganzohr.channels.models import Channel

ENOUGH, ENOUGH_UNDERSTOOD = 98.0, 95.0
MOST_SHOWN = 20
SHOWN = ("stored", "understood", "unsupported", "failed", "agree")


@dataclass(frozen=True)
class Fate:
    """What became of one file: the state of its delivery, and what the desk holds of it."""

    state: str
    error: str = ""
    understood: Understood | None = None
    taken: Taken | None = None


WORDS = """Sends recorded deliveries through the real intake of a desk of their own. Kinds api_* of index.tsv are
answers to a question of ours: read as such, counted apart. `failed` is what could not be stored, was set aside as
damaged or could not be taken in; `unsupported` was kept and is of no kind we know; `agree` compares with index.tsv what
the desk holds, where the index states something."""


def main(arguments: list[str]) -> int:
    """Replay a folder; 0 only if nothing failed, enough agrees and no wanted text was lost."""
    parser = argparse.ArgumentParser(prog="./run prove replay", description=WORDS)
    parser.add_argument("folder", type=Path, help="recorded payloads, or one channel's folder of them")
    folder = parser.parse_args(arguments).folder.resolve()
    if not folder.is_dir():
        print(f"There is no folder {folder}.", file=sys.stderr)
        return 2
    files, left = recorded.read(folder)
    for channel, count in sorted(left.items()):
        print(f"{channel:<14} {count} files, no connector yet: left alone", flush=True)
    if not files:
        print("replay: 0 in, 0 stored, 0 failed, no file of a channel with a connector", flush=True)
        return 1
    delivered = [one for one in files if not one.is_fetched]
    with tempfile.TemporaryDirectory(prefix="ganzohr-replay-") as name:
        home = Path(name)
        home.chmod(0o711)
        fates = in_a_desk(home / "desk", delivered)
    fetched.report([one for one in files if one.is_fetched])
    return report(delivered, fates)


def in_a_desk(home: Path, files: Sequence[Recorded]) -> dict[str, Fate]:
    """Sends the files through the intake of a desk of its own."""
    from ganzohr.config import postgres

    for name in [name for name in os.environ if name.startswith("GANZOHR_") or name == "DATABASE_URL"]:
        del os.environ[name]
    os.environ |= {"GANZOHR_HOME": str(home), "DJANGO_SETTINGS_MODULE": "ganzohr.config.settings"}
    server = postgres.Server(home, quick=True)
    database = server.start(output=subprocess.DEVNULL)
    try:
        import django

        django.setup()
        from django.db import connection

        from ganzohr.config import migrating

        migrating.ensure()
        fates = through_the_intake(files)
        connection.close()
        return fates
    finally:
        postgres.stop(database)


def through_the_intake(files: Sequence[Recorded]) -> dict[str, Fate]:
    """Stores every file as its channel would and lets the desk read them. Needs a database."""
    mails = [one for one in files if one.connector == "mail"]
    taken = hooked.through_the_hooks([one for one in files if one.connector != "mail"])
    fates = {name: Fate(one.state, one.error, taken=one) for name, one in taken.items()}
    return fates | (_mails(mails) if mails else {})


def _mails(files: Sequence[Recorded]) -> dict[str, Fate]:
    from ganzohr.channels import actions
    from ganzohr.channels.connectors.mail.parse import parse

    boxes = recorded.mailboxes(files, {one.name: parse(one.raw).external_id for one in files})
    channels = [_channel(number) for number in range(max(boxes.values()) + 1)]
    stored = {one.name for one in files if actions.store(channels[boxes[one.name]], one.name, {}, one.raw)}
    while actions.process_deliveries():
        pass
    return {name: fate for name, fate in _fates().items() if name in stored}


def _channel(number: int) -> Channel:
    """A mailbox nobody reads from outside: it has no server."""
    from ganzohr.channels.models import Channel

    return Channel.objects.create(kind="mail", name=f"Replay {number}", key=f"replay-{number}", settings={})


def _fates() -> dict[str, Fate]:
    from ganzohr.channels.models import Delivery
    from ganzohr.inbox.models import Message

    rows = Message.objects.exclude(delivery_id=None).select_related("conversation__handle")
    held = {row.delivery_id: row for row in rows}
    fates = {}
    for delivery in Delivery.objects.filter(channel__kind="mail").defer("body"):
        row = held.get(delivery.pk)
        words = row and Understood(
            row.external_id or "", row.conversation.handle.external_id, row.text, row.original, row.provider_at
        )
        fates[delivery.path] = Fate(delivery.state, delivery.error, words or None)
    return fates


def report(files: Sequence[Recorded], fates: Mapping[str, Fate]) -> int:
    """Prints what became of everything, channel by channel."""
    total: Counter[str] = Counter()
    for channel in sorted({one.channel for one in files}):
        here = [one for one in files if one.channel == channel]
        counts = _count(here, fates)
        total += counts
        shown = ", ".join(f"{counts[word]} {word}" for word in SHOWN)
        print(f"{channel:<14} {len(here)} read, {shown}{_of_what(counts, len(here))}", flush=True)
    lost = _report_replies(files, fates)
    share = 100.0 * total["agree"] / max(total["compared"], 1)
    stored = total["stored"]
    print(f"replay: {len(files)} in, {stored} stored, {total['failed']} failed, {share:.1f} % agree", flush=True)
    is_enough = share >= ENOUGH and _is_understood(total)
    return 0 if files and not total["failed"] and not lost and is_enough and stored == len(files) else 1


def _of_what(counts: Counter[str], read: int) -> str:
    """What the numbers of a channel are of, where they are not of all its files."""
    if counts["compared"] == read == counts["of people"]:
        return ""
    words = f"{counts['of people understood']} of {counts['of people']} that people wrote or did are understood"
    return f" (of {counts['compared']} compared; {words})"


def _is_understood(total: Counter[str]) -> bool:
    """Of mail all is understood or failed; of what platforms deliver nearly everything that people did."""
    return 100.0 * total["of people understood"] >= ENOUGH_UNDERSTOOD * total["of people"]


def _count(files: Sequence[Recorded], fates: Mapping[str, Fate]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in files:
        fate = fates.get(one.name)
        is_done = fate is not None and fate.state == "done"
        counts["stored"] += fate is not None
        counts["understood"] += is_done
        counts["unsupported"] += fate is not None and fate.state == "unsupported"
        counts["failed"] += fate is None or fate.state in ("failed", "waiting")
        counts["of people"] += one.is_of_people
        counts["of people understood"] += one.is_of_people and is_done and _is_held(fate)
        if not (one.is_stated and (one.is_of_people or is_done)):
            continue  # nothing to compare, or news of a kind we keep unread
        wrong = _wrong(one, fate)
        counts["compared"] += 1
        counts["agree"] += not wrong
        if wrong and counts["shown"] < MOST_SHOWN:
            counts["shown"] += 1
            print(f"        {one.name}: {', '.join(wrong)}", flush=True)
    return counts


def _is_held(fate: Fate | None) -> bool:
    """Silence is no understanding: something of what people delivered stands in the desk."""
    return fate is not None and (fate.taken is None or bool(fate.taken.held))


def _wrong(one: Recorded, fate: Fate | None) -> list[str]:
    if fate is None:
        return ["not stored"]
    if fate.taken is not None:
        return _wrong_at_hook(one, fate.taken)
    if fate.understood is None:
        return [f"not in the inbox ({fate.state} {fate.error})".strip()]
    found = fate.understood
    if one.channel != recorded.REPLIES:
        return agreement.disagreements(one.hints, found)
    if agreement.plain(found.original or found.text) != agreement.plain(one.words):
        return ["original text"]
    trimmed = replace(found, original="")  # of a reply the index says what should be shown
    return agreement.disagreements(one.hints, trimmed)


def _wrong_at_hook(one: Recorded, taken: Taken) -> list[str]:
    """The index speaks of one thing in the file: whichever of it fits best is meant; all of it must be held."""
    if taken.missing:
        return [f"{what} not in the desk" for what in taken.missing]
    if not taken.held:
        return [f"nothing held ({taken.state} {taken.error})".strip()]
    return min((agreement.differences(one.hints, held) for held in taken.held), key=len)


def _report_replies(files: Sequence[Recorded], fates: Mapping[str, Fate]) -> int:
    """Judged replies: exact, and how many lost text that was wanted."""
    judged = [one for one in files if one.expected_reply is not None and _is_judged(one)]
    if not judged:
        return 0
    exact = lost = 0
    for one in judged:
        fate = fates.get(one.name)
        kept = fate.understood.text if fate and fate.understood else ""
        verdict = agreement.judge(kept, one.expected_reply or "")
        exact += verdict.exact
        lost += bool(verdict.lost)
        if verdict.lost:
            print(f"        {one.name}: {len(verdict.lost)} wanted lines lost", flush=True)
    share = 100.0 * exact / len(judged)
    print(f"reply_trim     {len(judged)} judged, {exact} exact ({share:.1f} %), {lost} lost wanted text", flush=True)
    return lost


def _is_judged(one: Recorded) -> bool:
    return one.hints.get("kind", "reply_trim_case") == "reply_trim_case"
