"""Writing privately to somebody who wrote in public: where the platform allows it, how often and how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Exists, Q, QuerySet, Subquery

from ganzohr.channels.accounts import connector_of
from ganzohr.channels.connectors.base import Abilities
from ganzohr.channels.models import Outgoing
from ganzohr.core.times import now
from ganzohr.inbox import windows
from ganzohr.inbox.models import Conversation, Message

USED = "private_reply_used"
TRIED = Q(outgoing__state__in=[Outgoing.State.REFUSED, Outgoing.State.TAKEN_BACK])


@dataclass(frozen=True)
class Way:
    """`free`: whenever we like. `talk`: they write to us in private. `comment`: one answer to the comment, until then.
    Not open: `used` up, too `late`, or `none` at all."""

    kind: Literal["free", "talk", "comment", "used", "late", "none"]
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether a private word may leave now."""
        return self.kind in ("free", "talk", "comment")


def way(public: Conversation, asked: Message | None) -> Way:
    """How a private answer to `asked`, the newest message of a public conversation, may leave at this moment."""
    abilities = connector_of(public.channel).abilities
    if not abilities.private:
        return Way("none")
    if not abilities.private_reply_days:
        return Way("free")
    wrote_at, is_used = _told(public, asked)
    if _is_open(abilities, wrote_at):
        return Way("talk")
    if asked is None or not (asked.target.get("comment_id") or asked.form == "post"):
        return Way("none")
    until = asked.provider_at + timedelta(days=abilities.private_reply_days)
    if is_used:
        return Way("used", until)
    return Way("comment" if now() < until else "late", until)


def talk_of(public: Conversation) -> Conversation | None:
    """The private conversation that goes on with this person on this channel."""
    return _talks(public).first()


def _talks(public: Conversation) -> QuerySet[Conversation]:
    rows = Conversation.objects.filter(handle_id=public.handle_id, is_public=False, public_post=None, thread_key="")
    return rows.exclude(state=Conversation.State.CLOSED)


def _told(public: Conversation, asked: Message | None) -> tuple[datetime | None, bool]:
    """When they last wrote in private, and whether the one answer to this comment is used up. The platform takes one,
    whoever sent it: what is on its way or may have arrived counts."""
    answers = Message.objects.filter(answers=asked, direction=Message.Direction.OUT, visibility="private")
    used = answers.filter(~TRIED | Q(outgoing__outcome=USED), outgoing__target__visibility="private")
    row = Conversation.objects.filter(pk=public.pk).values_list(
        Subquery(_talks(public).values("last_inbound_at")[:1]), Exists(used)
    )
    wrote_at, is_used = row.get()
    return wrote_at, bool(asked) and is_used


def _is_open(abilities: Abilities, wrote_at: datetime | None) -> bool:
    window = windows.window(abilities, wrote_at)
    return window.state(now()) != "closed" if window else wrote_at is not None
