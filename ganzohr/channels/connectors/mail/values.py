"""What a mail is once it has been read: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Address:
    """A mailbox. `address` is lower case where it is one; empty for the null sender."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class MailFile:
    """An attachment, or a picture inside the text (`content_id` without angle brackets)."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True)
class FailedRecipient:
    """Somebody a mail did not reach. `action` is failed or delayed; `status` such as 5.1.1; `reason` the server's
    words.
    """

    address: str
    action: str = "failed"
    status: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Report:
    """A report about a mail: kind is bounce, delay, receipt (read or delivered) or other."""

    kind: str
    recipients: tuple[FailedRecipient, ...] = ()
    original_message_id: str = ""
    original_reply_to: str = ""


@dataclass(frozen=True)
class Mail:
    """One mail. Every text is free of NUL and lone surrogates; `date` is aware UTC or None; nothing is guessed
    silently.
    """

    external_id: str
    made_up_id: bool
    sender: Address
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()
    reply_to: Address | None = None
    date: datetime | None = None
    subject: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    text: str = ""
    html: str = ""
    files: tuple[MailFile, ...] = ()
    is_auto_reply: bool = False
    is_automatic: bool = False
    is_mailing_list: bool = False
    own_mark: str = ""
    report: Report | None = None
    problems: tuple[str, ...] = field(default=())

    @property
    def is_bounce(self) -> bool:
        """A report that a mail did not arrive, or not yet."""
        return self.report is not None and self.report.kind in ("bounce", "delay")

    @property
    def is_machine(self) -> bool:
        """Written by a program: never a question, never answered by one of ours."""
        return self.is_auto_reply or self.is_automatic or self.is_mailing_list or self.report is not None
