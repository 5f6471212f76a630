"""What people give to a message without words: it stands under that message and asks for nothing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from ganzohr.channels.arrivals import Arrived
from ganzohr.core.times import now
from ganzohr.inbox.models import GIVEN, Kind, Message
from ganzohr.ui.live import touch

Key = tuple[int, str]


def react(arrived: Sequence[Arrived]) -> None:
    """Put each reaction under the message it is for, or take it away again. One to a post, or to what we do not hold,
    is nobody's talk and leaves no trace. The newest of a person for a message stands."""
    if not arrived:
        return
    rows = Message.objects.filter(
        channel_id__in={one.channel_id for one in arrived}, external_id__in={_subject(one)[1] for one in arrived}
    ).exclude(GIVEN)
    subjects = {(row.channel_id, str(row.external_id)): row for row in rows.select_related("conversation")}
    changed = {
        row.conversation_id
        for one in sorted(arrived, key=lambda one: one.incoming.provider_at)
        if (row := subjects.get(_subject(one))) and _react(row, one)
    }
    if changed:
        touch("inbox", *(f"conversation:{pk}" for pk in changed))


def _subject(one: Arrived) -> Key:
    return one.channel_id, one.incoming.reply_to[:300]


def _react(subject: Message, one: Arrived) -> bool:
    said = one.incoming
    by = Q(direction=Message.Direction.OUT) if said.is_own else Q(target__by=said.sender_id)  # all of us are one
    theirs = Message.objects.filter(by, GIVEN, channel_id=one.channel_id, reply_to=subject.external_id)
    if theirs.filter(provider_at__gte=said.provider_at).exists():
        return False
    theirs.delete()
    if said.headers.get("removed"):
        return True
    Message.objects.bulk_create([_row(subject, one)], ignore_conflicts=True)
    return True


def _row(subject: Message, one: Arrived) -> Message:
    said = one.incoming
    return Message(
        conversation=subject.conversation, channel_id=one.channel_id, visibility=subject.visibility,
        direction=Message.Direction.OUT if said.is_own else Message.Direction.IN,
        external_id=said.external_id[:300], reply_to=str(subject.external_id), text=said.text.replace("\0", "")[:60],
        kind=Kind.REACTION, understood_at=now(), target={"by": said.sender_id}, delivery_id=one.delivery_id,
        provider_at=said.provider_at, received_at=one.received_at,
    )  # fmt: skip
