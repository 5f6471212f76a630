"""Raw RFC 5322 bytes to a Mail. Never raises, whatever the bytes; time and memory are bounded by their size."""

from __future__ import annotations

import hashlib
import re
from email import policy
from email.message import Message
from email.parser import BytesParser

from ganzohr.channels.connectors.mail import headers, machines
from ganzohr.channels.connectors.mail.bodies import MOST_TEXT, Bodies, bodies
from ganzohr.channels.connectors.mail.reports import report_of
from ganzohr.channels.connectors.mail.values import Address, Mail
from ganzohr.channels.connectors.mail.words import clean, decode, decode_words

MOST_BYTES = 60_000_000
MOST_HTML_KEPT = 1_000_000
_DELIVERY_HEADERS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


def parse(raw: bytes) -> Mail:
    """The mail in these bytes. What is broken is read as far as it goes; `problems` says what was not understood."""
    raw = raw[:MOST_BYTES]
    problems: list[str] = []
    message = _message(raw, problems)
    try:
        found = bodies(message)
    except Exception:  # a mail must never stop the others: it is shown as plain bytes
        problems.append("body")
        found = Bodies(text=[decode(raw[:500_000].partition(b"\n\n")[2])])
    return _mail(raw, message, found, problems)


def _message(raw: bytes, problems: list[str]) -> Message:
    try:
        return BytesParser(policy=policy.compat32).parsebytes(raw)
    except Exception:  # RecursionError on thousands of nested parts, and defects nobody has met yet
        problems.append("structure")
    try:
        return BytesParser(policy=policy.compat32).parsebytes(raw[:200_000], headersonly=True)
    except Exception:  # see above
        problems.append("headers")
        return Message()


def _mail(raw: bytes, message: Message, found: Bodies, problems: list[str]) -> Mail:
    subject = decode_words((headers.values(message, "subject") or [""])[0])[:900]
    sender = _sender(message)
    text = _text(found, message)
    own_id = headers.own_id(message)
    report = report_of(message, sender.address, sender.name, subject, text)
    auto_reply = machines.is_auto_reply(message, subject) and (report is None or not report.recipients)
    reply_to = headers.addresses(headers.values(message, "reply-to"))
    return Mail(
        external_id=own_id or f"<made-up.{hashlib.sha256(raw).hexdigest()}@ganzohr.invalid>",
        made_up_id=not own_id,
        sender=sender,
        to=headers.addresses(headers.values(message, "to")),
        cc=headers.addresses(headers.values(message, "cc")),
        delivered_to=_delivered_to(message),
        reply_to=reply_to[0] if reply_to else None,
        date=headers.date(message),
        subject=subject,
        in_reply_to=(headers.message_ids(headers.value(message, "in-reply-to")) or ("",))[0],
        references=headers.message_ids(" ".join(headers.values(message, "references")[:5])),
        text=text,
        html=clean("\n".join(found.html))[:MOST_HTML_KEPT],
        files=tuple(found.files),
        is_auto_reply=auto_reply,
        is_automatic=machines.is_automatic(message, sender.address),
        is_mailing_list=machines.is_mailing_list(message),
        own_mark=machines.own_mark(message),
        report=None if auto_reply else report,
        problems=tuple(problems),
    )


def _sender(message: Message) -> Address:
    for name in ("from", "sender"):
        found = headers.addresses(headers.values(message, name))
        if found:
            return found[0]
    return Address("")


def _delivered_to(message: Message) -> tuple[str, ...]:
    found = [box.address for name in _DELIVERY_HEADERS for box in headers.addresses(headers.values(message, name)[:5])]
    return tuple(dict.fromkeys(found))


def _text(found: Bodies, message: Message) -> str:
    pieces = [piece.strip("\n") for piece in found.text if piece.strip()]
    spare = [piece.strip("\n") for piece in found.spare if piece.strip()]
    if message.get_content_type() == "multipart/report":
        spare = spare[:1]
    return re.sub(r"\n{4,}", "\n\n\n", "\n\n".join(pieces or spare))[:MOST_TEXT]
