"""The one automatic word: out of hours, when somebody answers; on a channel left behind, the standing answer; after a
call nobody could take, that we read but do not phone.

Once per conversation and closed period (after calls: once a day), in the person's language and the channel's form of
address. Never in public, never to machines, never after praise, a reaction or nonsense, never where a person answered
within the same period, never after a stop nor when the time to write freely is over, and never where somebody of us
would have to post it by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.db.models import Max

from ganzohr.audit import actions as audit
from ganzohr.audit.models import Entry
from ganzohr.channels import actions as channels
from ganzohr.channels.accounts import connector_of
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.core.times import now
from ganzohr.core.words import say, speak
from ganzohr.directory.hours import Rules, closed_period
from ganzohr.inbox import clocks, moments, promises, windows
from ganzohr.inbox.actions import replies
from ganzohr.inbox.events import MessagesUnderstood
from ganzohr.inbox.models import Conversation, Kind, Message, Notice
from ganzohr.ui.live import touch

SILENT = frozenset({Kind.PRAISE, Kind.REACTION, Kind.NONSENSE})
FRESH = timedelta(hours=24)
CALL = "missed_call"
EVER = datetime(2000, 1, 1, tzinfo=UTC)
WHO = audit.round_("notices")


@dataclass(frozen=True)
class Facts:
    """What `decide` must know about a message and its conversation."""

    asked_at: datetime
    is_public: bool = False
    is_machine: bool = False
    is_open: bool = True
    kind: str = ""
    answered_at: datetime | None = None
    left_behind_since: datetime | None = None
    has_standing_answer: bool = False
    is_call: bool = False
    may_write: bool = True


@dataclass(frozen=True)
class Decision:
    """What is said, and for which period; `opens_at` only with a notice."""

    what: Literal["notice", "standing", "call"]
    period_from: datetime
    opens_at: datetime | None = None


def decide(facts: Facts, hours: Rules, at: datetime) -> Decision | None:
    """Whether the person is told something automatic now, and what. Values in, values out."""
    is_talk = not (facts.is_public or facts.is_machine) and facts.is_open
    if not is_talk or not facts.may_write or facts.kind in SILENT:
        return None
    if facts.left_behind_since is not None:
        return _standing(facts, facts.left_behind_since)
    if facts.is_call:
        return Decision(
            "call", at.astimezone(moments.zone_of(hours)).replace(hour=0, minute=0, second=0, microsecond=0)
        )
    closed = closed_period(hours, at)
    if closed is None or closed.end is None:
        return None  # somebody is there, or nobody can say when
    begun = closed.start or at - FRESH
    if facts.asked_at < begun or (facts.answered_at and facts.answered_at >= begun):
        return None
    return Decision("notice", closed.start or EVER, closed.end)


def _standing(facts: Facts, since: datetime) -> Decision | None:
    if not facts.has_standing_answer or facts.asked_at < since:
        return None
    return Decision("standing", since)


def tell(event: MessagesUnderstood) -> None:
    """Queue what is due for these messages (now: rows only); each conversation hears one word at most."""
    messages = _messages(event.message_ids)
    if not messages:
        return
    answered = _answered({message.conversation_id for message in messages})
    left_behind = _left_behind({message.conversation.channel for message in messages})
    at = now()
    decided = [
        (message, decide(_facts(message, answered, left_behind), clocks.rules_of(message.conversation.channel), at))
        for message in _newest_of_each(messages)
    ]
    due = [(message, decision) for message, decision in decided if decision]
    said = _said({message.conversation_id for message, _ in due})
    for message, decision in due:
        if (message.conversation_id, decision.period_from) not in said:
            _say(message, decision)


def _said(conversation_ids: set[int]) -> set[tuple[int, datetime]]:
    """In which conversation a word was said for which period, so that nobody asks for each of them."""
    rows = Notice.objects.filter(conversation__in=conversation_ids) if conversation_ids else Notice.objects.none()
    return set(rows.values_list("conversation", "closed_from"))


def _messages(ids: Sequence[int]) -> list[Message]:
    rows = Message.objects.filter(pk__in=ids, direction=Message.Direction.IN, deleted_at=None)
    found = rows.select_related(
        "conversation__channel__hours",
        "conversation__channel__site__hours",
        "conversation__topic",
        "conversation__handle",
    ).order_by("id")
    held: dict[int, Channel] = {}
    for row in found:  # one object a channel, so that its hours are read once
        row.conversation.channel = held.setdefault(row.conversation.channel_id, row.conversation.channel)
    return [row for row in found if not connector_of(row.conversation.channel).abilities.needs_hand]


def _newest_of_each(messages: Iterable[Message]) -> list[Message]:
    """Per conversation the newest message that may be told something."""
    found: dict[int, Message] = {}
    for message in messages:
        if not message.is_automatic and message.kind not in SILENT:
            found[message.conversation_id] = message
    return list(found.values())


def _answered(conversation_ids: set[int]) -> dict[int, datetime]:
    """When a person last answered each, also if the answer is still on its way."""
    rows = (
        Message.objects.filter(conversation__in=conversation_ids, direction=Message.Direction.OUT, is_automatic=False)
        .exclude(outgoing__state__in=[Outgoing.State.TAKEN_BACK, Outgoing.State.REFUSED])
        .values("conversation")
        .annotate(last=Max("provider_at"))
    )
    return {row["conversation"]: row["last"] for row in rows}


def _left_behind(rows: set[Channel]) -> dict[int, datetime]:
    gone = {row.pk: row.created_at for row in rows if row.state == Channel.State.DISCONNECTED}
    if gone:
        moves = Entry.objects.filter(object_kind="channels.channel", object_id__in=gone, verb="moved to disconnected")
        latest = moves.values_list("object_id").annotate(Max("at"))
        gone.update({int(pk): at for pk, at in latest if pk is not None})
    return gone


def _facts(message: Message, answered: dict[int, datetime], left_behind: dict[int, datetime]) -> Facts:
    place = message.conversation
    window = windows.of(place)
    return Facts(
        asked_at=message.provider_at,
        is_public=place.is_public or message.visibility == "public",
        is_machine=message.is_automatic,
        is_open=place.state == Conversation.State.OPEN,
        kind=message.kind,
        answered_at=answered.get(place.pk),
        left_behind_since=left_behind.get(place.channel_id),
        has_standing_answer=any(place.channel.standing_answer.values()),
        is_call=message.form == CALL,
        may_write=not place.has_stopped and (window is None or window.state(now()) == "free"),
    )


def _say(message: Message, decision: Decision) -> None:
    place = message.conversation
    notice, is_new = Notice.objects.get_or_create(
        conversation=place, closed_from=decision.period_from, defaults={"created_at": now()}
    )
    if not is_new:
        return
    text = words(place, decision)
    notice.message = _leave(message, text, decision)
    notice.save(update_fields=["message"])
    audit.record(WHO, f"queued a {decision.what}", place, message=notice.message.pk)
    touch("inbox", f"conversation:{place.pk}")


def words(place: Conversation, decision: Decision) -> str:
    """What the person reads."""
    language = language_of(place)
    if decision.what == "call":
        return _no_calls(place, language)
    if decision.what == "standing" or decision.opens_at is None:
        held: dict[str, str] = place.channel.standing_answer
        return held.get(language) or next(text for text in held.values() if text)
    zone = moments.zone_of(clocks.rules_of(place.channel))
    with speak(language, place.channel.address):  # type: ignore[arg-type]
        thanks = say(
            "Thank you for your message. Nobody is here right now; we are back from %(moment)s.",
            moment=moments.by(decision.opens_at, now(), zone, language),
        )
        text = f"{thanks} {promises.of_conversation(place, now(), language)}"
    emergency = place.topic.emergency_note_in(language) if place.topic and place.topic_is_sure else ""
    return f"{text} {emergency}".strip()


def _no_calls(place: Conversation, language: str) -> str:
    with speak(language, place.channel.address):  # type: ignore[arg-type]
        return say(
            "You called us. We cannot take calls here, but we read everything: write to us what it is about, and we "
            "answer you."
        )


def language_of(place: Conversation) -> str:
    """The person's language if we speak it, else the channel's first, else German."""
    code = place.language.split("-")[0].lower()
    return code if code in moments.DAY else next((one for one in place.channel.languages if one in moments.DAY), "de")


def _leave(asked: Message, text: str, decision: Decision) -> Message:
    place, at = asked.conversation, now()
    outgoing = channels.enqueue(
        channel=place.channel,
        kind="standing" if decision.what == "standing" else "notice",
        target=asked.target,
        payload={
            "text": text,
            "subject": place.subject,
            "visibility": "private",
            "language": language_of(place),
            "window_from": place.last_inbound_at.isoformat() if place.last_inbound_at else "",
            "headers": {"Auto-Submitted": "auto-replied"},
            **replies.token(place),
        },
        key=f"{decision.what}:{place.pk}:{decision.period_from:%Y%m%dT%H%M%S}",
        lane=f"conversation:{place.pk}",
        site_id=place.site_id,
        public_post_id=place.public_post_id,
    )
    return Message.objects.create(
        conversation=place, channel_id=place.channel_id, direction=Message.Direction.OUT, visibility="private",
        text=text, is_automatic=True, language=language_of(place), outgoing=outgoing, answers=asked,
        understood_at=at, provider_at=at, received_at=at,
    )  # fmt: skip
