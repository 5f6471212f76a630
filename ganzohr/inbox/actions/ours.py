"""Our own words that a platform tells us of: written here (known by their id), or by somebody of us over there."""

from __future__ import annotations

from collections.abc import Sequence

from ganzohr.channels.arrivals import Arrived
from ganzohr.inbox.models import Conversation, Message

Key = tuple[int, str]


def is_on_our_page(one: Arrived) -> bool:
    """A public comment of ours: its sender is our page, so it says nothing about whose conversation it belongs to."""
    return one.incoming.is_own and one.incoming.visibility == "public"


def split(new: Sequence[Arrived]) -> tuple[list[Arrived], list[Arrived]]:
    """Those that can be taken in now, and comments of ours under something that is not here (yet).

    A comment of ours under nobody's comment belongs to the post, not to a conversation, and is left out.
    """
    known = _parents(new)
    now_, lonely = [], []
    for one in new:
        if not is_on_our_page(one) or _parent(one) in known:
            now_.append(one)
        elif one.incoming.reply_to and not _is_under_the_post(one):
            lonely.append(one)
    return now_, lonely


def answered_by_us(new: Sequence[Arrived]) -> dict[int, Conversation]:
    """The conversation that each comment of ours goes on, by position: that of the comment it answers."""
    known = _parents(new)
    return {n: known[_parent(one)] for n, one in enumerate(new) if is_on_our_page(one) and _parent(one) in known}


def _parent(one: Arrived) -> Key:
    return one.channel_id, one.incoming.reply_to[:300]


def _is_under_the_post(one: Arrived) -> bool:
    post = one.incoming.post
    return post is not None and post.external_id == one.incoming.reply_to


def _parents(new: Sequence[Arrived]) -> dict[Key, Conversation]:
    wanted = {_parent(one) for one in new if is_on_our_page(one) and one.incoming.reply_to}
    if not wanted:
        return {}
    rows = Message.objects.filter(
        channel_id__in={channel for channel, _ in wanted}, external_id__in={subject for _, subject in wanted}
    ).select_related("conversation__handle__contact")
    return {(row.channel_id, str(row.external_id)): row.conversation for row in rows}
