"""Who else has it open or types, and up to where it was read."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F

from ganzohr.accounts.models import User
from ganzohr.core.times import now
from ganzohr.inbox.models import Conversation, Presence
from ganzohr.ui.live import touch

GONE = timedelta(seconds=60)
STOPPED = timedelta(seconds=12)


def mark_read(conversation: Conversation) -> bool:
    """Somebody here has read everything up to now; whether that was news."""
    changed = Conversation.objects.filter(
        pk=conversation.pk, read_until_id__lt=conversation.last_message_id
    ).update(read_until_id=conversation.last_message_id)  # fmt: skip
    if changed:
        conversation.read_until_id = conversation.last_message_id
        touch("inbox")
    return bool(changed)


def mark_unread(conversation: Conversation) -> None:
    """Show it as unread again."""
    Conversation.objects.filter(pk=conversation.pk).update(read_until_id=F("last_message_id") - 1)
    touch("inbox")


def note_presence(conversation: Conversation, user: User, is_typing: bool = False) -> None:
    """This user has it open now; the others are told only when somebody came, or started or stopped typing."""
    at = now()
    before = Presence.objects.filter(conversation=conversation, user=user).first()
    typed_at = at if is_typing else (before.typed_at if before else None)
    Presence.objects.update_or_create(
        conversation=conversation, user=user, defaults={"seen_at": at, "typed_at": typed_at}
    )
    came = before is None or before.seen_at < at - GONE
    typed = bool(before and before.typed_at and before.typed_at > at - STOPPED)
    if came or typed != is_typing:
        touch(f"presence:{conversation.pk}")


def note_leaving(conversation: Conversation, user: User) -> None:
    """This user closed it."""
    if Presence.objects.filter(conversation=conversation, user=user).delete()[0]:
        touch(f"presence:{conversation.pk}")


def forget_presences() -> int:
    """Presences of yesterday go (round)."""
    return Presence.objects.filter(seen_at__lt=now() - timedelta(days=1)).delete()[0]
