"""Who else has it open or types, and up to where it was read."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F

from ganzohr.accounts.models import User
from ganzohr.channels import actions as channels
from ganzohr.channels.accounts import connector_of
from ganzohr.channels.models import Channel
from ganzohr.core.times import now
from ganzohr.inbox.models import GIVEN, Conversation, Message, Presence
from ganzohr.ui.live import touch

GONE = timedelta(seconds=60)
STOPPED = timedelta(seconds=12)
FRESH = timedelta(days=14)


def mark_read(conversation: Conversation) -> bool:
    """Somebody here has read everything up to now; whether that was news."""
    changed = Conversation.objects.filter(
        pk=conversation.pk, read_until_id__lt=conversation.last_message_id
    ).update(read_until_id=conversation.last_message_id)  # fmt: skip
    if changed:
        conversation.read_until_id = conversation.last_message_id
        _show_that_we_read(conversation)
        touch("inbox")
    return bool(changed)


def _show_that_we_read(conversation: Conversation) -> None:
    """Where the platform shows it to the person: once for their newest message, which says it for all before it."""
    channel = conversation.channel
    if channel.state != Channel.State.ACTIVE or not connector_of(channel).abilities.marks_read:
        return
    theirs = Message.objects.filter(conversation=conversation, direction=Message.Direction.IN, deleted_at=None)
    quotable = theirs.filter(provider_at__gte=now() - FRESH, target__has_key="message_id")
    newest = quotable.exclude(GIVEN).order_by("-provider_at", "-id").values_list("pk", "target").first()
    if newest:
        pk, target = newest
        channels.enqueue(channel=channel, kind="read", target=target, payload={}, key=f"read:{pk}", lane=f"read:{pk}")


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
