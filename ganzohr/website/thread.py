"""What a visitor sees of the conversation: what arrived, also before it is sorted, and what was really sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Q, TextField
from django.db.models.expressions import RawSQL

from ganzohr.channels.connectors.base import Damaged
from ganzohr.channels.connectors.website.letter import unpack
from ganzohr.channels.models import Channel, Delivery, Outgoing
from ganzohr.inbox import promises
from ganzohr.inbox.models import Attachment, Conversation, Message
from ganzohr.website.actions import NOT_READ, letter_path
from ganzohr.website.models import Visit

MOST, MOST_WAITING = 300, 20
# A letter without the bytes of its files: nothing that is shown stands in so many bytes between two quotes. Strokes
# before a quote stay, which say whether it ends what it stands in.
WITHOUT_BYTES = r"""(
    SELECT string_agg(CASE WHEN octet_length(part) <= 60000 THEN part
        ELSE repeat('\', octet_length(part) - octet_length(rtrim(part, '\'))) END, '"' ORDER BY n)
    FROM unnest(string_to_array(convert_from(body, 'UTF8'), '"')) WITH ORDINALITY AS parts (part, n)
)"""


@dataclass(frozen=True)
class File:
    """A file of an entry; while the letter is not sorted yet, `id` is None and its size is not known."""

    name: str
    size: int
    id: int | None = None


@dataclass(frozen=True)
class Entry:
    """One thing said. `is_pending`: arrived and kept, not sorted yet."""

    id: str
    who: Literal["you", "us", "auto"]
    at: datetime
    text: str
    files: tuple[File, ...] = ()
    is_pending: bool = False


def entries(visit: Visit) -> list[Entry]:
    """The whole conversation in time order; three queries however long it is."""
    waiting = _waiting(visit)  # read before the messages: a letter sorted in between is then there twice, never missing
    said = _said(visit)
    known = {entry.id for entry in said}
    return sorted([*said, *(entry for entry in waiting if entry.id not in known)], key=lambda entry: entry.at)


def _said(visit: Visit) -> list[Entry]:
    sent = Q(direction=Message.Direction.OUT, visibility="private", outgoing__state=Outgoing.State.ACCEPTED)
    rows = (
        Message.objects.filter(
            sent | Q(direction=Message.Direction.IN),
            conversation__channel=visit.channel_id,
            conversation__handle__external_id=visit.external_id,
            deleted_at=None,
        )
        .select_related("outgoing")
        .prefetch_related("attachments")
        .order_by("-provider_at", "-id")
    )
    return [_entry(message) for message in reversed(rows[:MOST])]  # at the same moment the question stands first


def _entry(message: Message) -> Entry:
    files = tuple(File(file.name, file.size, file.pk) for file in message.attachments.all())
    if message.direction == Message.Direction.IN:
        return Entry(message.external_id or f"m{message.pk}", "you", message.provider_at, message.text, files)
    at = (message.outgoing and message.outgoing.finished_at) or message.provider_at
    return Entry(f"m{message.pk}", "auto" if message.is_automatic else "us", at, _sent_text(message), files)


def _sent_text(message: Message) -> str:
    """The words as they left, signature included."""
    payload = message.outgoing.payload if message.outgoing else {}
    return str(payload.get("text") or message.text)


def _waiting(visit: Visit) -> list[Entry]:
    """The newest letters nobody sorted yet, as words: whoever waits while no worker runs asks every few seconds."""
    path = letter_path(visit.channel, visit.external_id)
    rows = Delivery.objects.filter(path=path, channel=visit.channel_id, state__in=NOT_READ).order_by("-id")
    words = RawSQL(WITHOUT_BYTES, [], output_field=TextField())  # noqa: S611  no values in it
    found = map(_pending, rows.values_list(words, flat=True)[:MOST_WAITING])
    return [entry for entry in found if entry]


def _pending(said: str) -> Entry | None:
    """None for bytes that are no letter: nobody waits for an answer to them, and the rest is shown."""
    try:
        letter = unpack(said.encode())
    except Damaged:
        return None
    files = tuple(File(file.name, 0) for file in letter.files)
    return Entry(f"{letter.visit}:{letter.id}", "you", letter.at, letter.text, files, is_pending=True)


def promise(visit: Visit, said: Sequence[Entry], at: datetime) -> str:
    """By when the oldest unanswered letter is answered; '' when nothing waits. Spoken inside `speak`."""
    if standing := standing_answer(visit.channel, visit.language):
        return standing
    place = _unanswered(visit)
    if place is not None:
        if place.due_at is None:
            return ""  # praise and the like: nobody promised an answer
        return promises.answers_by(visit.channel, place.due_at, at, visit.language)
    first = next((entry.at for entry in said if entry.is_pending), None)
    return promises.before_writing(visit.channel, first, visit.language) if first else ""


def _unanswered(visit: Visit) -> Conversation | None:
    rows = Conversation.objects.filter(
        channel=visit.channel_id, handle__external_id=visit.external_id, unanswered_since__isnull=False
    )
    return rows.only("due_at").order_by("unanswered_since").first()


def standing_answer(channel: Channel, language: str) -> str:
    """What whoever comes reads while the channel is disconnected, else ''."""
    if channel.state != Channel.State.DISCONNECTED:
        return ""
    held: dict[str, str] = channel.standing_answer
    return str(held.get(language) or next(iter(held.values()), ""))


def file_of(visit: Visit, file_id: int) -> Attachment | None:
    """A file of this conversation that the visitor may fetch: their own, or one that really left."""
    sent = Q(message__direction=Message.Direction.IN) | Q(message__outgoing__state=Outgoing.State.ACCEPTED)
    return Attachment.objects.filter(
        sent,
        pk=file_id,
        message__deleted_at=None,
        message__visibility="private",
        conversation__channel=visit.channel_id,
        conversation__handle__external_id=visit.external_id,
    ).first()
