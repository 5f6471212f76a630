"""What needs me now and what waits for others: rows read for one page, and the sentence of the day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from ganzohr.accounts.models import User
from ganzohr.channels import holds
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.core.times import now
from ganzohr.desk.facts import Facts
from ganzohr.inbox.models import Conversation, ConversationQuerySet, Kind, Message
from ganzohr.inbox.people import colleague_of
from ganzohr.inbox.places import network_of
from ganzohr.inbox.rows import with_form
from ganzohr.inquiries import sending
from ganzohr.insights.figures import zone
from ganzohr.language.mood import is_emergency
from ganzohr.ui import counted
from ganzohr.website.models import Visit

SHOWN = 12
SOON = timedelta(hours=1)
# As in the index `conv_pressing`.
PRESSING = Case(When(failed_at__isnull=False, then=Value(0)), default=Value(1), output_field=IntegerField())
Verb = Literal["send_again", "decide", "post", "approve", "choose", "thank", "close", "answer"]


@dataclass(frozen=True)
class Need:
    """A conversation and the verb that helps. `is_emergency`: its newest words speak of danger to life."""

    conversation: Conversation
    verb: Verb
    network: str
    is_emergency: bool = False


@dataclass(frozen=True)
class Sums:
    """How much there is, counted up to 100. `next_due_at` is the next promise that has not run out yet; `unsent` are
    those of `asked` whose mail lies here still.
    """

    questions: int
    late: int
    failed: int
    drafts: int
    asked: int
    next_due_at: datetime | None
    unsent: int = 0


def mine(user: User) -> ConversationQuerySet:
    """Open conversations this user may see that are theirs or nobody's and in which something is owed now. Nothing is
    where the newest word is an answer that waits to leave or leaves."""
    unanswered = Q(unanswered_since__isnull=False, waits_for=None)
    owed = Q(failed_at__isnull=False) | Q(expert_draft_at__isnull=False) | unanswered
    return _of_mine(user).filter(owed).exclude(last_message_id__in=_on_their_way())


def _of_mine(user: User) -> ConversationQuerySet:
    seen = Conversation.objects.visible_to(user).filter(state=Conversation.State.OPEN)
    return seen.filter(Q(assignee=None) | Q(assignee=colleague_of(user)))


def _on_their_way() -> QuerySet[Message, Any]:
    way = [Outgoing.State.WAITING, Outgoing.State.SENDING]
    return Message.objects.filter(outgoing__state__in=way, is_automatic=False).values("pk")


def _to_post() -> QuerySet[Outgoing]:
    """What a person has approved and is to post in this conversation."""
    return Outgoing.objects.posted_by_hand().filter(message__conversation=OuterRef("pk"))


def needs(user: User) -> list[Need]:
    """The most pressing first: where somebody's life may be in danger (among the first 100), what failed to leave, then
    by the promised time, then by age."""
    rows = (
        with_form(mine(user))
        .select_related("channel", "topic", "handle", "contact", "waits_for")
        .annotate(is_to_post=Exists(_to_post()))
        .order_by(PRESSING, Coalesce("due_at", "unanswered_since", "last_activity_at"), "id")[: counted.CAP]
    )
    all_ = [Need(row, verb_for(row), network_of(row), is_emergency(row.first_words)) for row in rows]
    return sorted(all_, key=lambda need: not need.is_emergency)[:SHOWN]


def verb_for(conversation: Conversation) -> Verb:
    """What helps in this conversation next."""
    if conversation.failed_at:
        return "decide" if conversation.failed_how == "unclear" else "send_again"
    if getattr(conversation, "is_to_post", False) or conversation.expert_draft_at:
        return "post" if getattr(conversation, "is_to_post", False) else "approve"
    if conversation.kind == Kind.PRAISE:
        return "thank"
    if conversation.kind == Kind.NONSENSE:
        return "close"
    if conversation.kind == Kind.QUESTION and not conversation.topic_is_sure:
        return "choose"
    return "answer"


def sums(user: User, asked: int, at: datetime, unsent: int = 0) -> Sums:
    """Each counted by itself up to 100, in one query: whoever has a flood hears of the one answer in it that did not
    leave, and a flood costs little more than a normal day."""
    rows, failed = mine(user), Q(failed_at__isnull=False) & ~Q(failed_how="unclear")
    parts = {
        "questions": rows.order_by()[: counted.CAP],
        "late": rows.filter(due_at__lt=at).order_by("due_at")[: counted.CAP],
        "failed": rows.annotate(pressing=PRESSING).filter(failed, pressing=0).order_by()[: counted.CAP],
        "drafts": rows.filter(expert_draft_at__isnull=False).order_by()[: counted.CAP],
        "next": rows.filter(due_at__gte=at).order_by("due_at")[:1],
    }
    first, *rest = (part.values_list(Value(name), "due_at") for name, part in parts.items())
    all_ = list(first.union(*rest, all=True))
    found = Counter(name for name, _due_at in all_)
    return Sums(
        questions=found["questions"],
        late=found["late"],
        failed=found["failed"],
        drafts=found["drafts"],
        asked=asked,
        unsent=unsent,
        next_due_at=next((due_at for name, due_at in all_ if name == "next"), None),
    )


def waiting(user: User) -> QuerySet[Conversation]:
    """Open conversations in which a colleague was asked and has not answered yet, the next due first."""
    return (
        Conversation.objects.visible_to(user)
        .filter(waits_for__isnull=False, expert_draft_at=None)
        .exclude(state=Conversation.State.CLOSED)
        .annotate(is_unsent=sending.waits_unsent(now()))
        .select_related("waits_for", "topic", "handle", "contact", "channel")
        .order_by(F("waits_until").asc(nulls_last=True), "id")
    )


def held(user: User) -> list[Conversation]:
    """Open conversations, theirs or nobody's, whose answer is written and held back, the next due first."""
    kept = Message.objects.filter(outgoing__in=holds.kept_here(Outgoing.objects.all()), is_automatic=False)
    rows = _of_mine(user).filter(unanswered_since__isnull=False, last_message_id__in=kept.values("pk"))
    named = rows.select_related("topic", "handle", "contact", "channel")
    return list(named.order_by(F("due_at").asc(nulls_last=True), "id")[: counted.CAP])


def since(user: User, at: datetime) -> dict[str, Any]:
    """New, answered and thanked since 18:00 of the day before, by the desk's clock."""
    local = at.astimezone(zone()) - timedelta(days=1)
    evening = local.replace(hour=18, minute=0, second=0, microsecond=0)
    seen = Conversation.objects.visible_to(user).filter(last_activity_at__gte=evening)
    counts: dict[str, Any] = seen.aggregate(
        new=Count("id", filter=Q(created_at__gte=evening)),
        answered=Count("id", filter=Q(first_answered_at__gte=evening)),
        thanked=Count("id", filter=Q(first_answered_at__gte=evening, kind=Kind.PRAISE)),
    )
    return counts


def erasures_asked(user: User) -> list[Conversation]:
    """Conversations whose visitor asked on the private page that everything be erased, and is not yet."""
    asked = Visit.objects.exclude(erasure_asked_at=None).values("external_id")
    seen = Conversation.objects.visible_to(user).filter(channel__kind="website", handle__external_id__in=asked)
    return list(seen.select_related("handle", "contact", "channel").order_by("-id")[:5])


def hands(user: User, there: Facts) -> dict[str, Any]:
    """What waits for a hand apart from conversations: channels with a problem, everything unclear, things to
    post that stand in no row above. Counted no further than it is worth, however much is open or ever failed."""
    broken = Channel.objects.visible_to(user).exclude(problem="").exclude(state=Channel.State.DISCONNECTED)
    broken = broken.exclude(settings__contains={"is_unfinished": True})  # nobody waits there yet
    return {
        "channels": list(broken[:5]),
        "set_aside": there.unread_at,
        **_stuck(user),
        "erasures": erasures_asked(user) if there.erasure_asked else [],
        "stuck": there.letters_stuck,
    }


def _stuck(user: User) -> dict[str, counted.Count]:
    """Of what left or was to leave, what needs somebody; one query."""
    state_of = Outgoing.State
    # a value for each, not EXISTS, which is answered by reading every open conversation
    row_above = mine(user).filter(messages__outgoing=OuterRef("pk")).order_by().values("pk")[:1]
    rows = Outgoing.objects.visible_to(user).without_marks()
    by_hand = rows.filter(state=state_of.BY_HAND).annotate(row_above=Subquery(row_above)).filter(row_above=None)
    parts = (  # each in the order of an index, so that it ends with the hundredth
        rows.filter(state=state_of.UNCLEAR).order_by("-id")[: counted.CAP],
        rows.filter(state=state_of.REFUSED, channel=None).a_few(),
        by_hand.order_by("-id")[: counted.CAP],
    )
    first, *rest = (part.values_list("state", flat=True) for part in parts)
    found = Counter(first.union(*rest, all=True))
    return {
        "unclear": counted.Count(found[state_of.UNCLEAR]),
        "letters": counted.Count(found[state_of.REFUSED]),
        "by_hand": counted.Count(found[state_of.BY_HAND]),
    }
