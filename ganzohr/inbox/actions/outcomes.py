"""What became of answers: listeners to the outbox, in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
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
from ganzohr.channels.models import Outgoing
from ganzohr.contacts.actions import change_id
from ganzohr.core.events import emit
from ganzohr.core.rows import change
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague
from ganzohr.inbox import clocks
from ganzohr.inbox.actions.drafts import note_drafts, put_in_the_box
from ganzohr.inbox.actions.notes import keep_note
from ganzohr.inbox.actions.receiving import take_waiting
from ganzohr.inbox.events import AnswersDelivered, AnswersFailed, AnswersTakenBack
from ganzohr.inbox.models import NO_CLOCK, Conversation, Draft, Message
from ganzohr.ui.live import touch

OUTBOX = audit.Actor("connector", label="outbox")
State = Outgoing.State

ASKED_SINCE = """
SELECT m.conversation_id, min(m.provider_at), bool_or(m.kind <> ALL(%s))
FROM unnest(%s::bigint[], %s::bigint[]) AS answered(place, message)
JOIN inbox_message m ON m.conversation_id = answered.place AND m.id > answered.message
WHERE m.direction = 'in' AND NOT m.is_automatic AND m.deleted_at IS NULL
  AND NOT (m.kind = 'reaction' AND m.target ? 'by')
GROUP BY m.conversation_id
"""

# The row stands where it stood before an answer that stayed here: at the newest thing that came or left.
AS_BEFORE = """
UPDATE inbox_conversation c SET last_message_id = newest.id, last_activity_at = newest.at
FROM inbox_message taken, LATERAL (
  SELECT m.id, m.provider_at AS at FROM inbox_message m LEFT JOIN channels_outgoing o ON o.id = m.outgoing_id
  WHERE m.conversation_id = taken.conversation_id AND m.id <> taken.id AND NOT (m.is_automatic AND m.direction = 'out')
    AND o.state IS DISTINCT FROM 'taken_back' AND NOT (m.kind = 'reaction' AND m.target ? 'by')
  ORDER BY m.id DESC LIMIT 1) newest
WHERE taken.id = ANY(%s) AND c.id = taken.conversation_id AND c.last_message_id = taken.id
"""


def _answers(outgoing_ids: Sequence[int], *more: str) -> list[Message]:
    """With the conversations they belong to and answer held, so that nothing comes in unseen meanwhile."""
    ours = Message.objects.filter(outgoing_id__in=outgoing_ids)
    places = {pk for pair in ours.values_list("conversation", "answers__conversation") for pk in pair}
    list(
        Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=places - {None}).order_by("id")
    )
    return list(ours.select_related("outgoing", "conversation", "answers__conversation", *more))


def accepted(event: OutgoingAccepted) -> None:
    """They left: the clocks stop, unless the person wrote something newer meanwhile."""
    _meet(event.outgoing_ids)
    messages = _answers(event.outgoing_ids)
    if not messages:
        return
    written = [message for message in messages if _settles(message)]
    _note_delivery(messages)
    _stop_clocks([message for message in messages if _settles(message) or _is_template(message)])
    _forget_same_words(written)
    if written:
        emit(AnswersDelivered(tuple(message.pk for message in written)))
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


def _note_delivery(messages: Sequence[Message]) -> None:
    """When they left and under which id; an echo that came first gives way, a message of that id does not."""
    named: dict[tuple[int, str], int] = {}
    for message in messages:
        if message.outgoing and message.outgoing.external_id and not message.external_id:
            named.setdefault((message.channel_id, message.outgoing.external_id), message.pk)
    taken = _taken(set(named)) if named else set()
    ids = {pk: external_id for (channel_id, external_id), pk in named.items() if (channel_id, external_id) not in taken}
    rows = [
        (
            message.pk,
            (message.outgoing and message.outgoing.finished_at) or now(),
            ids.get(message.pk, message.external_id),
        )
        for message in messages
    ]
    change(Message, ["provider_at", "external_id"], rows)


def _taken(ids: set[tuple[int, str]]) -> set[tuple[int, str]]:
    same = Message.objects.filter(channel_id__in={one[0] for one in ids}, external_id__in={one[1] for one in ids})
    rows = [row for row in same.only("channel_id", "external_id", "outgoing_id", "direction") if _id(row) in ids]
    echoes = [row for row in rows if row.outgoing_id is None and row.direction == Message.Direction.OUT]
    if echoes:
        Message.objects.filter(pk__in=[row.pk for row in echoes]).delete()
    return {_id(row) for row in rows if row not in echoes}


def _id(message: Message) -> tuple[int, str]:
    return message.channel_id, str(message.external_id)


def _stop_clocks(messages: Sequence[Message]) -> None:
    """An answer settles what it answered in its own conversation, and in the public one it was a private word to."""
    settled: dict[int, tuple[Conversation, Message]] = {}
    for message in messages:
        for place in (message.conversation, message.answers and message.answers.conversation):
            if place:
                settled[place.pk] = place, message
    if not settled:
        return
    asked = _asked_since({pk: message.pk for pk, (_place, message) in settled.items()})
    rows = []
    for pk, (place, message) in settled.items():
        since, is_asked = asked.get(pk, (None, False))
        due_at = clocks.due_at(place.channel, since, place.topic) if since and is_asked else None
        finished_at = (message.outgoing and message.outgoing.finished_at) or now()
        rows.append((pk, since, due_at, None, place.first_answered_at or finished_at))
    change(Conversation, ["unanswered_since", "due_at", "failed_at", "first_answered_at"], rows)


def _asked_since(answered: dict[int, int]) -> dict[int, tuple[datetime, bool]]:
    """By conversation: since when they wait for more than this message of ours, and whether that wants an answer."""
    with connection.cursor() as cursor:
        cursor.execute(ASKED_SINCE, [[str(kind) for kind in NO_CLOCK], list(answered), list(answered.values())])
        return {place: (since, is_asked) for place, since, is_asked in cursor.fetchall()}


def _forget_same_words(messages: Sequence[Message]) -> None:
    """Words put back into the box after a refusal are not needed once the answer left after all."""
    words = {message.conversation_id: message for message in messages if message.original}
    if not words:
        return
    drafts = Draft.objects.filter(conversation_id__in=words, mode=Draft.Mode.REPLY)
    same = [row for row in drafts if row.text == words[row.conversation_id].original]
    if same:
        Draft.objects.filter(pk__in=[row.pk for row in same]).delete()
    for row in same:
        note_drafts(words[row.conversation_id].conversation)


def refused(event: OutgoingRefused) -> None:
    """They did not leave: the words lie in the box again, the clock runs on, the row says so."""
    messages = _answers(event.outgoing_ids, "author__user", "expert")
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
        _forget_same_words([message])
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
    with connection.cursor() as cursor:
        cursor.execute(AS_BEFORE, [[message.pk for message in messages]])
    if event.after_refusal:
        _forget_failures({message.conversation_id for message in messages if not message.is_automatic})
    for message in messages:
        if not message.is_automatic and message not in written:
            _back_on_the_desk(message.conversation)
    _show(messages)


def _forget_failures(places: set[int]) -> None:
    """Nothing is asked of anybody any more about what stays here for good; about something else of theirs it is."""
    stuck = Message.objects.filter(is_automatic=False, outgoing__state__in=[State.REFUSED, State.UNCLEAR])
    for pk in sorted(places):
        how = stuck.filter(conversation=pk).order_by("-id").values_list("outgoing__state", flat=True).first()
        left = {"failed_how": how} if how else {"failed_at": None}
        Conversation.objects.filter(pk=pk, failed_at__isnull=False).update(**left)


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
