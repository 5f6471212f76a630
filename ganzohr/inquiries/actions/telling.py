"""Mails that only tell; whoever cannot be reached any more is left out."""

from __future__ import annotations

from ganzohr.directory.models import Colleague
from ganzohr.inquiries.words import Told
from ganzohr.notifications import actions as notifications
from ganzohr.notifications.models import Ask


def tell(colleague: Colleague, told: Told, *, key: str, ask: Ask | None = None) -> None:
    """One mail per key."""
    notifications.tell(
        colleague=colleague,
        subject=told.subject,
        text=told.text,
        key=key,
        ask=ask,
        button=told.button if ask and not ask.revoked_at else "",
    )
