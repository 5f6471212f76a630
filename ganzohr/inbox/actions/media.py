"""Files and posts that a platform keeps for us are fetched apart: claimed in batches, outside any transaction."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import F

from ganzohr.channels.accounts import account_of, connector_of
from ganzohr.channels.connectors.base import IncomingFile, Trouble
from ganzohr.channels.models import Channel, PublicPost
from ganzohr.core.times import now
from ganzohr.inbox import files
from ganzohr.inbox.actions.attachments import stored_name
from ganzohr.inbox.actions.posts import note
from ganzohr.inbox.models import Attachment
from ganzohr.ui.live import touch

log = logging.getLogger(__name__)
BATCH = 10
MOST_ATTEMPTS = 6
GONE = frozenset({"target_gone", "file_missing", "file_damaged", "message_too_big", "not_possible"})
NOT_FETCHED = "not_fetched"
Row = TypeVar("Row", Attachment, PublicPost)


def fetch_waiting() -> int:
    """Fetch one batch of files and posts (doorbell `media`); how many were tried."""
    attachments = _claim(Attachment.objects.select_related("conversation__channel__app"))
    for attachment in attachments:
        _fetch_file(attachment)
    posts = _claim(PublicPost.objects.select_related("channel__app"))
    for post in posts:
        _fetch_post(post)
    return len(attachments) + len(posts)


def _claim(rows: models.QuerySet[Row]) -> list[Row]:
    """Rows due now; until the next try they are nobody else's. After a crash that moment simply comes."""
    due = rows.filter(fetch_at__lte=now(), attempts__lt=MOST_ATTEMPTS).order_by("fetch_at", "id")
    with transaction.atomic():
        found = list(due.select_for_update(skip_locked=True, of=("self",))[:BATCH])
        for row in found:
            next_try = now() + dt.timedelta(minutes=4**row.attempts)
            rows.model._base_manager.filter(pk=row.pk).update(attempts=F("attempts") + 1, fetch_at=next_try)
    return found


def _asked(channel: Channel, ask: Callable[[Any], Any], pk: int) -> Any | Trouble:
    """What the platform answers, or why it does not; a connector that fails is a trouble too."""
    try:
        return ask(account_of(channel))
    except Trouble as trouble:
        return trouble
    except Exception as error:  # one odd answer must not stop the others
        log.exception("%s: what belongs to %s could not be fetched", channel.kind, pk)
        return Trouble("platform_error", type(error).__name__)


def _fetch_file(row: Attachment) -> None:
    speaks: Any = connector_of(row.conversation.channel)
    got = _asked(row.conversation.channel, lambda account: speaks.fetch(account, row.reference), row.pk)
    if isinstance(got, Trouble):
        if got.code in GONE or row.attempts + 1 >= MOST_ATTEMPTS:
            values = {"content_type": NOT_FETCHED, "reference": "", "fetch_at": None}
            Attachment.objects.filter(pk=row.pk).update(**values)
    else:
        _keep(row, got)
    touch(f"conversation:{row.conversation_id}")


def _keep(row: Attachment, got: IncomingFile) -> None:
    checked = files.check(got.name or row.name, got.content)
    row.name, row.content_type = checked.name or row.name, checked.problem or checked.content_type
    row.reference, row.fetch_at = "", None
    if got.content and not checked.problem:
        row.size = len(got.content)
        row.file.save(stored_name(checked.name), ContentFile(got.content), save=False)
    row.save(update_fields=["name", "content_type", "reference", "fetch_at", "size", "file"])


def _fetch_post(row: PublicPost) -> None:
    speaks: Any = connector_of(row.channel)
    if not row.text and not row.author and hasattr(speaks, "post"):
        said = _asked(row.channel, lambda account: speaks.post(account, row.external_id), row.pk)
        if isinstance(said, Trouble):
            return _give_up(row, said)
        note(row, said)
        row.refresh_from_db()
    if row.picture_reference and not row.picture:
        got = _asked(row.channel, lambda account: speaks.fetch(account, row.picture_reference), row.pk)
        if isinstance(got, Trouble):
            return _give_up(row, got)
        if not files.check(got.name or "picture", got.content).problem:
            row.picture.save(stored_name(got.name or "picture.jpg"), ContentFile(got.content), save=False)
    row.fetch_at, row.picture_reference = None, ""
    row.save(update_fields=["fetch_at", "picture_reference", "picture"])
    touch(*(f"conversation:{pk}" for pk in row.conversations.values_list("pk", flat=True)[:200]))


def _give_up(row: PublicPost, trouble: Trouble) -> None:
    if trouble.code in GONE or row.attempts + 1 >= MOST_ATTEMPTS:
        PublicPost.objects.filter(pk=row.pk).update(fetch_at=None)
