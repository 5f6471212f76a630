"""The posts people write under: kept as the platform tells them, shown above what was written there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import Incoming, IncomingPost
from ganzohr.channels.models import PublicPost
from ganzohr.core.jobs import ring
from ganzohr.core.times import now
from ganzohr.ui.live import touch

PostKey = tuple[int, str]


def posts_of(new: Iterable[Arrived]) -> dict[PostKey, PublicPost]:
    """The post each of these hangs under, made where it is new; what it says is asked for apart."""
    wanted = {(one.channel_id, one.incoming.post.external_id): one.incoming.post for one in new if one.incoming.post}
    if not wanted:
        return {}
    rows = [_row(channel_id, post) for (channel_id, _), post in wanted.items()]
    PublicPost.objects.bulk_create(rows, ignore_conflicts=True)
    if any(row.fetch_at for row in rows):
        ring("media")
    held = PublicPost.objects.filter(
        channel_id__in={channel for channel, _ in wanted}, external_id__in={external for _, external in wanted}
    )
    found = {key: row for row in held if (key := (row.channel_id, row.external_id)) in wanted}
    for key, row in found.items():
        _fill_in(row, wanted[key])
    return found


def keep_posts(arrived: Sequence[Arrived]) -> None:
    """Posts of ours that were published, changed or taken away at the platform."""
    posts = posts_of(arrived)
    for one in sorted(arrived, key=lambda one: one.incoming.provider_at):
        if one.incoming.post:
            note(posts[one.channel_id, one.incoming.post.external_id], one.incoming)


def note(row: PublicPost, said: Incoming) -> None:
    """Write down what the platform says of a post now; an open page above it shows it."""
    values: dict[str, Any] = {}
    if said.headers.get("removed"):
        values = {"removed_at": said.provider_at, "fetch_at": None}
    elif said.post:
        values = {name: value for name, value in _known(said.post).items() if value}
        picture = next((file.reference for file in said.files if file.reference and _is_picture(file.content_type)), "")
        if picture and not row.picture:
            values |= {"picture_reference": picture, "fetch_at": now()}
            ring("media")
    if values:
        PublicPost.objects.filter(pk=row.pk).update(**values)
        touch(*(f"conversation:{pk}" for pk in row.conversations.values_list("pk", flat=True)[:200]))


def _is_picture(content_type: str) -> bool:
    return not content_type or content_type.startswith("image")


def _known(post: IncomingPost) -> dict[str, Any]:
    return {"permalink": post.permalink[:1000], "text": post.text.replace("\0", ""), "author": post.author[:160]}


def _row(channel_id: int, post: IncomingPost) -> PublicPost:
    is_known = bool(post.text or post.author)
    return PublicPost(
        channel_id=channel_id, external_id=post.external_id[:300], author_is_us=post.author_is_us,
        posted_at=post.posted_at, fetch_at=None if is_known else now(), **_known(post),
    )  # fmt: skip


def _fill_in(row: PublicPost, post: IncomingPost) -> None:
    """Columns that were empty so far; what the platform told later than this stays."""
    fresh = {name: value for name, value in _known(post).items() if value and not getattr(row, name)}
    if fresh:
        for name, value in fresh.items():
            setattr(row, name, value)
        row.save(update_fields=list(fresh))
