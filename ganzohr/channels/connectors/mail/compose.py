"""Building a mail that other people's programs understand: threads, plain text first, marked as ours."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from ganzohr.channels.connectors.base import OutgoingFile
from ganzohr.channels.connectors.mail.machines import OWN_MARK

MOST_REFERENCES = 20


@dataclass(frozen=True)
class Letter:
    """What one mail is made of. `key` decides the Message-ID: the same key is the same mail. `automatic` is '', or
    the value of Auto-Submitted (auto-replied for notices that answer somebody, auto-generated for the others).
    """

    key: str
    sender: str
    to: Sequence[str]
    subject: str
    text: str
    date: datetime
    sender_name: str = ""
    html: str = ""
    reply_to: str = ""
    in_reply_to: str = ""
    references: Sequence[str] = ()
    automatic: str = ""
    mark: str = "1"
    language: str = ""
    files: Sequence[OutgoingFile] = field(default=())


def message_id(key: str, sender: str) -> str:
    """The Message-ID for this idempotency key: the same at each attempt, on our own domain, telling nothing."""
    domain = sender.rpartition("@")[2].lower() or "localhost"
    return f"<g.{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def compose(letter: Letter) -> EmailMessage:
    """The mail. Header injection is impossible: line breaks in values become spaces."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = message_id(letter.key, letter.sender)
    message["Date"] = format_datetime(letter.date)
    message["From"] = _box(letter.sender, letter.sender_name)
    message["To"] = [_box(address) for address in letter.to]
    message["Subject"] = _one_line(letter.subject)[:400]
    if letter.reply_to:
        message["Reply-To"] = _box(letter.reply_to, letter.sender_name)
    _thread(message, letter)
    _marks(message, letter)
    _content(message, letter)
    return message


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", text).strip()


def _box(address: str, name: str = "") -> HeaderAddress:
    local, _, domain = _one_line(address).rpartition("@")
    return HeaderAddress(display_name=_one_line(name)[:120], username=local, domain=domain.encode("idna").decode())


def _thread(message: EmailMessage, letter: Letter) -> None:
    answered = _one_line(letter.in_reply_to)
    if not re.fullmatch(r"<[^<>\s]+>", answered):
        return
    before = [item for item in map(_one_line, letter.references) if re.fullmatch(r"<[^<>\s]+>", item)]
    chain = list(dict.fromkeys([*before, answered]))
    kept = chain if len(chain) <= MOST_REFERENCES else [chain[0], *chain[-(MOST_REFERENCES - 1) :]]
    message["In-Reply-To"] = answered
    message["References"] = " ".join(kept)


def _marks(message: EmailMessage, letter: Letter) -> None:
    message[OWN_MARK] = _one_line(letter.mark)[:80] or "1"
    if letter.automatic:
        message["Auto-Submitted"] = letter.automatic
        message["X-Auto-Response-Suppress"] = "All"
    if letter.language:
        message["Content-Language"] = _one_line(letter.language)[:10]


def _content(message: EmailMessage, letter: Letter) -> None:
    message.set_content(_plain(letter.text), charset="utf-8", cte="quoted-printable")
    if letter.html:
        message.add_alternative(letter.html, subtype="html", charset="utf-8", cte="quoted-printable")
    for file in letter.files:
        main, _, sub = file.content_type.partition("/")
        if not sub or main in ("message", "multipart"):  # these would be parsed and rewritten; they go as bytes
            main, sub = "application", "octet-stream"
        name = _one_line(file.name)[:180] or "file"
        message.add_attachment(file.content, maintype=_one_line(main), subtype=_one_line(sub), filename=name)


def _plain(text: str) -> str:
    lines = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() if line != "-- " else line for line in lines).strip("\n") + "\n"
