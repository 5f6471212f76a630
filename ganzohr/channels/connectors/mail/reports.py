"""Reports about our own mail: not delivered, delayed, read (RFC 3464, RFC 8098, and the older forms in plain words)."""

from __future__ import annotations

import re
from email.message import Message

from ganzohr.channels.connectors.mail.headers import addresses, message_ids, value, values
from ganzohr.channels.connectors.mail.values import FailedRecipient, Report
from ganzohr.channels.connectors.mail.words import decode_words

MOST_RECIPIENTS = 50
MOST_HEAD = 100_000
_DAEMON = re.compile(
    r"^(?:mailer[-_. ]?daemon|postmaster|mail[-_. ]?daemon|mdaemon|postoffice|bounces?)$|^mailer-daemon\b"
)
_DAEMON_NAME = re.compile(
    r"mailer[- ]daemon|mail delivery (?:sub)?system|internet mail delivery|mail administrator", re.IGNORECASE
)
_NOT_DELIVERED = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|incomplete|report)|mail delivery|failure notice"
    r"|returned (?:mail|to sender)|could not (?:be )?"
    r"(?:deliver|send)|not be delivered|unzustellbar|nicht zustellbar|zustellung (?:fehlgeschlagen|nicht)"
    r"|onbestelbaar|niet (?:be|ge)?zorgd|"
    r"kon niet worden|non remis|mancato recapito|no se puede entregar|rejected mail|mail system error"
    r"|nondeliverable|warning: could not send",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"delay|warning: could not send|still being retried|not need to resend|verz(?:ö|oe)ger|vertraagd|will be retried",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(r"^[ \t]*<([^<>\s@]{1,128}@[^<>\s@]{1,255})>[ \t]*(?:\(|:|\.\.\.|\r?$)", re.MULTILINE)


def report_of(message: Message, sender: str, sender_name: str, subject: str, text: str) -> Report | None:
    """The report, or None for ordinary mail."""
    formal = message.get_content_type() == "multipart/report"
    kind = str(message.get_param("report-type") or "").lower() if formal else ""
    machine = bool(_DAEMON.match(sender.partition("@")[0]) or _DAEMON_NAME.search(sender_name))
    null_sender = value(message, "return-path") == "<>" or (not sender and bool(sender_name))
    failed_header = values(message, "x-failed-recipients")
    informal = bool(failed_header) or (
        (machine or null_sender) and bool(_NOT_DELIVERED.search(f"{subject}\n{text[:3000]}"))
    )
    if not formal and not informal and not (machine and not sender):
        return None
    if "disposition" in kind:
        return Report("receipt", (), *_original(message, text))
    recipients = _formal_recipients(message) or _recipients_in_words(failed_header, text)
    return Report(_kind(recipients, formal, kind, subject, text), recipients, *_original(message, text))


def _kind(recipients: tuple[FailedRecipient, ...], formal: bool, report_type: str, subject: str, text: str) -> str:
    actions = {recipient.action for recipient in recipients}
    if formal and report_type not in ("", "delivery-status"):
        return "other"
    if formal and actions and actions <= {"delivered", "relayed", "expanded"}:
        return "receipt"
    if actions == {"delayed"} or (not formal and _DELAYED.search(f"{subject}\n{text[:1500]}")):
        return "delay"
    return "bounce"


def _formal_recipients(message: Message) -> tuple[FailedRecipient, ...]:
    found = []
    for part in _parts(message):
        if part.get_content_type() == "message/delivery-status" and isinstance(part.get_payload(), list):
            for block in part.get_payload():
                if isinstance(block, Message) and value(block, "final-recipient"):
                    found.append(_recipient(block))
    return tuple(found[:MOST_RECIPIENTS])


def _recipient(block: Message) -> FailedRecipient:
    where = value(block, "original-recipient") or value(block, "final-recipient")
    boxes = addresses([where.rpartition(";")[2]])
    status = re.search(r"\d\.\d{1,3}\.\d{1,3}", value(block, "status"))
    reason = decode_words(value(block, "diagnostic-code").partition(";")[2] or value(block, "diagnostic-code"))
    action = value(block, "action").lower().split(" ")[0] or "failed"
    return FailedRecipient(boxes[0].address if boxes else "", action, status.group(0) if status else "", reason[:300])


def _recipients_in_words(failed_header: list[str], text: str) -> tuple[FailedRecipient, ...]:
    boxes = [box.address for box in addresses(failed_header)] or _IN_WORDS.findall(text[:5000])
    return tuple(FailedRecipient(address.lower()) for address in dict.fromkeys(boxes))[:MOST_RECIPIENTS]


def _original(message: Message, text: str) -> tuple[str, str]:
    """Message-ID and Reply-To of the mail the report is about."""
    for part in _parts(message):
        head = _head_of(part)
        found = _line(head, "(?:original-)?message-id")
        if found:
            return (message_ids(found) or ("",))[0], _reply_to(head)
    return (message_ids(_line(text[:MOST_HEAD], "(?:original-)?message-id")) or ("",))[0], _reply_to(text[:MOST_HEAD])


def _head_of(part: Message) -> str:
    payload = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(payload, list) and payload:
        return (
            "\n".join(f"{name}: {text}" for name, text in payload[0].raw_items())
            if isinstance(payload[0], Message)
            else ""
        )
    if part.get_content_type() in ("text/rfc822-headers", "message/disposition-notification", "message/rfc822-headers"):
        return (payload if isinstance(payload, str) else "\n".join(map(str, list(payload)[:5])))[:MOST_HEAD]
    return ""


def _line(text: str, name: str) -> str:
    match = re.search(rf"(?im)^[ \t]*{name}:[ \t]*(?:\r?\n[ \t]+)?([^\r\n]*)", text)
    return match.group(1) if match else ""


def _reply_to(text: str) -> str:
    boxes = addresses([_line(text, "reply-to")])
    return boxes[0].address if boxes and "@" in boxes[0].address else ""


def _parts(message: Message) -> list[Message]:
    payload = message.get_payload()
    return (
        [part for part in payload[:20] if isinstance(part, Message)]
        if message.is_multipart() and isinstance(payload, list)
        else []
    )
