"""Answers: approved by a person, on their way ten seconds later, taken back until then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.channels import actions as channels
from ganzohr.channels.accounts import connector_of
from ganzohr.channels.models import Outgoing
from ganzohr.channels.signature import sign
from ganzohr.core.events import emit
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague
from ganzohr.inbox import private_ways, windows
from ganzohr.inbox.actions import replies
from ganzohr.inbox.actions.drafts import must_know_saved, note_drafts
from ganzohr.inbox.actions.states import snooze
from ganzohr.inbox.events import AnswersQueued
from ganzohr.inbox.models import GIVEN, Attachment, Conversation, Draft, Message
from ganzohr.ui.live import touch

TAKE_BACK = timedelta(seconds=10)
Mode = Literal["reply", "private"]


class NewerMessage(Exception):
    """The person wrote since the text was read; it must be seen before anything leaves."""


class AnsweredMeanwhile(Exception):
    """Somebody of us approved another answer that this text's author has not seen."""


class NothingToSend(Exception):
    """The text is empty and no file goes with it."""


class NobodyToAnswer(Exception):
    """The conversation holds no message that could be answered."""


class CannotLeave(Exception):
    """The platform's rules keep it here; `code` says which: window_closed, too_long, stopped, private_used,
    private_late, private_none."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def answer(
    conversation: Conversation,
    *,
    text: str,
    by: Colleague,
    actor: Actor,
    knows_message_id: int,
    key: str,
    mode: Mode = "reply",
    attachment_ids: Sequence[int] = (),
    expert: Colleague | None = None,
    seen_message_id: int | None = None,
    revision: int | None = None,
) -> Message:
    """Approve this very text: it leaves in ten seconds where the question was asked, once per `key`.

    Raises `NewerMessage` when the person wrote something `knows_message_id` does not know, `NothingToSend` for an empty
    text, `NobodyToAnswer` when there is nothing to answer, `CannotLeave` when the platform would not take it. An
    earlier answer that was refused is laid aside. With `seen_message_id`, the newest message of either side that the
    page showed, an answer of ours after it raises `AnsweredMeanwhile`; with the `revision` of the saved words it
    showed, somebody else's other words saved after it raise `SavedByOthers`.
    """
    held = locked(conversation)
    done = Message.objects.filter(outgoing__key=_key(held, key)).first()
    if done:
        return done
    if wrote_since(held, knows_message_id):
        raise NewerMessage
    if seen_message_id is not None and answered_since(held, seen_message_id):
        raise AnsweredMeanwhile
    if revision is not None:
        must_know_saved(held, mode, text, by, revision)
    if not text.strip() and not attachment_ids:
        raise NothingToSend
    asked = newest_inbound(held)
    if asked is None:
        raise NobodyToAnswer
    lay_aside_refused(held, actor)
    place = _place(held, asked, mode)
    message = _send(place, asked, text.strip(), by, expert, attachment_ids, key=_key(held, key), origin=held)
    _after(held, place, message, mode)
    audit.record(actor, "approved an answer", held, message=message.pk, mode=mode, knows=knows_message_id)
    emit(AnswersQueued((message.pk,)))
    touch("inbox", f"conversation:{held.pk}", f"conversation:{place.pk}")
    return message


def locked(conversation: Conversation) -> Conversation:
    """The conversation as it is now, nobody else's until the transaction ends."""
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True).select_related("channel", "handle")
    return rows.get(pk=conversation.pk)


def _place(held: Conversation, asked: Message, mode: Mode) -> Conversation:
    """Where the answer goes, if it may leave at this moment."""
    if held.is_public and mode == "private":
        way = private_ways.way(held, asked)
        if not way.is_open:
            raise CannotLeave(f"private_{way.kind}")
        return private_talk(held)
    window = windows.of(held)
    if window is not None and window.state(now()) == "closed":
        raise CannotLeave("window_closed")
    return held


def _key(conversation: Conversation, key: str) -> str:
    return f"answer:{conversation.pk}:{key}"[:120]


def wrote_since(conversation: Conversation, message_id: int) -> bool:
    """Whether the person said something newer than that message."""
    theirs = Message.objects.filter(conversation=conversation, direction=Message.Direction.IN, is_automatic=False)
    return theirs.filter(id__gt=message_id, deleted_at=None).exclude(GIVEN).exists()


def answered_since(conversation: Conversation, message_id: int, which: Q | None = None) -> bool:
    """Whether an answer of ours (of these) newer than that message left here or in the private talk, or is about to."""
    here = Q(conversation=conversation) | Q(conversation__linked_to=conversation)
    ours = Message.objects.filter(here, direction=Message.Direction.OUT, is_automatic=False, id__gt=message_id)
    gone = [Outgoing.State.TAKEN_BACK, Outgoing.State.REFUSED]
    return ours.filter(which or Q()).exclude(GIVEN).exclude(outgoing__state__in=gone).exists()


def newest_inbound(conversation: Conversation) -> Message | None:
    """What an answer is bound to: the newest message of the person that still stands."""
    theirs = conversation.messages.filter(direction=Message.Direction.IN, is_automatic=False, deleted_at=None)
    return theirs.exclude(GIVEN).order_by("-provider_at", "-id").first()


def lay_aside_refused(conversation: Conversation, actor: Actor) -> None:
    """Answers that did not leave never will once another one is approved."""
    stuck = Q(message__conversation=conversation) | Q(message__conversation__linked_to=conversation)
    for outgoing in Outgoing.objects.filter(stuck, state=Outgoing.State.REFUSED):
        channels.take_back(outgoing, actor)


def private_talk(public: Conversation) -> Conversation:
    """The private conversation with somebody who asked in public: the open one, or a new one linked to it."""
    row = private_ways.talk_of(public)
    if row:
        return row
    at = now()
    try:
        with transaction.atomic():
            return _new_talk(public, at)
    except IntegrityError:  # somebody else began it this very moment
        found = private_ways.talk_of(public)
        assert found is not None
        return found


def _new_talk(public: Conversation, at: datetime) -> Conversation:
    return Conversation.objects.create(
        channel_id=public.channel_id, handle_id=public.handle_id, contact_id=public.contact_id, linked_to=public,
        site_id=public.site_id, source=public.source, language=public.language, topic_id=public.topic_id,
        topic_is_sure=public.topic_is_sure, assignee_id=public.assignee_id, last_activity_at=at, created_at=at,
    )  # fmt: skip


def _send(
    place: Conversation, asked: Message, text: str, by: Colleague, expert: Colleague | None,
    attachment_ids: Sequence[int], *, key: str, origin: Conversation, is_promise: bool = False,
) -> Message:  # fmt: skip
    at = now()
    visibility = "public" if place.is_public else "private"
    signed = (
        text
        if is_promise
        else sign(text, channel=origin.channel, colleague=by, expert=expert, language=origin.language)
    )
    if len(signed) > most_characters(origin, visibility):
        raise CannotLeave("too_long")
    files = list(Attachment.objects.filter(pk__in=attachment_ids, conversation=origin, message=None))
    outgoing = channels.enqueue(
        channel=origin.channel,
        kind="promise" if is_promise else "answer",
        target=_target(place, asked, origin),
        payload={**payload(place, signed, visibility, files), "by_person": not is_promise},
        key=key,
        not_before=at if connector_of(origin.channel).abilities.needs_hand else at + TAKE_BACK,
        lane=f"conversation:{place.pk}",
        site_id=place.site_id,
        public_post_id=place.public_post_id,
    )
    message = Message.objects.create(
        conversation=place, channel_id=place.channel_id, direction=Message.Direction.OUT, visibility=visibility,
        author=by, expert=expert, text=signed, original=text, language=place.language, outgoing=outgoing,
        answers=asked, understood_at=at, provider_at=at, received_at=at,
    )  # fmt: skip
    Attachment.objects.filter(pk__in=[file.pk for file in files]).update(message=message, conversation=place)
    return message


def _target(place: Conversation, asked: Message, origin: Conversation) -> dict[str, Any]:
    """A private word goes to what the person wrote in private, else hangs on their public comment."""
    if place.pk == origin.pk:
        return dict(asked.target)
    said = newest_inbound(place) if private_ways.way(origin, asked).kind != "comment" else None
    return dict(said.target) if said else {**asked.target, "visibility": "private"}


def most_characters(conversation: Conversation, visibility: str) -> int:
    """How long a message may be there, in the characters (code points) the platform counts."""
    abilities = connector_of(conversation.channel).abilities
    return (abilities.max_public_length if visibility == "public" else 0) or abilities.max_length


def payload(place: Conversation, text: str, visibility: str, files: Sequence[Attachment] = ()) -> dict[str, Any]:
    """What is said, in the shape every connector reads."""
    return {
        "text": text,
        "subject": _subject(place.subject),
        "visibility": visibility,
        "language": place.language,
        "window_from": place.last_inbound_at.isoformat() if place.last_inbound_at else "",
        "files": [{"name": file.name, "content_type": file.content_type, "path": file.file.name} for file in files],
        **replies.token(place),
    }


def _subject(subject: str) -> str:
    return subject if not subject or subject.lower().startswith(("re:", "aw:", "antw:")) else f"Re: {subject}"


def _after(held: Conversation, place: Conversation, message: Message, mode: Mode) -> None:
    Draft.objects.filter(conversation=held, mode=mode).delete()
    note_drafts(held)
    values = {"last_message_id": message.pk, "last_activity_at": message.provider_at}
    Conversation.objects.filter(pk=place.pk).update(**values, read_until_id=message.pk)
    said = " ".join(message.original.split())[:160]
    Conversation.objects.filter(pk=place.pk, first_words="", last_inbound_at=None).update(first_words=said)
    Conversation.objects.filter(pk=held.pk).update(failed_at=None, expert_draft_at=None)


@transaction.atomic
def promise(conversation: Conversation, text: str, *, by: Colleague, actor: Actor, key: str) -> Message:
    """Say that an answer comes tomorrow: it leaves like an answer but settles nothing, and the conversation is back
    on the desk tomorrow at eight. Raises `NobodyToAnswer` when there is nobody to say it to, `CannotLeave` when they
    asked for nothing more or the time to write freely is over."""
    held = locked(conversation)
    asked = newest_inbound(held)
    if asked is None:
        raise NobodyToAnswer
    done = Message.objects.filter(outgoing__key=_key(held, key)).first()
    if done:
        return done
    must_be_wanted(held)
    message = _send(held, asked, text, by, None, (), key=_key(held, key), origin=held, is_promise=True)
    seen = {"last_message_id": message.pk, "last_activity_at": message.provider_at, "read_until_id": message.pk}
    Conversation.objects.filter(pk=held.pk).update(**seen)
    audit.record(actor, "promised an answer", held, message=message.pk)
    snooze(held, tomorrow_morning(now()), actor)
    return message


def must_be_wanted(held: Conversation) -> None:
    """Raises `CannotLeave` for what leaves unasked: after a stop, or when only answers of a person may leave."""
    if held.has_stopped:
        raise CannotLeave("stopped")
    window = windows.of(held)
    if window is not None and window.state(now()) != "free":
        raise CannotLeave("window_closed")


def tomorrow_morning(at: datetime) -> datetime:
    """Eight o'clock on the next day, in the time zone of the desk."""
    here = at.astimezone(ZoneInfo(settings.TIME_ZONE)) + timedelta(days=1)
    return here.replace(hour=8, minute=0, second=0, microsecond=0).astimezone(UTC)


@transaction.atomic
def take_back(message: Message, actor: Actor) -> bool:
    """Keep an answer here before it leaves; its words lie in the box again. False when it left already."""
    if message.outgoing is None:
        return False
    taken = channels.take_back(message.outgoing, actor)
    if taken:
        audit.record(actor, "took an answer back", message.conversation, message=message.pk)
    return taken


def why_not_again(outgoing: Outgoing) -> str:
    """Why words that did not leave must not leave any more as they are: they would answer less than was said since."""
    message = Message.objects.filter(outgoing=outgoing).select_related("answers__conversation", "conversation").first()
    if message is None:
        return ""
    asked = locked(message.answers.conversation if message.answers else message.conversation)
    if wrote_since(asked, message.pk):
        return _("Not sent: the person wrote since. Your words lie in the box; read what is new first.")
    if answered_since(asked, message.pk, Q(outgoing=None) | Q(outgoing__kind="answer")):
        return _("Not sent: somebody of you answered meanwhile. Your words lie in the box; read that answer first.")
    return ""
