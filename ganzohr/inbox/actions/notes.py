"""Words among ourselves; they never leave the house."""

from __future__ import annotations

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague
from ganzohr.inbox.actions.drafts import note_drafts
from ganzohr.inbox.models import Conversation, Draft, Note
from ganzohr.ui.live import touch


@transaction.atomic
def write_note(conversation: Conversation, text: str, author: Colleague | None, actor: Actor) -> Note | None:
    """Keep a note beside the conversation; None for empty words. The note's box is empty afterwards."""
    if not text.strip():
        return None
    note = keep_note(conversation, text.strip(), author, actor)
    Draft.objects.filter(conversation=conversation, mode=Draft.Mode.NOTE).delete()
    note_drafts(conversation)
    return note


def keep_note(conversation: Conversation, text: str, author: Colleague | None, actor: Actor) -> Note:
    """Keep words as a note, whatever lies in the note's box."""
    note = Note.objects.create(conversation=conversation, author=author, text=text, created_at=now())
    audit.record(actor, "wrote a note", conversation, note=note.pk)
    touch(f"conversation:{conversation.pk}")
    return note


@transaction.atomic
def remove_note(note: Note, actor: Actor) -> None:
    """Take a note away; `restore_note` brings it back."""
    if Note.objects.filter(pk=note.pk, deleted_at=None).update(deleted_at=now()):
        audit.record(actor, "removed a note", note.conversation, note=note.pk)
        touch(f"conversation:{note.conversation_id}")


@transaction.atomic
def restore_note(note: Note, actor: Actor) -> None:
    """Bring a removed note back."""
    if Note.objects.filter(pk=note.pk, deleted_at__isnull=False).update(deleted_at=None):
        audit.record(actor, "restored a note", note.conversation, note=note.pk)
        touch(f"conversation:{note.conversation_id}")
