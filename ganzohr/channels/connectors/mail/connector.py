"""The mail connector: one mailbox, read by IMAP, written from by SMTP."""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped,unused-ignore]

from ganzohr.channels.connectors.base import (
    FIND_SECONDS,
    SEND_SECONDS,
    Abilities,
    Account,
    Incoming,
    IncomingFile,
    Outcome,
    Rate,
    Read,
    Sending,
    Trouble,
)
from ganzohr.channels.connectors.mail import imap, reading, sending, settings, signin, threads
from ganzohr.channels.connectors.mail.compose import Letter, compose
from ganzohr.channels.connectors.mail.parse import parse
from ganzohr.channels.connectors.mail.settings import MailAccount
from ganzohr.channels.connectors.mail.trim import trim
from ganzohr.channels.connectors.mail.values import Address, Mail
from ganzohr.core import deadline

DESK_MARK = "desk"  # of mails any desk writes to colleagues and users; never a question
MOST_WORDS = 200_000  # of a message; the original holds them all


class MailConnector:
    """Mail by IMAP and SMTP; knows nothing of the desk."""

    kind = "mail"
    abilities = Abilities(private=True, files=True, max_length=100_000, reads_itself=True, rates=(Rate(30, 60),))

    def delivery_key(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The Message-ID with the content: the same mail read again (new UIDs, another server, two aliases) is the
        same delivery; another mail with a stolen Message-ID is not.
        """
        head, _, content = body.replace(b"\r\n", b"\n").partition(b"\n\n")
        match = re.search(rb"(?im)^message-id:\s*(<[^<>\n]*>)", head)
        return hashlib.sha256((match.group(1) if match else head) + b"\n\n" + content.strip()).digest()

    def verify(self, account: Account, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Mail is fetched, never pushed: nothing may be posted to a mail channel."""
        return False

    def parse(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        """The one mail in the delivery."""
        mailbox = settings.read(account)
        mail = parse(body)
        writer = _writer(mail, mailbox)
        trimmed = trim(mail.text)
        return [
            Incoming(
                what="message",
                external_id=threads.short_id(mail.external_id),
                sender_id=writer.address,
                sender_name=writer.name,
                provider_at=_when(mail),
                text=trimmed.text[:MOST_WORDS] or threads.without_token(mail.subject),
                thread_key=threads.thread_key(mail),
                reply_to=threads.short_id(mail.in_reply_to),
                subject=threads.without_token(mail.subject),
                original=mail.text,
                html=mail.html,
                files=tuple(
                    IncomingFile(f.name, f.content_type, f.content, content_id=f.content_id) for f in mail.files
                ),
                target=_target(mail, writer),
                headers={**_headers(mail, mailbox), "body": trimmed.body[:MOST_WORDS], "was_cut": trimmed.was_cut},
                is_automatic=mail.is_machine or mail.own_mark == DESK_MARK,
                is_bounce=mail.is_bounce,
                is_own=_is_own(mail, mailbox),
            )
        ]

    def send(self, account: Account, sending_: Sending) -> Outcome:
        """Sends one mail; `unclear` only when the line broke after everything had been handed over."""
        mailbox = settings.read(account)
        recipient = str(sending_.target.get("to") or "").strip()
        if not re.fullmatch(r"[^\s<>@]+@[^\s<>@]+", recipient):
            return Outcome("refused", code="target_invalid")
        try:
            message = compose(_letter(mailbox, sending_, recipient))
        except (ValueError, UnicodeError, TypeError) as error:  # email.errors.HeaderParseError is a ValueError
            return Outcome("refused", code="not_possible", detail=type(error).__name__)
        with deadline.within(SEND_SECONDS):
            outcome = sending.send(mailbox, message, [recipient], sending_.attempt)
            if outcome.state == "accepted" and mailbox.sent_folder and mailbox.imap.host:
                _keep_copy(mailbox, message.as_bytes())
        return outcome

    def find(self, account: Account, sending_: Sending) -> Outcome | None:
        """Looks for the Message-ID in the folder of sent mails. Found there it was sent; not found says nothing,
        because many servers keep no copy, so a person decides.
        """
        mailbox = settings.read(account)
        if not mailbox.imap.host:
            return None
        own_id = compose(_letter(mailbox, sending_, str(sending_.target.get("to") or "x@invalid")))["Message-ID"]
        try:
            with deadline.within(FIND_SECONDS), imap.connected(mailbox) as client:
                folder = mailbox.sent_folder or _sent_folder(client)
                if folder:
                    imap.select(client, folder)
                    if client.search(["HEADER", "Message-ID", str(own_id)]):
                        return Outcome("accepted", str(own_id), "found_in_sent")
        except (Trouble, OSError, IMAPClient.Error):
            return None
        return None

    def check(self, account: Account) -> str:
        """'' when reading and writing work now, else the first code."""
        return next((code for _step, code in self.check_steps(account) if code), "")

    def check_steps(self, account: Account) -> Iterator[tuple[str, str]]:
        """Each step as it is done: its name and '' or a code. A step that fails ends its server's steps."""
        mailbox = settings.read(account)
        if mailbox.imap.host or not mailbox.smtp.host:
            yield from _imap_steps(mailbox)
        yield from _smtp_steps(mailbox)

    def renew(self, account: Account) -> Mapping[str, str]:
        """New secrets to keep when a token is about to run out; empty when nothing changed. Raises `Trouble`."""
        return signin.renewed(settings.read(account))

    def read(self, account: Account, cursor: Mapping[str, Any], stop: threading.Event) -> Iterator[Read]:
        """See reading.py."""
        return reading.read(settings.read(account), cursor, stop)


def _imap_steps(mailbox: MailAccount) -> Iterator[tuple[str, str]]:
    client: IMAPClient | None = None
    step = "imap_connect"
    try:
        client = imap.reach(mailbox)
        yield step, ""
        step = "imap_login"
        imap.sign_in(client, mailbox)
        yield step, ""
        step = "imap_folder"
        imap.select(client, mailbox.folder)
        yield step, ""
    except Trouble as problem:
        yield step, problem.code
    finally:
        if client is not None:
            imap.close(client)


def _smtp_steps(mailbox: MailAccount) -> Iterator[tuple[str, str]]:
    step, smtp = "smtp_connect", None
    try:
        smtp = sending.reach(mailbox)
        yield step, ""
        step = "smtp_login"
        sending.sign_in(smtp, mailbox)
        yield step, ""
    except Trouble as problem:
        yield step, problem.code
    finally:
        if smtp is not None:
            smtp.close()


def _when(mail: Mail) -> datetime:
    """When it was written; a date in the future would stand above everything for ever, so it counts as now."""
    now = datetime.now(UTC)
    return mail.date if mail.date and mail.date <= now + timedelta(days=1) else now


def _writer(mail: Mail, mailbox: MailAccount) -> Address:
    """Who wrote: the sender; of a form on our own website, which writes in our name, whom the answer goes to."""
    other = mail.reply_to
    if mail.sender.address == mailbox.address and other and "@" in other.address and other.address != mailbox.address:
        return other
    return mail.sender


def _is_own(mail: Mail, mailbox: MailAccount) -> bool:
    """A mail this desk sent that came back to it: forwarding loops, copies to ourselves."""
    if mail.own_mark == mailbox.mark:
        return True
    return bool(mailbox.address) and _writer(mail, mailbox).address == mailbox.address


def _target(mail: Mail, writer: Address) -> dict[str, Any]:
    answer_to = mail.reply_to if mail.reply_to and "@" in mail.reply_to.address else writer
    answered = mail.external_id if not mail.made_up_id else ""
    return {
        "to": answer_to.address,
        "name": answer_to.name,
        "subject": threads.without_token(mail.subject),
        "in_reply_to": answered,
        "references": list(mail.references[:1] + mail.references[-18:]) if mail.references else [],
    }


def _headers(mail: Mail, mailbox: MailAccount) -> dict[str, Any]:
    found = threads.tokens(mail, mailbox.address, mailbox.plus)
    report = mail.report
    return {
        "message_id": mail.external_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references[-50:]),
        "ancestors": [threads.short_id(item) for item in threads.ancestors(mail)[:50]],
        "from": mail.sender.address,
        "to": [box.address for box in (*mail.to, *mail.cc)][:50],
        "tokens": list(found),
        "token": found[0] if found else "",
        "auto_reply": mail.is_auto_reply,
        "automatic": mail.is_automatic,
        "mailing_list": mail.is_mailing_list,
        "report": report.kind if report else "",
        "bounce_of": report.original_message_id if report and mail.is_bounce else "",
        "failed": [recipient.address for recipient in report.recipients if recipient.address]
        if report and mail.is_bounce
        else [],
        "failed_why": " ".join(f"{r.status} {r.reason}".strip() for r in report.recipients)[:300] if report else "",
        "files": len(mail.files),
        "problems": list(mail.problems),
    }


def _letter(mailbox: MailAccount, sending_: Sending, recipient: str) -> Letter:
    payload, target = sending_.payload, sending_.target
    extra = {str(name).lower(): str(value) for name, value in dict(payload.get("headers") or {}).items()}
    token = str(payload.get("token") or "")
    subject = str(payload.get("subject") or _answered(str(target.get("subject") or "")))
    letter = Letter(
        key=sending_.key,
        sender=mailbox.address,
        sender_name=str(payload.get("from_name") or mailbox.name),
        to=[recipient],
        subject=subject,
        text=str(payload.get("text") or ""),
        html=str(payload.get("html") or ""),
        date=datetime.now(UTC),
        reply_to=str(payload.get("reply_to") or ""),
        in_reply_to=str(target.get("in_reply_to") or extra.get("in-reply-to") or ""),
        references=[str(item) for item in target.get("references") or ()],
        automatic=extra.get("auto-submitted", ""),
        mark=mailbox.mark,
        language=str(payload.get("language") or ""),
        files=sending_.files,
    )
    if not token:
        return letter
    if mailbox.plus:
        return replace(letter, reply_to=threads.plus_address(mailbox.address, token, mailbox.plus))
    return replace(letter, subject=threads.subject_with(subject, token))


def _answered(subject: str) -> str:
    bare = re.sub(r"^(?:(?:re|aw|antw|sv|wg|fw|fwd|doorst)\s*:\s*)+", "", subject.strip(), flags=re.IGNORECASE)
    return f"Re: {bare}".strip()


def _sent_folder(client: IMAPClient) -> str:
    found = client.find_special_folder(b"\\Sent")
    return str(found) if found else ""


def _keep_copy(mailbox: MailAccount, raw: bytes) -> None:
    """A copy in the folder of sent mails; the mail is gone anyway, so a failure here changes nothing."""
    with contextlib.suppress(Trouble, OSError, IMAPClient.Error), imap.connected(mailbox) as client:
        client.append(mailbox.sent_folder, raw, flags=[b"\\Seen"])
