"""Files and posts that a platform keeps for us are fetched apart: claimed in batches, outside any transaction."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.fields.files import FieldFile

from ganzohr.channels import pictures, stuck
from ganzohr.channels.accounts import account_of, connector_of
from ganzohr.channels.connectors.base import IncomingFile, Trouble
from ganzohr.channels.models import Channel, PublicPost
from ganzohr.channels.stored import plain_name
from ganzohr.core.times import now
from ganzohr.inbox import files
from ganzohr.inbox.actions.posts import note
from ganzohr.inbox.models import Attachment
from ganzohr.ui.live import touch

log = logging.getLogger(__name__)
BATCH = 10
MOST_ATTEMPTS = 6
CLAIM_LASTS = dt.timedelta(minutes=4)  # two calls of a minute each, and the writing
PAUSE = dt.timedelta(minutes=1)  # after the first try, four times as long after each
GONE = frozenset({"target_gone", "file_missing", "file_damaged", "message_too_big", "not_possible"})
NOT_FETCHED = "not_fetched"
CRASHED = Trouble("crashed", "nobody heard how the last try ended")
Row = TypeVar("Row", Attachment, PublicPost)


def fetch_waiting() -> int:
    """Fetch one batch of files and posts (doorbell `media`); how many were tried."""
    files_ = _each(Attachment.objects.select_related("conversation__channel__app"), _fetch_file)
    return files_ + _each(PublicPost.objects.select_related("channel__app"), _fetch_post)


def _each(rows: QuerySet[Row], fetch: Callable[[Row], None]) -> int:
    """One after the other, each claimed when its turn comes; one that fails costs only itself."""
    tried = 0
    while tried < BATCH and (row := _claim(rows)) is not None:
        tried += 1
        try:
            with stuck.watched(stuck.LONGEST_BATCH):
                fetch(row)
        except Exception:
            log.exception("%s %s could not be kept", type(row).__name__, row.pk)
    return tried


def _claim(rows: QuerySet[Row]) -> Row | None:
    """A row due now; until the next try it is nobody else's. After a crash that moment simply comes, after a crash
    in the last try to give it up."""
    due = rows.filter(fetch_at__lte=now()).order_by("fetch_at", "id")
    with transaction.atomic():
        row = due.select_for_update(skip_locked=True, of=("self",)).first()
        if row is None:
            return None
        next_try = now() + max(CLAIM_LASTS, PAUSE * 4**row.attempts)
        rows.model._base_manager.filter(pk=row.pk).update(attempts=F("attempts") + 1, fetch_at=next_try)
    return row


def _asked(channel: Channel, ask: Callable[[Any], Any], pk: int) -> Any | Trouble:
    """What the platform answers, or why it does not; a connector that fails is a trouble too."""
    try:
        return ask(account_of(channel))
    except Trouble as trouble:
        return trouble
    except Exception as error:  # one odd answer must not stop the others
        log.exception("%s: what belongs to %s could not be fetched", channel.kind, pk)
        return Trouble("platform_error", type(error).__name__)


def _is_over(row: Attachment | PublicPost, trouble: Trouble) -> bool:
    return trouble.code in GONE or row.attempts + 1 >= MOST_ATTEMPTS


def _put(field: FieldFile, name: str, content: bytes, write: Callable[[str], int]) -> None:
    """Store the bytes and write down where they are; where nobody wants them any more they go again. Where `write`
    fails its commit may stand all the same, so they stay: what no row names goes days later (`config/strays.py`)."""
    wanted = field.field.generate_filename(field.instance, plain_name(name))
    stored = field.storage.save(wanted, ContentFile(content))
    if not write(stored):
        field.storage.delete(stored)


# Files of messages


def _fetch_file(row: Attachment) -> None:
    channel = row.conversation.channel
    speaks: Any = connector_of(channel)
    is_left = row.attempts < MOST_ATTEMPTS
    got = _asked(channel, lambda account: speaks.fetch(account, row.reference), row.pk) if is_left else CRASHED
    if not isinstance(got, Trouble):
        _keep(row, got)
    elif _is_over(row, got):
        _still(row).update(content_type=NOT_FETCHED, reference="", fetch_at=None)
    touch(f"conversation:{row.conversation_id}")


def _still(row: Attachment) -> QuerySet[Attachment]:
    """The row, unless its message was deleted, its person erased, or somebody else fetched it meanwhile."""
    return Attachment.objects.filter(pk=row.pk, reference=row.reference, file="")


def _keep(row: Attachment, got: IncomingFile) -> None:
    checked = files.check(got.name or row.name, got.content)
    values = {
        "name": (checked.name or row.name)[:200], "reference": "", "fetch_at": None,
        "content_type": (checked.problem or checked.content_type)[:120],
    }  # fmt: skip
    if checked.problem or not got.content:
        _still(row).update(**values)
    else:
        content = pictures.plain(got.content)
        size = len(content)
        _put(row.file, checked.name, content, lambda name: _still(row).update(**values, file=name, size=size))


# Posts


def _fetch_post(row: PublicPost) -> None:
    if row.attempts >= MOST_ATTEMPTS:
        return _give_up(row, CRASHED)
    speaks: Any = connector_of(row.channel)
    if hasattr(speaks, "post"):
        said = _asked(row.channel, lambda account: speaks.post(account, row.external_id), row.pk)
        if isinstance(said, Trouble):
            return _give_up(row, said)
        with transaction.atomic():
            row = (
                PublicPost.objects.select_for_update(of=("self",), no_key=True)
                .select_related("channel__app")
                .get(pk=row.pk)
            )
            note(row, said, now())
    if row.picture_reference and not row.picture and not row.removed_at:
        got = _asked(row.channel, lambda account: speaks.fetch(account, row.picture_reference), row.pk)
        if isinstance(got, Trouble):
            return _give_up(row, got)
        if got.content and not files.check(got.name or "picture", got.content).problem:
            content = pictures.plain(got.content)
            _put(row.picture, got.name or "picture.jpg", content, lambda name: _there(row).update(picture=name))
    PublicPost.objects.filter(pk=row.pk).update(fetch_at=None, picture_reference="")
    touch(*(f"conversation:{pk}" for pk in row.conversations.values_list("pk", flat=True)[:200]))


def _there(row: PublicPost) -> QuerySet[PublicPost]:
    """The post, unless it was taken away or got its picture meanwhile."""
    return PublicPost.objects.filter(pk=row.pk, removed_at=None, picture="")


def _give_up(row: PublicPost, trouble: Trouble) -> None:
    if _is_over(row, trouble):
        PublicPost.objects.filter(pk=row.pk).update(fetch_at=None)
