"""Django's own mails (sign-in, invitations) leave as everything else does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from ganzohr.channels.actions import enqueue
from ganzohr.core import crypto


class OutboxBackend(BaseEmailBackend):
    """Puts each mail, once per recipient, into the outbox of the desk's own mail account."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many mails were put on their way."""
        for message in email_messages:
            for address in message.recipients():
                enqueue(
                    channel=None,
                    kind=message.extra_headers.get("X-Ganzohr-Kind", "account"),
                    target={"to": address},
                    payload=_payload(message),
                    key=f"account:{crypto.new_token()}",
                )
        return len(email_messages)


def _payload(message: EmailMessage) -> dict[str, Any]:
    html = [part for part, kind in getattr(message, "alternatives", []) if kind == "text/html"]
    return {
        "subject": " ".join(str(message.subject).split()),
        "text": str(message.body),
        "html": str(html[0]) if html else "",
        "headers": {"Auto-Submitted": "auto-generated"},
        "reply_to": message.reply_to[0] if message.reply_to else "",
    }
