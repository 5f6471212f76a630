"""Gestures: a reaction given to a message of theirs, a comment hidden or shown again.

They leave like answers, ten seconds later, bound to that very message. What the platform says becomes the truth here:
our reaction stands under the message, `hidden_at` is set. Doing one twice is doing it once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor, NotAllowed
from ganzohr.channels import actions as channels
from ganzohr.channels.accounts import connector_of
from ganzohr.channels.connectors.base import Abilities
from ganzohr.channels.events import OutgoingAccepted, OutgoingRefused, OutgoingTakenBack, OutgoingUnclear
from ganzohr.channels.models import Outgoing
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague
from ganzohr.inbox.actions.answering import TAKE_BACK, wrote_since
from ganzohr.inbox.actions.states import close
from ganzohr.inbox.models import GIVEN, Conversation, Kind, Message
from ganzohr.ui.live import touch

REACTION, HIDE, UNHIDE = "reaction", "hide", "unhide"
KINDS = (REACTION, HIDE, UNHIDE)
NAMED = ("message_id", "comment_id", "post_id")  # in a target: what exactly is meant; a missed call has none
STATE = Outgoing.State


def lane_of(message: Message) -> str:
    """Gestures to one message leave one after another."""
    return f"message:{message.pk}"


def may_react(message: Message, abilities: Abilities) -> bool:
    """Whether the platform lets us react to this message."""
    return bool(abilities.reactions) and _can_be_reached(message) and any(message.target.get(one) for one in NAMED)


def may_hide(message: Message, abilities: Abilities) -> bool:
    """Whether the platform lets us hide this comment."""
    return abilities.hides and message.visibility == "public" and _can_be_reached(message) and _is_comment(message)


def _is_comment(message: Message) -> bool:
    return bool(message.target.get("comment_id"))


def _can_be_reached(message: Message) -> bool:
    is_theirs = message.direction == Message.Direction.IN and not message.is_automatic
    return is_theirs and bool(message.external_id and message.target) and not message.deleted_at


@transaction.atomic
def react(message: Message, reaction: str, by: Colleague, actor: Actor, *, closes: bool = False) -> Outgoing | None:
    """Give this reaction in ten seconds, instead of another one of ours; None when it stands there already.

    With `closes` the conversation is closed as thanked once the platform accepted it, unless the person wrote since.
    Raises `NotAllowed` where the platform has no such reaction.
    """
    held = _held(message)
    abilities = connector_of(held.channel).abilities
    if reaction not in abilities.reactions or not may_react(held, abilities):
        raise NotAllowed("no such reaction here")
    return _begin(held, REACTION, {"reaction": reaction, "closes": closes}, by, actor, "reacted to a message")


@transaction.atomic
def unreact(message: Message, by: Colleague, actor: Actor) -> Outgoing | None:
    """Take our reaction away again; None when there is none, or it had not left yet and now never will."""
    held = _held(message)
    if not may_react(held, connector_of(held.channel).abilities):
        raise NotAllowed("no reactions here")
    return _begin(held, REACTION, {"reaction": ""}, by, actor, "took a reaction away")


@transaction.atomic
def hide(message: Message, by: Colleague, actor: Actor) -> Outgoing | None:
    """Hide a comment in ten seconds: only its author and their friends still see it. None when it is hidden."""
    return _set_hidden(message, HIDE, by, actor, "hid a message")


@transaction.atomic
def unhide(message: Message, by: Colleague, actor: Actor) -> Outgoing | None:
    """Show a hidden comment to everybody again; None when it is not hidden, or had not been hidden yet."""
    return _set_hidden(message, UNHIDE, by, actor, "showed a message again")


def _set_hidden(message: Message, kind: str, by: Colleague, actor: Actor, verb: str) -> Outgoing | None:
    held = _held(message)
    if not may_hide(held, connector_of(held.channel).abilities):
        raise NotAllowed("cannot be hidden")
    return _begin(held, kind, {}, by, actor, verb)


@transaction.atomic
def take_back(conversation: Conversation, outgoing_id: int, actor: Actor) -> bool:
    """Keep a gesture here before it leaves; False when it left already or is none of this conversation."""
    gesture = Outgoing.objects.filter(pk=outgoing_id, kind__in=KINDS).first()
    message = _message_of(gesture) if gesture else None
    if gesture is None or message is None or message.conversation_id != conversation.pk:
        return False
    taken = channels.take_back(gesture, actor)
    if taken:
        audit.record(actor, "took a gesture back", conversation, message=message.pk, kind=gesture.kind)
    return taken


def _held(message: Message) -> Message:
    """The message as it is now, the place held before it as everywhere."""
    Conversation.objects.select_for_update(of=("self",), no_key=True).get(pk=message.conversation_id)
    rows = Message.objects.select_for_update(of=("self",), no_key=True).select_related("conversation", "channel__app")
    return rows.get(pk=message.pk)


def _begin(
    held: Message, kind: str, payload: dict[str, Any], by: Colleague, actor: Actor, verb: str
) -> Outgoing | None:
    alike = (REACTION,) if kind == REACTION else (HIDE, UNHIDE)
    earlier = Outgoing.objects.filter(key__startswith=_key(held, ""))
    last = earlier.filter(kind__in=alike).exclude(state=STATE.TAKEN_BACK).order_by("-id").first()
    is_same = last is not None and last.kind == kind and last.payload.get("reaction") == payload.get("reaction")
    if last is not None and is_same and last.state in (STATE.WAITING, STATE.SENDING):
        return last
    if last is not None and last.state not in (STATE.ACCEPTED, STATE.SENDING):
        _lay_aside(last, by, actor)
    is_leaving = last is not None and last.state == STATE.SENDING
    if not is_leaving and not payload.get("closes") and _is_so(held, kind, payload):
        return None
    gesture = channels.enqueue(
        channel=held.channel, kind=kind, target=held.target,
        payload={
            **payload, "visibility": held.visibility, "message": held.pk, "conversation": held.conversation_id,
            "by": by.pk,
        },
        key=_key(held, str(earlier.count() + 1)), not_before=now() + TAKE_BACK, lane=lane_of(held),
        site_id=held.conversation.site_id, public_post_id=held.conversation.public_post_id,
    )  # fmt: skip
    audit.record(actor, verb, held.conversation, message=held.pk)
    touch(held.conversation.live_topic)
    return gesture


def _key(message: Message, number: str) -> str:
    return f"gesture:{message.pk}:{number}"


def _lay_aside(last: Outgoing, by: Colleague, actor: Actor) -> None:
    """What did not leave, or nobody knows of, never will once another one is wished for."""
    if last.state == STATE.UNCLEAR:
        channels.resolve_unclear(last, actor, was_sent=False, colleague=by)
    channels.take_back(last, actor)


def _is_so(held: Message, kind: str, payload: dict[str, Any]) -> bool:
    if kind != REACTION:
        return (held.hidden_at is not None) == (kind == HIDE)
    mine = _our_reactions(held)
    return mine.filter(text=payload["reaction"]).exists() if payload["reaction"] else not mine.exists()


def _our_reactions(message: Message) -> Any:
    return Message.objects.filter(
        GIVEN, channel_id=message.channel_id, direction=Message.Direction.OUT,
        reply_to=str(message.external_id),
    )  # fmt: skip


def accepted(event: OutgoingAccepted) -> None:
    """The platform did it: it stands under the message; praise answered so is closed as thanked."""
    for gesture, message in _gestures(event.outgoing_ids):
        if gesture.kind == REACTION:
            _keep_reaction(gesture, message)
        else:
            at = gesture.finished_at or now()
            hidden_at = at if gesture.kind == HIDE else None
            Message.objects.filter(pk=message.pk).update(hidden_at=hidden_at, hidden_told_at=at)
        if gesture.payload.get("closes"):
            _thank(gesture, message)
        touch("inbox", message.conversation.live_topic)


def settled_otherwise(event: OutgoingRefused | OutgoingUnclear | OutgoingTakenBack) -> None:
    """It was refused, is unclear or stays here: open pages say so under the message. The clock runs on."""
    for _gesture, message in _gestures(event.outgoing_ids):
        touch(message.conversation.live_topic)


def _keep_reaction(gesture: Outgoing, message: Message) -> None:
    _our_reactions(message).delete()
    if reaction := str(gesture.payload.get("reaction") or ""):
        at = gesture.finished_at or now()
        Message.objects.create(
            conversation_id=message.conversation_id, channel_id=message.channel_id, visibility=message.visibility,
            direction=Message.Direction.OUT, external_id=gesture.key, reply_to=str(message.external_id),
            text=reaction, kind=Kind.REACTION, author=_author(gesture), understood_at=at,
            target={"by": message.channel.external_id}, provider_at=at, received_at=at,
        )  # fmt: skip


def _thank(gesture: Outgoing, message: Message) -> None:
    place = message.conversation
    if place.state == Conversation.State.CLOSED or wrote_since(place, message.pk):
        return
    by = _author(gesture)
    actor = audit.by_user(by.user) if by and by.user else audit.by_connector(message.channel.kind, message.channel_id)
    close(place, Conversation.Reason.THANKED, actor)


def _author(gesture: Outgoing) -> Colleague | None:
    return Colleague.objects.select_related("user").filter(pk=gesture.payload.get("by")).first()


def _gestures(outgoing_ids: Sequence[int]) -> Iterator[tuple[Outgoing, Message]]:
    for gesture in Outgoing.objects.filter(pk__in=outgoing_ids, kind__in=KINDS).order_by("id"):
        if message := _message_of(gesture):
            yield gesture, _held(message)


def _message_of(gesture: Outgoing) -> Message | None:
    """None when the person was erased meanwhile."""
    return Message.objects.filter(pk=gesture.payload.get("message") or 0).first()
