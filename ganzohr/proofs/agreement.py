"""Whether what the desk understood agrees with what others say about the same delivery. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ganzohr.channels.connectors.mail.headers import addresses, parse_date
from ganzohr.channels.connectors.meta.values import moment

UNREADABLE = "\ufffd"


@dataclass(frozen=True)
class Understood:
    """What stands in the database: the message's id, who wrote it, their words (whole and trimmed), when."""

    external_id: str
    sender: str
    text: str
    original: str
    at: datetime


def disagreements(hints: Mapping[str, str], found: Understood) -> list[str]:
    """Names of the hints that say something else; a hint that is missing, or no date at all, says nothing."""
    checks = {
        "external_id": _same_id(hints.get("external_id") or "", found.external_id),
        "sender": _same_sender(hints.get("sender_id") or "", found.sender),
        "text": begins(found.original or found.text, hints.get("text") or ""),
        "time": _same_time(hints.get("timestamp") or "", found.at),
    }
    return [name for name, same in checks.items() if not same]


@dataclass(frozen=True)
class Held:
    """What the desk holds of one thing that came by a hook: every id it is known by, everybody it names, its words."""

    ids: frozenset[str]
    senders: frozenset[str]
    texts: tuple[str, ...]
    times: frozenset[datetime]


def differences(hints: Mapping[str, str], found: Held) -> list[str]:
    """As `disagreements`, of what a platform's hook brought; moments stand there as seconds, milliseconds or words."""
    id_, sender, text = (hints.get(name, "").strip() for name in ("external_id", "sender_id", "text"))
    told = moment(hints.get("timestamp", ""))
    checks = {
        "external_id": not id_ or id_ in found.ids,
        "sender": not sender or sender in found.senders,
        "text": not text or any(begins(words, text) for words in found.texts),
        "time": told is None or told in found.times,
    }
    return [name for name, same in checks.items() if not same]


def _same_id(hint: str, held: str) -> bool:
    return not hint.strip() or hint.strip() == held


def _same_sender(hint: str, held: str) -> bool:
    boxes = addresses([hint]) if hint.strip() else ()
    return not boxes or _fits(boxes[0].address, held)


def _same_time(hint: str, held: datetime) -> bool:
    told = parse_date(hint)
    return told is None or told == held


def begins(words: str, hint: str) -> bool:
    """Whether the words begin with the hint, white space aside. Characters the hint could not read fit anything."""
    hint, words = plain(hint), plain(words)
    return not hint or _fits(hint, words[: len(hint) + 4 * hint.count(UNREADABLE)], whole=False)


def _fits(pattern: str, text: str, whole: bool = True) -> bool:
    if UNREADABLE not in pattern:
        return text == pattern if whole else text.startswith(pattern)
    parts = [re.escape(part) for part in re.split(f"{UNREADABLE}+", pattern)]
    found = re.match(".{1,4}?".join(parts) + ("$" if whole else ""), text, re.DOTALL)
    return found is not None


def plain(text: str) -> str:
    """Text with single spaces; control characters of Latin-1 read as Windows means them, as mail programs do."""
    known = re.sub("[\x80-\x9f]", lambda found: found.group(0).encode("latin-1").decode("cp1252", "replace"), text)
    return " ".join(known.replace("\0", "").split())


@dataclass(frozen=True)
class Judged:
    """How well a reply was told from its quotes: exactly as the judge wants it, and which wanted lines are lost."""

    exact: bool
    lost: tuple[str, ...]


def judge(kept: str, wanted: str) -> Judged:
    """Compares what we show with what the judge wants to be shown, white space aside."""
    shown = plain(kept)
    lost = [line for line in map(plain, wanted.splitlines()) if line and line not in shown]
    return Judged(shown == plain(wanted), tuple(lost))
