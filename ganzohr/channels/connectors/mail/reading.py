"""Reading a mailbox for as long as it takes: IDLE where the server knows it, asking again where it does not.

Nothing is lost and nothing comes twice: mails are handed over in the order of their UIDs, each with the cursor that
stands for "stored up to here". When the server throws its UIDs away (UIDVALIDITY), everything since the channel was
connected is handed over once more and recognised by its key. Nothing on the server is changed, unless the settings
ask for the mark "seen".
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped,unused-ignore]
from imapclient.exceptions import IMAPClientError  # type: ignore[import-untyped,unused-ignore]

from ganzohr.channels.connectors.base import Read, Trouble
from ganzohr.channels.connectors.mail import imap, signin
from ganzohr.channels.connectors.mail.parse import MOST_BYTES
from ganzohr.channels.connectors.mail.settings import MailAccount

log = logging.getLogger(__name__)

IDLE_SECONDS = 540.0  # below what firewalls and servers allow (29 minutes), so a dead line is noticed soon
FIRST_IDLE_SECONDS = 2.0  # servers overlook what arrives while IDLE begins; so we ask soon, then less and less often
LOOK_SECONDS = 0.4
MOST_FAILURES = 4
PASSING = ("connection_refused", "timeout", "rate_limited")
LARGE = 2_000_000
BATCH = 20


@dataclass(frozen=True)
class Cursor:
    """How far the folder has been stored. `since` is the day before which nothing is ever read."""

    uidvalidity: int
    uid: int
    since: date

    @classmethod
    def of(cls, stored: Mapping[str, Any], first_days: int) -> Cursor:
        """The stored cursor; for a new channel the beginning, some days back."""
        try:
            return cls(int(stored["uidvalidity"]), int(stored["uid"]), date.fromisoformat(str(stored["since"])))
        except (KeyError, ValueError):
            return cls(0, 0, (datetime.now(UTC) - timedelta(days=first_days)).date())

    def stored(self) -> dict[str, Any]:
        """As it is kept with the lease."""
        return {"uidvalidity": self.uidvalidity, "uid": self.uid, "since": self.since.isoformat()}


def read(account: MailAccount, stored: Mapping[str, Any], stop: threading.Event) -> Iterator[Read]:
    """Every mail of the folder from the cursor on, for ever; ends when `stop` is set. Raises `Trouble` when a person
    must mend something, or when the server stays away for longer than a hiccup.
    """
    cursor = Cursor.of(stored, account.first_days)
    failures = 0
    while not stop.is_set():
        try:
            secrets = signin.renewed(account)
            account = replace(account, secrets={**account.secrets, **secrets})
            for found in _session(account, cursor, stop):
                cursor, failures = Cursor.of(found.cursor, account.first_days), 0
                yield replace(found, secrets=secrets) if secrets else found
                secrets = {}
        except Trouble as problem:
            failures += 1
            if problem.code not in PASSING or failures >= MOST_FAILURES:
                raise
        except (OSError, IMAPClientError) as error:
            log.info("the mailbox's line broke: %s", type(error).__name__)
            failures += 1
            if failures >= MOST_FAILURES:
                raise Trouble("connection_refused", type(error).__name__) from error
        stop.wait(_pause(failures))


def _pause(failures: int) -> float:
    return 0.0 if not failures else min(60.0, 0.5 * 2.0**failures) * random.uniform(0.7, 1.3)  # noqa: S311


def _session(account: MailAccount, cursor: Cursor, stop: threading.Event) -> Iterator[Read]:
    """One connection, until it breaks or `stop` is set."""
    client = imap.connect(account)
    try:
        box = imap.select(client, account.folder, readonly=not account.marks_seen)
        cursor = _fitting(cursor, box)
        yield Read(b"", cursor.stored())
        until, patience = _token_ends(account), FIRST_IDLE_SECONDS
        while not stop.is_set() and time.time() < until:
            for found in _new_mails(client, account, cursor, stop):
                cursor, patience = Cursor.of(found.cursor, account.first_days), FIRST_IDLE_SECONDS
                yield found
            _wait(client, account, stop, patience)
            patience = min(IDLE_SECONDS, patience * 4)
    finally:
        imap.close(client)


def _token_ends(account: MailAccount) -> float:
    """A line opened with a token is renewed with the next one, shortly before it runs out."""
    ends = float(account.secrets.get("expires_at") or 0) if account.uses_oauth else 0.0
    return ends - signin.EARLY / 2 if ends else float("inf")


def _fitting(cursor: Cursor, box: Mapping[bytes, object]) -> Cursor:
    valid = int(str(box.get(b"UIDVALIDITY", 0)))
    return cursor if cursor.uidvalidity == valid else replace(cursor, uidvalidity=valid, uid=0)


def _new_mails(client: IMAPClient, account: MailAccount, cursor: Cursor, stop: threading.Event) -> Iterator[Read]:
    """What came after the cursor, in order. A folder read from its beginning starts at the cursor's day."""
    criteria: list[object] = ["UID", f"{cursor.uid + 1}:*"] if cursor.uid else ["SINCE", cursor.since]
    uids = sorted(uid for uid in client.search(criteria) if uid > cursor.uid)
    for start in range(0, len(uids), BATCH):
        batch = uids[start : start + BATCH]
        sizes = client.fetch(batch, ["RFC822.SIZE"])
        for uids_now in _portions(batch, sizes):
            if stop.is_set():
                return
            for uid, raw in _fetched(client, uids_now):
                cursor = replace(cursor, uid=uid)
                yield Read(raw, cursor.stored(), path=f"{cursor.uidvalidity}/{uid}")
                if account.marks_seen:
                    client.add_flags([uid], [b"\\Seen"], silent=True)


def _portions(uids: list[int], sizes: Mapping[int, Mapping[bytes, int]]) -> Iterator[list[int]]:
    """Small mails together, a large one alone, so that memory stays bounded."""
    portion: list[int] = []
    weight = 0
    for uid in uids:
        size = int(sizes.get(uid, {}).get(b"RFC822.SIZE", 0))
        if portion and weight + size > LARGE:
            yield portion
            portion, weight = [], 0
        portion.append(uid)
        weight += size
    if portion:
        yield portion


def _fetched(client: IMAPClient, uids: list[int]) -> Iterator[tuple[int, bytes]]:
    """The bytes of these mails in order; one that was deleted meanwhile is left out."""
    try:
        yield from _bytes_of(client, uids, f"BODY.PEEK[]<0.{MOST_BYTES}>")
    except client.AbortError:
        raise
    except IMAPClientError:
        if len(uids) > 1:  # one of them is damaged on the server: it must not keep the others back
            for uid in uids:
                yield from _fetched(client, [uid])
            return
        log.error("the server cannot hand over mail %s; only its headers are kept", uids[0])
        yield from _bytes_of(client, uids, "BODY.PEEK[HEADER]")


def _bytes_of(client: IMAPClient, uids: list[int], what: str) -> Iterator[tuple[int, bytes]]:
    answer = client.fetch(uids, [what])
    for uid in uids:
        raw = next((value for name, value in answer.get(uid, {}).items() if name.startswith(b"BODY[")), None)
        if isinstance(raw, bytes) and raw:
            yield uid, raw


def _wait(client: IMAPClient, account: MailAccount, stop: threading.Event, patience: float) -> None:
    """Returns when something may have come, when `patience` ends, or when `stop` is set."""
    if _came_meanwhile(client):
        return
    if not client.has_capability("IDLE"):
        stop.wait(account.poll_seconds)
        client.noop()
        return
    client.idle()
    ends = time.monotonic() + patience
    while not stop.is_set() and time.monotonic() < ends:
        looked = time.monotonic()
        lines = client.idle_check(timeout=LOOK_SECONDS)
        if any(map(_is_news, lines)) or (not lines and time.monotonic() - looked < LOOK_SECONDS / 2):
            break  # news; or the line is dead, which imapclient answers with nothing at once: `idle_done` will tell
    if not stop.is_set():
        client.idle_done()


def _came_meanwhile(client: IMAPClient) -> bool:
    """Whether the server spoke of new mail while it answered another command; it will not say so again in IDLE."""
    _name, said = client._imap.response("EXISTS")
    return bool(said != [None])


def _is_news(line: object) -> bool:
    return _is_goodbye(line) or (isinstance(line, tuple) and line[1:2] in ((b"EXISTS",), (b"RECENT",)))


def _is_goodbye(line: object) -> bool:
    return isinstance(line, tuple) and line[:1] == (b"BYE",)
