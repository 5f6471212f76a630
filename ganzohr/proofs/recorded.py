"""Folders of recorded deliveries with an `index.tsv` of hints, as other people's test suites hold them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

# Channel of the recordings → kind of connector that reads it
CONNECTORS = {
    "email": "mail", "mail": "mail", "email_reply": "mail",
    "facebook_page": "facebook", "facebook": "facebook", "messenger": "facebook", "whatsapp": "whatsapp",
}  # fmt: skip
REPLIES = "email_reply"
INDEX = "index.tsv"
# Kinds of the index that carry what a person said or did; all others are news of machines
OF_PEOPLE = frozenset(
    {
        *("message", "comment", "media", "mention", "review", "reaction", "edit", "delete", "echo", "post", "postback"),
        *("location", "contacts", "order", "error", "quick_reply", "sticker", "share", "story", "story_mention"),
        *("story_reply", "image", "video", "audio", "voice", "document", "file", "button", "interactive", "rating"),
        *("recommendation", "hide", "unhide", "call", "missed_call", "reply", "text", "visitor_post"),
    }
)


@dataclass(frozen=True)
class Recorded:
    """One recorded file: its bytes as they would arrive, and what the index says about it."""

    name: str
    channel: str
    raw: bytes
    hints: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    expected_reply: str | None = None

    @property
    def connector(self) -> str:
        """The kind of connector that reads it."""
        return CONNECTORS[self.channel]

    @property
    def kind(self) -> str:
        """What the index says it is; '' where it says nothing."""
        return self.hints.get("kind", "").strip().lower()

    @property
    def is_fetched(self) -> bool:
        """An answer of the platform to a question of ours, not something it delivered."""
        return self.connector != "mail" and self.kind.startswith("api_")

    @property
    def is_of_people(self) -> bool:
        """It carries what a person said or did."""
        return self.connector == "mail" or self.kind in OF_PEOPLE

    @property
    def is_stated(self) -> bool:
        """The index says something that can be compared."""
        names = ("external_id", "sender_id", "text", "timestamp")
        return self.connector == "mail" or any(self.hints.get(name, "").strip() for name in names)


def read(folder: Path) -> tuple[list[Recorded], dict[str, int]]:
    """Everything in the folder (all channels, or one channel's own) that a connector reads, and how many files of
    each channel none reads yet.
    """
    base = folder if (folder / INDEX).exists() or not (folder.parent / INDEX).exists() else folder.parent
    hints = _index(base / INDEX)
    found: list[Recorded] = []
    left: dict[str, int] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != INDEX):
        name = path.relative_to(base).as_posix()
        row = hints.get(name) or hints.get(path.name) or {}
        channel = row.get("channel") or path.parent.name
        if channel in CONNECTORS:
            found.append(_recorded(path, name, channel, row))
        elif not path.name.startswith(".") and path.parent != base:
            left[channel] = left.get(channel, 0) + 1
    return found, left


def _index(path: Path) -> dict[str, dict[str, str]]:
    if not path.exists():
        return {}
    lines = path.read_bytes().decode("utf-8", "replace").replace("\0", "").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["file"]: {k: v for k, v in row.items() if k and isinstance(v, str)} for row in rows if row.get("file")}


def _recorded(path: Path, name: str, channel: str, row: Mapping[str, str]) -> Recorded:
    raw = path.read_bytes()
    if channel != REPLIES:
        return Recorded(name, channel, raw, row)
    words, expected = _reply_case(raw)
    return Recorded(name, channel, _as_mail(name, words), row, words, expected)


def _reply_case(raw: bytes) -> tuple[str, str | None]:
    """The words of a reply, and what a judge wants of them where one said so; any text is a reply too."""
    text = raw.decode("utf-8", "replace")
    try:
        case = json.loads(text)
    except ValueError:
        return text, None
    if not isinstance(case, dict):
        return text, None
    expected = case.get("expected_reply")
    return str(case.get("input") or ""), expected if isinstance(expected, str) else None


def _as_mail(name: str, words: str) -> bytes:
    """The words as the text of a mail, so that they take the way every mail takes."""
    mail = EmailMessage(policy=SMTP.clone(cte_type="8bit"))
    mail["From"] = "somebody@person.test"
    mail["To"] = "karriere@brand.test"
    mail["Message-ID"] = f"<{name.replace('/', '.')}@replay.test>"
    mail["Subject"] = "Re: …"
    mail.set_content(words.encode("utf-8", "replace").decode(), charset="utf-8", cte="base64")
    return mail.as_bytes()


def mailboxes(recorded: Iterable[Recorded], id_of: Mapping[str, str]) -> dict[str, int]:
    """Which mailbox each file goes to: recordings use one Message-ID for many mails, a mailbox takes each but once."""
    used: dict[str, int] = {}
    chosen: dict[str, int] = {}
    for one in recorded:
        chosen[one.name] = used.get(id_of[one.name], 0)
        used[id_of[one.name]] = chosen[one.name] + 1
    return chosen
