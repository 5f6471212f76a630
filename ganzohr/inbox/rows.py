"""What one line of the list says; at most one badge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from ganzohr.core.times import now
from ganzohr.inbox import form_words
from ganzohr.inbox.models import Conversation, Message
from ganzohr.inbox.people import holder, short_name
from ganzohr.inbox.places import network_of
from ganzohr.topics.models import Topic
from ganzohr.ui import formats
from ganzohr.ui.templatetags.ui import icon, mark

SOON = timedelta(hours=1)
DAY = timedelta(hours=24)
SHOWN = (
    "state", "reason", "is_public", "kind", "first_words", "last_activity_at", "last_message_id", "read_until_id",
    "unanswered_since", "due_at", "waits_until", "draft_at", "expert_draft_at", "failed_at", "failed_how",
    "snoozed_until",
    "channel__kind", "channel__name", "contact__name", "handle__name", "handle__external_id", "topic__names",
    "topic__slug",
    "assignee__name", "waits_for__name", "waits_for__kind",
)  # fmt: skip


@dataclass(frozen=True)
class Badge:
    """The one thing about a row that needs an eye."""

    kind: str
    sign: SafeString
    words: str


@dataclass(frozen=True)
class Row:
    """One conversation as the list shows it."""

    pk: int
    url: str
    person: str
    initials: str
    sign: SafeString
    at: datetime
    when: str
    words: str
    about: str
    holder: str
    is_public: bool
    is_unread: bool
    badge: Badge | None


def with_people(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Everything a row shows, and nothing else, in one query."""
    joined = rows.select_related("channel", "contact", "handle", "topic", "assignee", "waits_for")
    newest = Message.objects.filter(pk=OuterRef("last_message_id"), deleted_at=None).values("form")[:1]
    return joined.only(*SHOWN).annotate(last_form=Subquery(newest))


def drawn(conversations: Iterable[Conversation], me: int | None, query: str = "") -> Iterator[Row]:
    """The rows; `query` keeps the filter when one is opened."""
    at, language = now(), (get_language() or "en")[:2]
    signs: dict[str, SafeString] = {}
    base = reverse("inbox:list")
    for one in conversations:
        kind = network_of(one)
        signs.setdefault(kind, mark(kind))
        person = one.person
        yield Row(
            one.pk, f"{base}{one.pk}/{query}", person, formats.initials(person), signs[kind], one.last_activity_at,
            formats.brief(one.last_activity_at, at), words(one),
            about(one.topic, one, language), _holder(one, me), one.is_public, one.is_unread, badge(one, at),
        )  # fmt: skip


def words(one: Conversation) -> str:
    """The newest words, else what it was instead of words."""
    return one.first_words or form_words.in_a_row(getattr(one, "last_form", "") or "") or gettext("(without words)")


def about(topic: Topic | None, conversation: Conversation, language: str) -> str:
    """The topic, else what kind of message it is."""
    if topic:
        return topic.name_in(language)
    if conversation.kind and conversation.kind not in ("question", "other"):
        return gettext("Kind: %(kind)s") % {"kind": conversation.get_kind_display()}
    return gettext("No topic yet")


def _holder(one: Conversation, me: int | None) -> str:
    return "" if one.waits_for and not one.assignee else holder(one.assignee, me)


def badge(one: Conversation, at: datetime) -> Badge | None:
    """The most urgent thing: did not leave, overdue, due soon, draft, waits, later, closed, due today."""
    if one.failed_at:
        words = gettext("unclear whether sent") if one.failed_how == "unclear" else gettext("not sent")
        return Badge("late", icon("warn", "s"), words)
    urgent = clock(one, at)
    if urgent and urgent.kind and one.state == "open":
        return urgent
    if one.draft_at or one.expert_draft_at:
        return Badge("draft", icon("pen", "s"), gettext("Draft"))
    return _waits(one, at) or _put_away(one, at) or urgent


def clock(one: Conversation, at: datetime) -> Badge | None:
    """Overdue since, due soon, or due within a day."""
    if not one.due_at or not one.unanswered_since or one.due_at > at + DAY:
        return None
    if one.due_at < at:
        since = formats.since(at - _coarse(at - one.due_at), at)
        return Badge("late", icon("clock", "s"), gettext("overdue %(since)s") % {"since": since})
    left = formats.left(at + _coarse(one.due_at - at), at)
    return Badge("soon" if one.due_at <= at + SOON else "", icon("clock", "s"), left)


def _waits(one: Conversation, at: datetime) -> Badge | None:
    if not one.waits_for:
        return None
    name = short_name(one.waits_for)
    if not one.waits_until:
        return Badge("", icon("wait", "s"), gettext("with %(name)s") % {"name": name})
    until = formats.local(one.waits_until)
    brief = f"{until:%H:%M}" if until.date() == formats.local(at).date() else formats.brief(one.waits_until, at)
    return Badge("", icon("wait", "s"), gettext("with %(name)s until %(until)s") % {"name": name, "until": brief})


def _put_away(one: Conversation, at: datetime) -> Badge | None:
    if one.state == "snoozed" and one.snoozed_until:
        return Badge("", icon("snooze", "s"), formats.until(one.snoozed_until, at))
    return Badge("", icon("check", "s"), str(one.get_reason_display())) if one.state == "closed" else None


def _coarse(span: timedelta) -> timedelta:
    """Whole hours are enough for a row."""
    return span if span < SOON else timedelta(hours=span // SOON)
