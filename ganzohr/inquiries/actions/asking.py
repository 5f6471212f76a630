"""An inquiry begins, somebody is asked, somebody else is asked, nobody needs to be asked any more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction

from ganzohr.accounts.models import User
from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor, NotAllowed
from ganzohr.channels.models import Outgoing
from ganzohr.core import times
from ganzohr.directory.hours import add_open_time
from ganzohr.directory.models import Colleague
from ganzohr.inbox import actions as inbox
from ganzohr.inbox.clocks import PROMISED_MINUTES, rules_of
from ganzohr.inbox.models import Conversation, Kind, Message
from ganzohr.inquiries import facts, why, words
from ganzohr.inquiries.actions import unsent
from ganzohr.inquiries.actions.telling import tell
from ganzohr.inquiries.models import ExpertWords, Inquiry, InquiryQuerySet
from ganzohr.inquiries.routing import Route
from ganzohr.notifications import actions as notifications
from ganzohr.notifications.models import Ask, Letter
from ganzohr.topics.models import Topic
from ganzohr.ui import live

State = Inquiry.State
KIND = unsent.KIND
DESK = audit.round_("inquiries")
PLACE = ("channel__hours", "channel__site__hours", "site", "contact", "handle", "public_post", "assignee")
WITH_ALL = (*(f"conversation__{name}" for name in PLACE), "topic", "site", "colleague")


def held(inquiry_id: int) -> Inquiry:
    """The inquiry, locked until the transaction ends; its conversation first, as in the inbox: no deadlock."""
    place = Inquiry.objects.filter(pk=inquiry_id).values("conversation_id")
    Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=place).first()
    return Inquiry.objects.select_for_update(of=("self",), no_key=True).select_related(*WITH_ALL).get(pk=inquiry_id)


def running_in(conversation: Conversation) -> Inquiry | None:
    """The one running inquiry of a conversation, locked."""
    pk = Inquiry.objects.filter(conversation=conversation).running().values_list("pk", flat=True).first()
    return held(pk) if pk else None


def expert_due(conversation: Conversation, topic: Topic | None) -> dt.datetime:
    """Until when we ask for an answer: three quarters of the promised opening time, so that some is left to us."""
    minutes = (topic.promised_minutes if topic else PROMISED_MINUTES) * 3 // 4
    due = add_open_time(rules_of(conversation.channel), times.now(), minutes)
    promised = conversation.due_at
    return min(due, promised) if promised and promised > times.now() else due


@transaction.atomic
def start(conversation: Conversation, topic: Topic | None, messages: Sequence[Message], actor: Actor) -> Inquiry | None:
    """Begin an inquiry with these messages as its question; None when one is running already. Nobody is asked yet."""
    newest = max(messages, key=lambda message: message.pk)
    try:
        with transaction.atomic():
            made = Inquiry.objects.create(
                conversation=conversation,
                message=newest,
                topic=topic,
                site_id=conversation.site_id,
                language=newest.language or conversation.language,
                question="\n\n".join(message.text.strip() for message in messages if message.text.strip()),
                knows_message_id=newest.pk,
                created_at=times.now(),
            )
    except IntegrityError:
        return None
    audit.record(actor, "began an inquiry", made, conversation=conversation.pk, topic=topic.pk if topic else None)
    return held(made.pk)


@transaction.atomic
def ask_by_route(
    inquiry: Inquiry, actor: Actor, *, without: Iterable[int] = (), by: Colleague | None = None
) -> Ask | None:
    """Ask whom routing names; with nobody to ask the gap is noted, shown, and ours."""
    everybody = facts.staff()
    route = Route(None, ("nobody",))
    if inquiry.topic:
        route = facts.routes(inquiry.conversation, [inquiry.topic], everybody, without)[inquiry.topic.pk]
    site = inquiry.conversation.site.name if inquiry.conversation.site else ""
    reason = why.kept(route, everybody.colleagues, site)
    if route.colleague is None:
        Inquiry.objects.filter(pk=inquiry.pk).update(why=reason)
        inquiry.why = reason
        audit.record(actor, "found nobody to ask", inquiry, codes=list(route.why))
        show(inquiry)
        return None
    asked = open_ask(inquiry)
    if asked and inquiry.state == State.ASKED and asked.colleague_id == route.colleague:
        return asked
    return ask_colleague(inquiry, everybody.colleagues[route.colleague], actor, reason=reason, by=by)


@transaction.atomic
def ask_colleague(
    inquiry: Inquiry,
    colleague: Colleague,
    actor: Actor,
    *,
    reason: dict[str, object],
    by: Colleague | None = None,
    key: str = "",
    due_at: dt.datetime | None = None,
) -> Ask:
    """Ask this colleague, and nobody else any more; earlier links close. The same key asks once.

    Raises `NotAllowed` while an approved answer is on its way.
    """
    key = f"inquiry:{inquiry.pk}:{key or _turn(inquiry)}"
    done = Letter.objects.filter(key=key).select_related("ask").first()
    if done and done.ask:
        return done.ask
    _refuse_while_answer_leaves(inquiry)
    notifications.revoke(KIND, inquiry.pk, actor)
    due = due_at or expert_due(inquiry.conversation, inquiry.topic)
    also = {
        "colleague_id": colleague.pk,
        "why": reason,
        "due_at": due,
        "asked_at": times.now(),
        "asked_by_id": by.pk if by else None,
    }
    audit.move(inquiry, State.ASKED, actor, also=also, colleague=colleague.pk, codes=reason.get("codes"))
    inquiry.colleague = colleague
    made = notifications.ask(
        kind=KIND,
        subject_id=inquiry.pk,
        colleague=colleague,
        due_at=due,
        words=words.question(inquiry, colleague),
        key=key,
    )
    inbox.set_waiting(inquiry.conversation_id, colleague, due)
    show(inquiry)
    return made


def _refuse_while_answer_leaves(inquiry: Inquiry) -> None:
    """What was approved may be read any moment; only one that came to nothing lets the inquiry go on."""
    outgoing = inquiry.answer.outgoing if inquiry.state == State.APPROVED and inquiry.answer else None
    if outgoing and outgoing.state not in (Outgoing.State.REFUSED, Outgoing.State.TAKEN_BACK):
        raise NotAllowed


def open_ask(inquiry: Inquiry) -> Ask | None:
    """Behind whose link the answer is expected."""
    return Ask.objects.filter(kind=KIND, subject_id=inquiry.pk, revoked_at=None).select_related("colleague").first()


def _turn(inquiry: Inquiry) -> int:
    return Ask.objects.filter(kind=KIND, subject_id=inquiry.pk).count()


@transaction.atomic
def choose_topic_and_ask(conversation: Conversation, topic: Topic, actor: Actor, by: Colleague | None) -> Ask | None:
    """One press: what it is about is set, learnt, and whoever answers that is asked. None: nobody answers it yet."""
    inbox.choose_topic(conversation, topic, actor)
    conversation.topic = topic
    running = running_in(conversation)
    if running is None:
        asked = open_question(conversation)
        running = start(conversation, topic, asked, actor) if asked else None
    elif running.state in (State.NEW, State.ASKED, State.ASKED_BACK, State.DECLINED):
        Inquiry.objects.filter(pk=running.pk).update(topic=topic)
        running.topic = topic
    else:
        return None
    return ask_by_route(running, actor, by=by) if running else None


def waiting_for_somebody(user: User, topic: Topic) -> InquiryQuerySet:
    """Questions of this topic for which nobody was found."""
    return Inquiry.objects.visible_to(user).filter(topic=topic, state=State.NEW)


def ask_now(inquiries: Iterable[int], actor: Actor, by: Colleague | None) -> list[Ask]:
    """Ask whom routing names by now for questions that found nobody; those that still find nobody wait on."""
    asked = (_ask_now(pk, actor, by) for pk in inquiries)
    return [one for one in asked if one]


@transaction.atomic
def _ask_now(inquiry_id: int, actor: Actor, by: Colleague | None) -> Ask | None:
    inquiry = held(inquiry_id)
    return ask_by_route(inquiry, actor, by=by) if inquiry.state == State.NEW else None


@transaction.atomic
def ask_by_hand(
    conversation: Conversation, colleague: Colleague, question: str, actor: Actor, by: Colleague | None, *, key: str
) -> Ask | None:
    """The manager chose the colleague and read the question; None when there is nothing that could be asked."""
    running = running_in(conversation)
    if running is None:
        asked = open_question(conversation) or list(conversation.messages.filter(direction="in", deleted_at=None))[-1:]
        running = start(conversation, conversation.topic, asked, actor) if asked else None
    if running is None or not question.strip():
        return None
    Inquiry.objects.filter(pk=running.pk).update(question=question.strip())
    running.question = question.strip()
    chosen: dict[str, object] = {"codes": ["chosen"], "by": by.name if by else actor.label}
    reason = _routed(running, colleague) or chosen
    return ask_colleague(running, colleague, actor, reason=reason, by=by, key=key)


def _routed(inquiry: Inquiry, colleague: Colleague) -> dict[str, object] | None:
    """The reason routing gives for the same colleague, which says more than that somebody chose them."""
    if not inquiry.topic:
        return None
    everybody = facts.staff()
    route = facts.routes(inquiry.conversation, [inquiry.topic], everybody)[inquiry.topic.pk]
    site = inquiry.conversation.site.name if inquiry.conversation.site else ""
    return why.kept(route, everybody.colleagues, site) if route.colleague == colleague.pk else None


def open_question(conversation: Conversation) -> list[Message]:
    """What the person wrote since our last answer, oldest first, without praise, reactions and what they deleted."""
    theirs = conversation.messages.filter(direction=Message.Direction.IN, deleted_at=None, is_automatic=False)
    if conversation.unanswered_since:
        theirs = theirs.filter(provider_at__gte=conversation.unanswered_since)
    rows = theirs.exclude(kind__in=[Kind.PRAISE, Kind.REACTION, Kind.NONSENSE]).order_by("-provider_at", "-id")
    return [row for row in reversed(rows[:5]) if row.text.strip()]


@transaction.atomic
def withdraw(inquiry_id: int, actor: Actor) -> None:
    """No answer is needed: links close, and whoever was asked is told. `NotAllowed` while an answer is on its way."""
    inquiry = held(inquiry_id)
    _refuse_while_answer_leaves(inquiry)
    asked = inquiry.colleague if inquiry.state in (State.ASKED, State.ASKED_BACK) else None
    ask = open_ask(inquiry)
    audit.move(inquiry, State.WITHDRAWN, actor)
    notifications.revoke(KIND, inquiry.pk, actor)
    unsent.keep_here(inquiry, actor, "ask", "told")
    if asked and ask and unsent.was_reached(ask):
        tell(asked, words.not_needed(inquiry, asked), key=f"withdrawn:{inquiry.pk}", ask=ask)
    inbox.set_waiting(inquiry.conversation_id, None, None)
    show(inquiry)


def declined_by(inquiry: Inquiry) -> set[int]:
    """Colleagues who said that it is not theirs."""
    rows = ExpertWords.objects.filter(inquiry=inquiry, said=ExpertWords.Said.NOT_MINE, colleague__isnull=False)
    return {pk for pk in rows.values_list("colleague_id", flat=True) if pk}


def show(inquiry: Inquiry) -> None:
    """Open pages fetch their part again."""
    live.touch("inquiries", "inbox", f"conversation:{inquiry.conversation_id}")
