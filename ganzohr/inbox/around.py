"""What belongs to messages without being one: reactions, delivery states, gestures on their way, the neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Q, Subquery, TextField, Window
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext_lazy

from ganzohr.accounts.models import User
from ganzohr.channels.connectors.base import Abilities
from ganzohr.channels.models import Outgoing, Status
from ganzohr.inbox.actions import gestures
from ganzohr.inbox.models import GIVEN, Conversation, Message

SIGNS = {
    "like": "👍", "love": "❤️", "haha": "😆", "wow": "😮", "sad": "😢", "angry": "😠", "care": "🤗", "dislike": "👎",
    "smile": "😊", "thankful": "💐", "pride": "🏳️‍🌈",
}  # fmt: skip
NAMES: dict[str, str | Promise] = {
    "👍": gettext_lazy("Like"), "❤️": pgettext_lazy("reaction", "Heart"), "🙏": pgettext_lazy("reaction", "Thanks"),
    "😆": gettext_lazy("Laughing"), "😮": gettext_lazy("Astonished"), "😢": gettext_lazy("Sad"),
    "😠": gettext_lazy("Angry"),
}  # fmt: skip
NEIGHBOURS = 6
UNFINISHED = ("waiting", "sending", "refused", "unclear")
SHOWN = ("id", "kind", "payload", "state", "not_before", "attempts", "outcome")


@dataclass(frozen=True)
class Chip:
    """One kind of reaction under a message: how many gave it, and whether we are among them."""

    sign: str
    words: str
    count: int
    is_ours: bool
    is_theirs: bool


@dataclass(frozen=True)
class Doing:
    """A gesture that has not happened (yet)."""

    outgoing: Outgoing
    sign: str
    words: str


@dataclass(frozen=True)
class Offer:
    """A reaction that can be given."""

    value: str
    sign: str
    name: str


@dataclass(frozen=True)
class Under:
    """What stands under one message, and what can be done to it."""

    chips: list[Chip]
    doings: list[Doing]
    offered: list[Offer]
    is_ours: bool
    may_hide: bool
    may_show: bool

    @property
    def only(self) -> Offer | None:
        """The one reaction there is."""
        return self.offered[0] if len(self.offered) == 1 else None

    @property
    def is_offering(self) -> bool:
        """Something can be done to this message."""
        return bool(self.offered or self.is_ours or self.may_hide or self.may_show)


def reactions() -> ArraySubquery:
    """An annotation of messages: what was given to each."""
    rows = Message.objects.filter(GIVEN, channel=OuterRef("channel"), reply_to=OuterRef("external_id"))
    return ArraySubquery(
        rows.order_by("id").values(json=JSONObject(text="text", by=KT("target__by"), direction="direction"))
    )


def states() -> Subquery:
    """An annotation of messages: what the platform says became of ours."""
    rows = Status.objects.filter(channel=OuterRef("channel"), external_id=OuterRef("external_id"))
    return Subquery(rows.values(json=JSONObject(status="status", at="at"))[:1])


def sign_of(reaction: str) -> str:
    """The picture of a reaction; platforms name some of them by words."""
    return SIGNS.get(reaction.lower(), reaction)


def name_of(sign: str) -> str:
    """What a reaction is called."""
    return str(NAMES.get(sign, sign))


def chips(given: Sequence[dict[str, Any]], conversation: Conversation) -> list[Chip]:
    """Reactions grouped by what they show, in the order they first came."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for one in given:
        grouped.setdefault(sign_of(one["text"]), []).append(one)
    return [_chip(sign, rows, conversation) for sign, rows in grouped.items()]


def _chip(sign: str, rows: Sequence[dict[str, Any]], conversation: Conversation) -> Chip:
    is_ours = any(row["direction"] == Message.Direction.OUT for row in rows)
    theirs = [row["by"] for row in rows if row["direction"] == Message.Direction.IN]
    is_theirs = conversation.handle.external_id in theirs
    rest = len(theirs) - is_theirs
    who = [gettext("you here")] if is_ours else []
    who += [conversation.person] if is_theirs else []
    who += [ngettext("one other person", "%(n)d other people", rest) % {"n": rest}] if rest else []
    return Chip(sign, f"{name_of(sign)}: {', '.join(who)}", len(theirs) + is_ours, is_ours, is_theirs)


def unfinished() -> ArraySubquery:
    """An annotation of conversations: gestures that wait, are being sent, were refused or are unclear."""
    theirs = Outgoing.objects.filter(channel=OuterRef("channel"), kind__in=gestures.KINDS, state__in=UNFINISHED)
    here = Cast(OuterRef("pk"), TextField())
    rows = theirs.annotate(place=KT("payload__conversation")).filter(place=here)
    return ArraySubquery(rows.order_by("id").values(json=JSONObject(**{name: name for name in SHOWN})))


def private_words() -> ArraySubquery:
    """An annotation of public conversations: our newest private answer to what was said there."""
    rows = Message.objects.filter(~Q(conversation=OuterRef("pk")), answers__conversation=OuterRef("pk"))
    rows = rows.filter(direction=Message.Direction.OUT, visibility="private")
    rows = rows.exclude(outgoing__state=Outgoing.State.TAKEN_BACK).order_by("-id")
    sent = JSONObject(**{name: f"outgoing__{name}" for name in (*SHOWN, "target")})
    return ArraySubquery(rows.values(json=JSONObject(id="id", text="text", provider_at="provider_at", sent=sent))[:1])


def private_word(held: Sequence[dict[str, Any]]) -> Message | None:
    """The same as a message."""
    if not held:
        return None
    said, sent = held[0], held[0]["sent"]
    outgoing = Outgoing(**{**sent, "not_before": datetime.fromisoformat(sent["not_before"])}) if sent["id"] else None
    at = datetime.fromisoformat(said["provider_at"])
    return Message(
        pk=said["id"], direction="out", visibility="private", text=said["text"], outgoing=outgoing, provider_at=at
    )


def doings(held: Sequence[dict[str, Any]], messages: Iterable[Message]) -> dict[int, list[Doing]]:
    """Those by the message they are for."""
    shown = {message.pk: message for message in messages}
    found: dict[int, list[Doing]] = {}
    for values in held:
        row = Outgoing(**{**values, "not_before": datetime.fromisoformat(values["not_before"])})
        message = shown.get(row.payload["message"])
        if message is not None and not _is_over(row, message):
            found.setdefault(message.pk, []).append(_doing(row))
    return found


def _is_over(row: Outgoing, message: Message) -> bool:
    """It did not leave from here, but happened at the platform since."""
    if row.state not in ("refused", "unclear") or row.kind == gestures.REACTION:
        return False
    return (message.hidden_at is not None) == (row.kind == gestures.HIDE)


def _doing(row: Outgoing) -> Doing:
    if row.kind == gestures.HIDE:
        return Doing(row, "", gettext("Hide the comment"))
    if row.kind == gestures.UNHIDE:
        return Doing(row, "", gettext("Show the comment again"))
    sign = sign_of(str(row.payload.get("reaction") or ""))
    return Doing(row, sign, name_of(sign) if sign else gettext("Take the reaction away"))


def offers(abilities: Abilities) -> list[Offer]:
    """The reactions of a platform."""
    return [Offer(value, sign_of(value), name_of(sign_of(value))) for value in abilities.reactions]


def under(message: Message, conversation: Conversation, abilities: Abilities, doing: list[Doing]) -> Under:
    """Reactions, gestures on their way, and those that are possible now."""
    found = chips(getattr(message, "given", None) or [], conversation)
    under_way = {one.outgoing.kind for one in doing if one.outgoing.state in ("waiting", "sending")}
    ours = {chip.sign for chip in found if chip.is_ours}
    can_react = gestures.may_react(message, abilities) and gestures.REACTION not in under_way
    can_hide = gestures.may_hide(message, abilities) and not under_way & {gestures.HIDE, gestures.UNHIDE}
    return Under(
        found,
        doing,
        [one for one in offers(abilities) if one.sign not in ours] if can_react else [],
        is_ours=can_react and bool(ours),
        may_hide=can_hide and message.hidden_at is None,
        may_show=can_hide and message.hidden_at is not None,
    )


def neighbours(user: User, conversation: Conversation) -> list[Conversation]:
    """Who else wrote under the same post, newest first; each knows `total`. One query, limited."""
    if not conversation.public_post_id:
        return []
    rows = Conversation.objects.visible_to(user).filter(public_post_id=conversation.public_post_id)
    rows = rows.exclude(pk=conversation.pk).select_related("contact", "handle", "channel")
    return list(rows.annotate(total=Window(Count("*"))).order_by(F("last_activity_at").desc(), "-id")[:NEIGHBOURS])
