"""Keeping files that came in or go out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.channels import stored
from ganzohr.channels.connectors.base import IncomingFile
from ganzohr.core.jobs import ring
from ganzohr.core.times import now
from ganzohr.inbox import files
from ganzohr.inbox.models import Attachment, Conversation, Message


class BadFile(Exception):
    """The file cannot be kept; `code` says why (too_big, refused, empty, not_stored)."""

    def __init__(self, code: str, name: str) -> None:
        super().__init__(code)
        self.code, self.name = code, name


class File(Protocol):
    """A file with its bytes at hand, or with where the platform keeps them."""

    @property
    def name(self) -> str: ...

    @property
    def content_type(self) -> str: ...

    @property
    def content(self) -> bytes: ...

    @property
    def reference(self) -> str: ...


def keep_received(pairs: Iterable[tuple[Message, Iterable[File]]]) -> int:
    """Name the files of received messages; those known by reference are fetched apart. A file that must not be kept
    leaves its name with size 0, so that the thread can say so."""
    rows = [_row(message, file) for message, held in pairs for file in held]
    Attachment.objects.bulk_create(rows)
    if any(row.fetch_at for row in rows):
        ring("media")
    return len(rows)


def _row(message: Message, file: File) -> Attachment:
    if file.reference and not file.content:
        return Attachment(
            message=message, conversation_id=message.conversation_id, name=file.name[:200], size=0,
            content_type=file.content_type[:120], reference=file.reference, fetch_at=now(), created_at=now(),
        )  # fmt: skip
    checked = files.check(file.name, file.content)
    row = Attachment(
        message=message,
        conversation_id=message.conversation_id,
        name=checked.name,
        content_type=checked.problem or checked.content_type,
        size=0,
        created_at=now(),
    )
    if file.content and not checked.problem:
        row.file, row.size = stored.named(file)
    return row


def attach(conversation: Conversation, name: str, content: bytes, actor: audit.Actor) -> Attachment:
    """Put a file beside the draft; it leaves with the next answer. Raises `BadFile`."""
    checked = files.check(name, content)
    if checked.problem or not content:
        raise BadFile(checked.problem or "empty", checked.name)
    try:
        return _attach(conversation, IncomingFile(checked.name, checked.content_type, content), actor)
    except stored.NotStored as error:
        raise BadFile("not_stored", checked.name) from error


def _attach(conversation: Conversation, file: IncomingFile, actor: audit.Actor) -> Attachment:
    with stored.in_one_transaction([file]):
        row = Attachment(conversation=conversation, name=file.name, content_type=file.content_type, created_at=now())
        row.file, row.size = stored.named(file)
        row.save()
        audit.record(actor, "attached", conversation, attachment=row.pk)
    return row


@transaction.atomic
def detach(attachment: Attachment, actor: audit.Actor) -> None:
    """Take a file away that has not left yet."""
    if attachment.message_id is None:
        audit.record(actor, "detached", attachment.conversation, attachment=attachment.pk)
        forget_files([attachment])
        attachment.delete()


def forget_files(attachments: Iterable[Attachment]) -> int:
    """Delete the bytes once the transaction has committed."""
    held = [(row.file.storage, row.file.name) for row in attachments if row.file and row.file.name]

    def delete() -> None:
        for storage, name in held:
            storage.delete(name)

    transaction.on_commit(delete, robust=True)
    return len(held)
