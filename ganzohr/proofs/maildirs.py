"""Reads the demo's Maildirs: whose they are, what lies in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parseaddr
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Letter:
    """One mail as a reader sees it."""

    id: str
    sender: str
    sender_name: str
    to_name: str
    reply_to: str
    subject: str
    at: datetime
    text: str
    html: str
    message_id: str
    references: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def when(self) -> str:
        """`21.11., 14:05`."""
        return f"{self.at:%d.%m., %H:%M}"

    @property
    def first_words(self) -> str:
        """The beginning of the text on one line."""
        return " ".join(self.text.split())[:90]

    @property
    def from_whom(self) -> str:
        """The sender's name, else the address."""
        return self.sender_name or self.sender


@dataclass(frozen=True)
class Mailbox:
    """Somebody's mailbox; `ids` are its mails, oldest first."""

    address: str
    name: str
    ids: tuple[str, ...]

    @property
    def shown_name(self) -> str:
        """The name, else what stands before the @."""
        return self.name or self.address.partition("@")[0]


def boxes(folder: Path) -> list[Mailbox]:
    """Every mailbox that holds a mail, by name: none jumps away while one reaches for it."""
    found = []
    for place in (folder / "mail").glob("*/*"):
        paths = _paths(place)
        if paths:
            address = f"{place.name}@{place.parent.name}"
            name = next((letter.to_name for path in reversed(paths) if (letter := _parse(path)).to_name), "")
            found.append(Mailbox(address, name, tuple(_id(path) for path in paths)))
    return sorted(found, key=lambda box: (box.shown_name.casefold(), box.address))


def letters(folder: Path, address: str) -> list[Letter]:
    """The mails of a mailbox, newest first."""
    place = _place(folder, address)
    return [_parse(path) for path in reversed(_paths(place))] if place else []


def read(folder: Path, address: str, letter_id: str) -> Letter | None:
    """One mail of a mailbox."""
    return next((letter for letter in letters(folder, address) if letter.id == letter_id), None)


def _place(folder: Path, address: str) -> Path | None:
    """The Maildir of an address that exists; nothing else of the disk can be named."""
    return next((p for p in (folder / "mail").glob("*/*") if f"{p.name}@{p.parent.name}" == address), None)


def _paths(place: Path) -> list[Path]:
    paths = [path for name in ("new", "cur") for path in (place / name).glob("*") if path.is_file()]
    return sorted(paths, key=lambda path: path.name)


def _id(path: Path) -> str:
    return path.name.split(":")[0]


@lru_cache(maxsize=2000)
def _parse(path: Path) -> Letter:
    raw = path.read_bytes()
    mail: EmailMessage = BytesParser(policy=policy.default).parsebytes(raw)
    name, sender = parseaddr(str(mail.get("From", "")))
    to = getaddresses([str(value) for value in mail.get_all("To", [])])
    date = mail.get("Date")
    at = getattr(date, "datetime", None) or datetime.fromtimestamp(path.stat().st_mtime, UTC)
    text, html = _body(mail, "plain"), _body(mail, "html")
    return Letter(
        id=_id(path),
        sender=sender,
        sender_name=name,
        to_name=to[0][0] if to else "",
        reply_to=parseaddr(str(mail.get("Reply-To", "")))[1],
        subject=str(mail.get("Subject", "")),
        at=at.astimezone(HERE),
        text=text,
        html=html,
        message_id=str(mail.get("Message-ID", "")).strip(),
        references=tuple(str(mail.get("References", "")).split())[-20:],
        files=tuple(part.get_filename() or "" for part in mail.iter_attachments() if part.get_filename()),
    )


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):
        return ""
