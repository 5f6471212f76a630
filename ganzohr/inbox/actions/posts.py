"""The posts people write under: kept as the platform tells them, shown above what was written there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import Incoming, IncomingPost
from ganzohr.channels.models import PublicPost
from ganzohr.core.jobs import ring
from ganzohr.core.times import now
from ganzohr.inbox.actions.told import told_at
from ganzohr.ui.live import touch

PostKey = tuple[int, str]


def posts_of(new: Iterable[Arrived]) -> dict[PostKey, PublicPost]:
    """The post each of these hangs under, made where it is new; what it says and shows is asked for apart."""
    wanted = {(one.channel_id, one.incoming.post.external_id): one.incoming.post for one in new if one.incoming.post}
    if not wanted:
        return {}
    rows = [_row(channel_id, post) for (channel_id, _), post in wanted.items()]
    PublicPost.objects.bulk_create(rows, ignore_conflicts=True)
    held = PublicPost.objects.filter(
        channel_id__in={channel for channel, _ in wanted}, external_id__in={external for _, external in wanted}
    )
    found = {key: row for row in held if (key := (row.channel_id, row.external_id)) in wanted}
    for key, row in found.items():
        _fill_in(row, wanted[key])
    if any(row.fetch_at and not row.attempts for row in found.values()):
        ring("media")
    return found


def keep_posts(arrived: Sequence[Arrived]) -> None:
    """Posts of ours that were published, changed or taken away at the platform."""
    posts = posts_of(arrived)
    for one in sorted(arrived, key=told_at):
        if one.incoming.post:
            note(posts[one.channel_id, one.incoming.post.external_id], one.incoming, told_at(one))


def change_posts(arrived: Sequence[Arrived]) -> None:
    """Posts of visitors that they (or we) changed or took away: what they say is theirs, above everybody's comments."""
    told = [one for one in arrived if one.incoming.what in ("edit", "delete") and one.incoming.visibility == "public"]
    if not told:
        return
    subjects = {(one.channel_id, one.incoming.reply_to[:300]) for one in told}
    rows = PublicPost.objects.filter(
        channel_id__in={channel for channel, _ in subjects}, external_id__in={id_ for _, id_ in subjects},
        author_is_us=False,
    )  # fmt: skip
    held = {(row.channel_id, row.external_id): row for row in rows}
    for one in sorted(told, key=told_at):
        row = held.get((one.channel_id, one.incoming.reply_to[:300]))
        if row is None:
            continue
        if one.incoming.what == "delete":
            forget_post(row, told_at(one))
        else:
            _write(row, {"text": one.incoming.text.replace("\0", "")}, told_at(one))


def note(row: PublicPost, said: Incoming, at: datetime) -> None:
    """Write down what the platform says of a post now; an open page above it shows it."""
    if said.headers.get("removed"):
        forget_post(row, at)
    elif said.post:
        values = {name: value for name, value in _known(said.post).items() if value}
        picture = next((file.reference for file in said.files if file.reference and _is_picture(file.content_type)), "")
        if picture and not row.picture:
            values |= {"picture_reference": picture, "fetch_at": row.fetch_at or now()}
            ring("media")
        _write(row, values, at)


def _write(row: PublicPost, values: dict[str, Any], at: datetime) -> None:
    """Unless something newer is known; of what was removed nothing is written any more."""
    if row.removed_at or (row.told_at and row.told_at > at) or not values:
        return
    row.told_at = at
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=[*values, "told_at"])
    _show(row)


def forget_post(row: PublicPost, at: datetime) -> None:
    """It is gone where it was written: no word and no picture of it stays; that there was one does."""
    if row.picture:
        storage, name = row.picture.storage, row.picture.name or ""
        transaction.on_commit(lambda: storage.delete(name), robust=True)
    row.text = row.author = row.picture_reference = ""
    row.picture, row.fetch_at, row.removed_at, row.told_at = "", None, row.removed_at or at, at
    row.save(update_fields=["text", "author", "picture", "picture_reference", "fetch_at", "removed_at", "told_at"])
    _show(row)


def _show(row: PublicPost) -> None:
    touch(*(f"conversation:{pk}" for pk in row.conversations.values_list("pk", flat=True)[:200]))


def _is_picture(content_type: str) -> bool:
    return not content_type or content_type.startswith("image")


def _known(post: IncomingPost) -> dict[str, Any]:
    return {
        "permalink": post.permalink[:1000],
        "text": post.text.replace("\0", ""),
        "author": post.author[:160],
        "posted_at": post.posted_at,
    }


def _row(channel_id: int, post: IncomingPost) -> PublicPost:
    """A new one of ours is asked for in any case: what hangs under it tells neither its picture nor all its words."""
    is_known = bool(post.text or post.author) and not post.author_is_us
    return PublicPost(
        channel_id=channel_id, external_id=post.external_id[:300], author_is_us=post.author_is_us,
        fetch_at=None if is_known else now(), **_known(post),
    )  # fmt: skip


def _fill_in(row: PublicPost, post: IncomingPost) -> None:
    """Columns that were empty so far; what the platform told later than this stays, and so does a removal."""
    if row.removed_at:
        return
    fresh = {name: value for name, value in _known(post).items() if value and not getattr(row, name)}
    if fresh:
        for name, value in fresh.items():
            setattr(row, name, value)
        row.save(update_fields=list(fresh))
