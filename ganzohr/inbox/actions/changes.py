"""Messages that were edited or deleted where they were written: shown truthfully."""

from __future__ import annotations

from collections.abc import Sequence

from ganzohr.audit import actions as audit
from ganzohr.channels.arrivals import Arrived
from ganzohr.core.events import emit
from ganzohr.inbox.actions.attachments import forget_files
from ganzohr.inbox.actions.states import restart_clock
from ganzohr.inbox.actions.told import told_at
from ganzohr.inbox.events import MessagesDeleted
from ganzohr.inbox.models import GIVEN, Attachment, Conversation, Message
from ganzohr.topics.actions import forget_examples
from ganzohr.ui.live import touch


def apply_changes(arrived: Sequence[Arrived]) -> list[Arrived]:
    """Edit, hide or delete the messages that are spoken of. Those whose message is not here (yet) come back."""
    if not arrived:
        return []
    spoken_of = Message.objects.filter(
        channel_id__in={one.channel_id for one in arrived}, external_id__in={_subject(one) for one in arrived}
    )
    places = Conversation.objects.select_for_update(of=("self",), no_key=True).filter(
        pk__in=spoken_of.values("conversation")
    )
    list(places.order_by("id"))  # the place before its messages, as everywhere
    rows = spoken_of.select_for_update(of=("self",), no_key=True).select_related("conversation__channel").order_by("id")
    held = {(row.channel_id, row.external_id): row for row in rows}
    changed = [
        row
        for one in sorted(arrived, key=told_at)
        if (row := held.get((one.channel_id, _subject(one)))) and _change(row, one)
    ]
    if changed:
        touch("inbox", *(f"conversation:{row.conversation_id}" for row in changed))
    return [one for one in arrived if (one.channel_id, _subject(one)) not in held]


def _subject(one: Arrived) -> str:
    """The message a change speaks of: `reply_to` where the change has an id of its own."""
    return (one.incoming.reply_to or one.incoming.external_id)[:300]


def _change(row: Message, one: Arrived) -> bool:
    at = told_at(one)
    actor = audit.by_candidate(row.conversation.contact_id)
    if row.deleted_at:
        return False
    if one.incoming.what == "delete":
        delete(row, actor)
        Message.objects.filter(pk=row.pk).update(deleted_at=at)
        if row.direction == Message.Direction.IN and row.conversation.unanswered_since:
            restart_clock(row.conversation)  # what was taken back waits for no answer
        return True
    if one.incoming.what == "hide":
        return _hide(row, one)
    if row.edited_at and row.edited_at >= at:
        return False
    forget_examples(message_ids=[row.pk])  # learnt from words that are no longer theirs
    row.text, row.edited_at, row.understood_at = one.incoming.text.replace("\0", ""), at, None
    row.save(update_fields=["text", "edited_at", "understood_at"])
    _words_of_the_row(row)
    audit.record(actor, "edited a message", row.conversation, message=row.pk)
    return True


def _hide(row: Message, one: Arrived) -> bool:
    """Somebody of us hid it on the platform, or showed it again; the newer of the two stands."""
    at = told_at(one)
    if row.hidden_told_at and row.hidden_told_at > at:
        return False
    hidden_at, was_hidden = at if one.incoming.headers.get("hidden") else None, row.hidden_at is not None
    row.hidden_told_at = at
    if was_hidden == bool(hidden_at):
        Message.objects.filter(pk=row.pk).update(hidden_told_at=at)
        return False
    row.hidden_at = hidden_at
    Message.objects.filter(pk=row.pk).update(hidden_at=hidden_at, hidden_told_at=at)
    verb = "hid a message" if hidden_at else "showed a message again"
    audit.record(
        audit.by_connector(row.conversation.channel.kind, row.channel_id), verb, row.conversation, message=row.pk
    )
    return True


def delete(row: Message, actor: audit.Actor) -> None:
    """The words and files go for good, also from what was learnt and asked; that there was a message stays."""
    emit(MessagesDeleted((row.pk,)))
    forget_examples(message_ids=[row.pk])
    forget_files(Attachment.objects.select_for_update(of=("self",), no_key=True).filter(message=row))
    Attachment.objects.filter(message=row).delete()
    row.text, row.original, row.more = "", "", {}
    row.save(update_fields=["text", "original", "more"])
    _words_that_stand(row.conversation)
    audit.record(actor, "deleted a message", row.conversation, message=row.pk)


def _words_of_the_row(row: Message) -> None:
    if row.conversation.last_message_id == row.pk:
        Conversation.objects.filter(pk=row.conversation_id).update(first_words=" ".join(row.text.split())[:160])


def _words_that_stand(place: Conversation) -> None:
    """What they said before is still asked; else what we said."""
    standing = place.messages.filter(deleted_at=None).exclude(text="").exclude(GIVEN)
    newest = standing.order_by("direction", "-provider_at", "-id").first()
    words = " ".join(newest.text.split())[:160] if newest else ""
    Conversation.objects.filter(pk=place.pk).update(first_words=words)
