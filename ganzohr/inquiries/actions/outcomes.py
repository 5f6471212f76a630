"""What became of the manager's answer: listeners to the inbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ganzohr.audit import actions as audit
from ganzohr.audit.models import Entry
from ganzohr.core import times
from ganzohr.directory.models import Colleague
from ganzohr.inbox import actions as inbox
from ganzohr.inbox.events import (
    AnswersDelivered,
    AnswersFailed,
    AnswersQueued,
    AnswersTakenBack,
)
from ganzohr.inbox.models import Conversation, Message
from ganzohr.inquiries import words
from ganzohr.inquiries.actions.asking import DESK, KIND, WITH_ALL, State, held, show, withdraw
from ganzohr.inquiries.actions.telling import tell
from ganzohr.inquiries.actions.unsent import ask_after_all, keep_here, was_reached
from ganzohr.inquiries.models import ExpertWords, Inquiry
from ganzohr.notifications.models import Ask

UNDONE_WITHIN = dt.timedelta(minutes=1)
CLOSED = Q(conversation__state=Conversation.State.CLOSED)


def queued(event: AnswersQueued) -> None:
    """A person approved an answer: the running inquiry keeps that very text. (now)"""
    messages = Message.objects.filter(pk__in=event.message_ids, outgoing__kind="answer").select_related(
        "answers", "author"
    )
    for message in messages.order_by("id"):
        inquiry = _running_for(message)
        if inquiry:
            _approve(inquiry, message)


def _running_for(message: Message) -> Inquiry | None:
    """A private word to a public comment answers the inquiry of the public conversation."""
    places = {message.conversation_id, message.answers.conversation_id if message.answers else message.conversation_id}
    rows = Inquiry.objects.filter(conversation__in=places).running()
    pk = rows.order_by("id").values_list("pk", flat=True).first()
    return held(pk) if pk else None


def _approve(inquiry: Inquiry, message: Message) -> None:
    now = times.now()
    by = message.author
    also = {
        "approved_at": now,
        "approved_by_id": by.pk if by else None,
        "approved_text": message.original or message.text,
        "approved_from": inquiry.approved_from if inquiry.state == State.APPROVED else inquiry.state,
        "answer_id": message.pk,
    }
    actor = audit.by_user(by.user) if by and by.user else DESK
    audit.move(inquiry, State.APPROVED, actor, also=also, message=message.pk)
    keep_here(inquiry, actor, "ask")
    inbox.set_waiting(inquiry.conversation_id, None, None)
    Conversation.objects.filter(pk=inquiry.conversation_id).update(expert_draft_at=None)
    show(inquiry)


def taken_back(event: AnswersTakenBack) -> None:
    """The answer stays here: the inquiry stands where it stood; without a question left nobody is asked. (now)"""
    for inquiry in _approved_with(event.message_ids):
        before = inquiry.approved_from or State.DRAFTED
        also = {
            "approved_at": None,
            "approved_by_id": None,
            "approved_text": "",
            "approved_from": "",
            "answer_id": None,
        }
        audit.move(inquiry, before, DESK, also=also)
        if not inquiry.question and before != State.DRAFTED:
            withdraw(inquiry.pk, DESK)
            continue
        if before == State.ASKED:
            inbox.set_waiting(inquiry.conversation_id, inquiry.colleague, inquiry.due_at)
            ask_after_all(inquiry, DESK)
        if before == State.DRAFTED:
            Conversation.objects.filter(pk=inquiry.conversation_id).update(expert_draft_at=inquiry.drafted_at)
        show(inquiry)


def failed(event: AnswersFailed) -> None:
    """It did not leave: still approved, with the reason in the trail; the inbox says so on the row. (now)"""
    for inquiry in _approved_with(event.message_ids):
        reason = inquiry.answer.outgoing.outcome if inquiry.answer and inquiry.answer.outgoing else ""
        audit.record(DESK, "answer did not leave", inquiry, message=inquiry.answer_id, reason=reason)
        show(inquiry)


def delivered(event: AnswersDelivered) -> None:
    """The platform confirmed it: answered, also where it was refused first and somebody was asked again. (now)"""
    for inquiry in _held_with(event.message_ids, Inquiry.objects.running()):
        if inquiry.state != State.APPROVED:
            audit.move(inquiry, State.APPROVED, DESK, message=inquiry.answer_id)
            inbox.set_waiting(inquiry.conversation_id, None, None)
        audit.move(inquiry, State.ANSWERED, DESK, also={"answered_at": times.now()}, message=inquiry.answer_id)
        keep_here(inquiry, DESK, "ask", "told")
        show(inquiry)


def _approved_with(message_ids: Sequence[int]) -> list[Inquiry]:
    return _held_with(message_ids, Inquiry.objects.filter(state=State.APPROVED))


def _held_with(message_ids: Sequence[int], among: QuerySet[Inquiry]) -> list[Inquiry]:
    """Most answers are no inquiry's, which is seen without reading all that belongs to one."""
    found = list(among.filter(answer__in=message_ids).values_list("pk", flat=True))
    if not found:
        return []
    rows = among.select_for_update(of=("self",), no_key=True).select_related(*WITH_ALL, "answer__outgoing")
    return list(rows.filter(pk__in=found))


def tell_experts(event: AnswersDelivered) -> None:
    """Whoever helped reads what was posted and is thanked; whoever is still asked hears that it is settled. (later)"""
    told_before = Q(told_at__isnull=False)
    rows = Inquiry.objects.filter(answer__in=event.message_ids, state=State.ANSWERED).exclude(told_before)
    for inquiry in rows.select_related(*WITH_ALL):
        helped = _helped(inquiry)
        for colleague in helped:
            link = inquiry.conversation.public_post.permalink if inquiry.conversation.public_post else ""
            told = words.posted(inquiry, colleague, inquiry.approved_text, link)
            tell(colleague, told, key=f"posted:{inquiry.pk}:{colleague.pk}", ask=_ask_of(inquiry, colleague))
        _settle(inquiry, {colleague.pk for colleague in helped})
        Inquiry.objects.filter(pk=inquiry.pk).update(told_at=times.now())


def _helped(inquiry: Inquiry) -> list[Colleague]:
    in_time = Q(is_late=False) | Q(created_at__lte=F("inquiry__approved_at"))  # also when somebody else was asked since
    rows = ExpertWords.objects.filter(in_time, inquiry=inquiry, said=ExpertWords.Said.ANSWER, colleague__isnull=False)
    return list(Colleague.objects.filter(pk__in=rows.values("colleague")).order_by("pk"))


def _settle(inquiry: Inquiry, helped: set[int]) -> None:
    asked = inquiry.colleague
    open_ = _ask_of(inquiry, asked) if asked and asked.pk not in helped else None
    if asked and open_ and open_.revoked_at is None and open_.answered_at is None and was_reached(open_):
        told = words.answered_without(inquiry, asked, inquiry.approved_text)
        tell(asked, told, key=f"settled:{inquiry.pk}:{asked.pk}", ask=open_)


def _ask_of(inquiry: Inquiry, colleague: Colleague | None) -> Ask | None:
    return Ask.objects.filter(kind=KIND, subject_id=inquiry.pk, colleague=colleague).first()


def withdraw_closed() -> int:
    """Conversations closed without an answer: after a minute, in which closing can be undone, nobody needs to be asked
    any more. How many inquiries ended."""
    just = Entry.objects.filter(
        object_kind="inbox.conversation", object_id=OuterRef("conversation_id"), verb="moved to closed",
        at__gt=times.now() - UNDONE_WITHIN,
    )  # fmt: skip
    rows = Inquiry.objects.running().exclude(state=State.APPROVED).filter(CLOSED).exclude(Exists(just))
    return sum(_withdraw_if_closed(pk) for pk in rows.values_list("pk", flat=True)[:200])


@transaction.atomic
def _withdraw_if_closed(pk: int) -> bool:
    held(pk)
    is_closed = Inquiry.objects.running().exclude(state=State.APPROVED).filter(CLOSED, pk=pk).exists()
    if is_closed:
        withdraw(pk, DESK)
    return is_closed
