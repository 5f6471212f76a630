"""What became of answers: listeners to the outbox, in its transaction."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Min
from django.utils import translation
from django.utils.translation import gettext

from ganzohr.audit import actions as audit
from ganzohr.channels.events import (
    OutgoingAccepted,
    OutgoingByHand,
    OutgoingRefused,
    OutgoingTakenBack,
    OutgoingUnclear,
    OutgoingWaitsAgain,
    StatusesChanged,
)
from ganzohr.contacts.actions import change_id
from ganzohr.core.events import emit
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague
from ganzohr.inbox import clocks
from ganzohr.inbox.actions.drafts import note_drafts, put_in_the_box
from ganzohr.inbox.actions.notes import keep_note
from ganzohr.inbox.actions.receiving import take_waiting
from ganzohr.inbox.events import AnswersDelivered, AnswersFailed, AnswersTakenBack
from ganzohr.inbox.models import GIVEN, NO_CLOCK, Conversation, Draft, Message
from ganzohr.ui.live import touch

OUTBOX = audit.Actor("connector", label="outbox")


def _answers(outgoing_ids: Sequence[int]) -> list[Message]:
    """With the conversations they belong to and answer held, so that nothing comes in unseen meanwhile."""
    ours = Message.objects.filter(outgoing_id__in=outgoing_ids)
    places = {pk for pair in ours.values_list("conversation", "answers__conversation") for pk in pair}
    list(Conversation.objects.select_for_update(of=("self",)).filter(pk__in=places - {None}).order_by("id"))
    rows = ours.select_related(
        "outgoing", "author__user", "expert", "answers__conversation", "conversation__topic",
        "conversation__channel__hours", "conversation__channel__site__hours",
    )  # fmt: skip
    return list(rows)


def accepted(event: OutgoingAccepted) -> None:
    """They left: the clocks stop, unless the person wrote something newer meanwhile."""
    _meet(event.outgoing_ids)
    messages = _answers(event.outgoing_ids)
    for message in messages:
        _note_delivery(message)
        if _settles(message):
            _stop_clock(message)
            _forget_same_words(message)
        elif _is_template(message):
            _stop_clock(message)
    written = tuple(message.pk for message in messages if _settles(message))
    if written:
        emit(AnswersDelivered(written))
    take_waiting({(one.channel_id, one.outgoing.external_id) for one in messages if one.outgoing})
    _show(messages)


def _meet(outgoing_ids: Sequence[int]) -> None:
    """A private word to a comment says who wrote it, where the comment itself did not: they answer by that name."""
    handed_over = Message.objects.filter(
        outgoing_id__in=outgoing_ids, outgoing__target__has_keys=["comment_id", "recipient_id"]
    )
    for message in handed_over.select_related("outgoing", "conversation__handle"):
        known = message.conversation.handle.external_id
        named = str(message.outgoing and message.outgoing.target["recipient_id"])
        if named != known and change_id(message.channel_id, known, named):
            talks = Conversation.objects.filter(handle__channel_id=message.channel_id, handle__external_id=named)
            talks.filter(is_public=False, linked_to=None).update(linked_to_id=message.conversation.linked_to_id)


def _settles(message: Message) -> bool:
    """Written by a person, and more than the promise of an answer."""
    return not message.is_automatic and bool(message.outgoing and message.outgoing.kind == "answer")


def _is_template(message: Message) -> bool:
    """All that could be said by now: nothing more is owed until they write. It settles no question."""
    return bool(message.outgoing and message.outgoing.kind == "template")


def _note_delivery(message: Message) -> None:
    outgoing = message.outgoing
    assert outgoing is not None
    values: dict[str, object] = {"provider_at": outgoing.finished_at or now()}
    if outgoing.external_id and not message.external_id:
        same = Message.objects.filter(channel_id=message.channel_id, external_id=outgoing.external_id)
        same.filter(outgoing=None, direction=Message.Direction.OUT).delete()  # its echo came first
        if not same.exists():
            values["external_id"] = outgoing.external_id
    Message.objects.filter(pk=message.pk).update(**values)


def _stop_clock(message: Message) -> None:
    """The answer settles what it answered in its own conversation, and in the public one it was a private word to."""
    places = {message.conversation_id: message.conversation}
    asked = message.answers
    if asked and asked.conversation_id not in places:
        places[asked.conversation_id] = asked.conversation
    for place in places.values():
        _settle(place, message)


def _settle(place: Conversation, message: Message) -> None:
    outgoing = message.outgoing
    theirs = Message.objects.filter(
        conversation=place, direction=Message.Direction.IN, is_automatic=False, deleted_at=None, id__gt=message.pk
    ).exclude(GIVEN)
    since = theirs.aggregate(first=Min("provider_at"))["first"]
    is_asked = theirs.exclude(kind__in=NO_CLOCK).exists()
    due_at = clocks.due_at(place.channel, since, place.topic) if since and is_asked else None
    Conversation.objects.filter(pk=place.pk).update(unanswered_since=since, due_at=due_at, failed_at=None)
    finished = outgoing.finished_at if outgoing else None
    Conversation.objects.filter(pk=place.pk, first_answered_at=None).update(first_answered_at=finished or now())


def _forget_same_words(message: Message) -> None:
    """Words put back into the box after a refusal are not needed once the answer left after all."""
    same = Draft.objects.filter(conversation_id=message.conversation_id, mode=Draft.Mode.REPLY, text=message.original)
    if message.original and same.delete()[0]:
        note_drafts(message.conversation)


def refused(event: OutgoingRefused) -> None:
    """They did not leave: the words lie in the box again, the clock runs on, the row says so."""
    messages = _answers(event.outgoing_ids)
    for message in messages:
        if _settles(message):
            _start_clock_again(message)
            _back_into_the_box(message)
        elif _is_template(message):
            _start_clock_again(message)
        if not message.is_automatic:
            Conversation.objects.filter(pk=message.conversation_id).update(failed_at=now(), failed_how="refused")
    failed = tuple(message.pk for message in messages if _settles(message))
    if failed:
        emit(AnswersFailed(failed))
    _show(messages)


def _start_clock_again(message: Message) -> None:
    """It counted as delivered, and the platform says later that it was not: the person still waits."""
    asked = message.answers
    if message.external_id is None or asked is None:
        return
    for place in {asked.conversation_id: asked.conversation, message.conversation_id: message.conversation}.values():
        due_at = clocks.due_at(place.channel, asked.provider_at, place.topic)
        values = {"unanswered_since": asked.provider_at, "due_at": due_at}
        Conversation.objects.filter(pk=place.pk, unanswered_since=None).update(**values)


def statuses_changed(event: StatusesChanged) -> None:
    """Delivered, read: open pages show it."""
    _show(list(Message.objects.filter(outgoing_id__in=event.outgoing_ids)))


def waits_again(event: OutgoingWaitsAgain) -> None:
    """The same words leave once more: they need not lie in the box, and nothing is stuck."""
    messages = _answers(event.outgoing_ids)
    for message in messages:
        _forget_same_words(message)
        Conversation.objects.filter(pk=message.conversation_id).update(failed_at=None)
    _show(messages)


def unclear(event: OutgoingUnclear) -> None:
    """Nobody knows whether they left; a person must look, so the row says so."""
    messages = _answers(event.outgoing_ids)
    waiting = [message.conversation_id for message in messages if not message.is_automatic]
    Conversation.objects.filter(pk__in=waiting).update(failed_at=now(), failed_how="unclear")
    _show(messages)


def by_hand(event: OutgoingByHand) -> None:
    """They wait for somebody to post them."""
    _show(_answers(event.outgoing_ids))


def taken_back(event: OutgoingTakenBack) -> None:
    """They stay here: the words lie in the box again. After a refusal they came back then; what was made of them since
    stands."""
    messages = _answers(event.outgoing_ids)
    written = [message for message in messages if _settles(message)]
    for message in written:
        if not event.after_refusal:
            _back_into_the_box(message)
    if written:
        emit(AnswersTakenBack(tuple(message.pk for message in written)))
    for message in messages:
        if not message.is_automatic and message not in written:
            _back_on_the_desk(message.conversation)
    _show(messages)


def _back_on_the_desk(conversation: Conversation) -> None:
    """The promise of an answer was taken back, so it is not put off either."""
    if conversation.state == Conversation.State.SNOOZED:
        audit.move(conversation, Conversation.State.OPEN, OUTBOX, also={"snoozed_until": None})


def _back_into_the_box(message: Message) -> None:
    """Where they were written: a private word to a public comment belongs to the public conversation's box.

    Where other words lie in that box by now, they stand as a note beside it, so that they are never lost.
    """
    place, mode = message.conversation, "reply"
    if message.answers and message.answers.conversation_id != place.pk:
        place, mode = message.answers.conversation, "private"
    words, knows = message.original or message.text, message.answers_id or 0
    message.attachments.update(message=None, conversation=place)
    if words.strip() and not put_in_the_box(
        place, words, message.author, knows_message_id=knows, mode=mode, expert=message.expert
    ):
        keep_note(place, _unsent(message.author, words), message.author, OUTBOX)


def _unsent(author: Colleague | None, words: str) -> str:
    """What the note says, in the language of whoever approved the words."""
    language = author.user.language if author and author.user else ""
    with translation.override(language or translation.get_language()):
        return gettext("These words did not leave: %(words)s") % {"words": words}


def _show(messages: Sequence[Message]) -> None:
    if messages:
        touch("inbox", *(f"conversation:{message.conversation_id}" for message in messages))
