"""What one line of the list says; at most one badge."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from html import escape
from typing import Any, NamedTuple, TypedDict

from django.db import connection
from django.db.models import Case, OuterRef, QuerySet, Subquery, Value, When
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from ganzohr.channels import holds
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague
from ganzohr.inbox import form_words
from ganzohr.inbox.excerpts import Excerpt
from ganzohr.inbox.models import Conversation, ConversationQuerySet, Kind, Message
from ganzohr.inbox.people import holder, short_name
from ganzohr.inbox.places import network_of, person_of
from ganzohr.topics.models import Topic
from ganzohr.ui import formats
from ganzohr.ui.templatetags.ui import icon, mark

SOON = timedelta(hours=1)
DAY = timedelta(hours=24)
REASONS, KINDS = dict(Conversation.Reason.choices), dict(Kind.choices)
NOTHING: Mapping[int, Excerpt] = {}
NOW = ' aria-current="true"'
# Whatever a page of rows names, asked for once by id: joined to the rows, planning alone costs more than all of this.
NAMES = """
SELECT 'channel', id, kind, name, '' FROM channels_channel WHERE id = ANY(%(channel)s)
UNION ALL SELECT 'topic', id, slug, names::text, '' FROM topics_topic WHERE id = ANY(%(topic)s)
UNION ALL SELECT 'colleague', id, kind, name, '' FROM directory_colleague WHERE id = ANY(%(colleague)s)
UNION ALL SELECT 'handle', h.id, h.name, h.external_id, c.name
  FROM contacts_handle h JOIN contacts_contact c ON c.id = h.contact_id WHERE h.id = ANY(%(handle)s)
UNION ALL SELECT 'form', place, sent.form, '', '' FROM unnest(%(form)s::bigint[]) place,
  LATERAL (SELECT form, deleted_at FROM inbox_message WHERE conversation_id = place AND outgoing_id IS NULL
    ORDER BY id DESC LIMIT 1) sent WHERE sent.deleted_at IS NULL
UNION ALL SELECT 'ours', m.conversation_id, o.state, o.id::text, json_build_array(
    left(CASE WHEN o.id IS NULL OR m.original = '' THEN m.text ELSE m.original END, 160), m.form,
    us.id, us.kind, us.name)::text
  FROM unnest(%(last)s::bigint[], %(active)s::timestamptz[]) newest(id, at)
  JOIN inbox_message m ON m.id = newest.id AND m.provider_at >= newest.at
  LEFT JOIN channels_outgoing o ON o.id = m.outgoing_id LEFT JOIN directory_colleague us ON us.id = m.author_id
  WHERE m.direction = 'out' AND NOT m.is_automatic AND m.deleted_at IS NULL
    AND (o.id IS NULL OR o.state NOT IN ('refused', 'taken_back'))
"""


class Row(TypedDict):
    """One conversation as the list shows it; `badge` is drawn, empty where nothing needs an eye. `by` is who of us said
    the words, empty where the person did."""

    pk: str
    url: str
    person: str
    initials: str
    sign: SafeString
    when: str
    by: str
    words: str
    about: str
    holder: str
    is_public: bool
    is_unread: bool
    is_current: bool
    badge: SafeString


@dataclass(frozen=True)
class Badge:
    """The one thing about a row that needs an eye."""

    kind: str
    sign: SafeString
    words: str

    def __html__(self) -> SafeString:
        """As it stands in a row."""
        kind = f" state--{self.kind}" if self.kind else ""
        return mark_safe(f'<span class="state{kind}">{self.sign}{escape(self.words)}</span>')  # noqa: S308  escaped


class Known(NamedTuple):
    """A person outside as a row names them."""

    name: str
    external_id: str = ""


class Ours(NamedTuple):
    """The newest word, where it is ours: said, or on its way. `by` is None where it was said on the platform."""

    words: str
    by: Colleague | None
    state: str | None
    outgoing_id: int


@dataclass(slots=True)
class Line:
    """A conversation as far as a row tells of it. Not the model: making fifty of those, with all they name, takes
    longer than drawing the rows."""

    id: int
    state: str
    reason: str
    is_public: bool
    kind: str
    first_words: str
    last_activity_at: datetime
    last_message_id: int
    read_until_id: int
    unanswered_since: datetime | None
    due_at: datetime | None
    waits_until: datetime | None
    draft_at: datetime | None
    expert_draft_at: datetime | None
    failed_at: datetime | None
    failed_how: str
    snoozed_until: datetime | None
    channel_id: int
    handle_id: int
    topic_id: int | None
    assignee_id: int | None
    waits_for_id: int | None
    channel: Channel = field(init=False)
    handle: Known = field(init=False)
    contact: Known = field(init=False)
    topic: Topic | None = field(init=False)
    assignee: Colleague | None = field(init=False)
    waits_for: Colleague | None = field(init=False)
    last_form: str = field(init=False)
    ours: Ours | None = field(init=False)
    out: str = field(init=False)  # `held` or `by_hand` where the newest word is an answer that has not left


SHOWN = [one.name for one in fields(Line) if one.init]


def bare(rows: QuerySet[Conversation]) -> QuerySet[Conversation, Any]:
    """What a row needs of the conversation itself, and nothing else."""
    return rows.values_list(*SHOWN, named=True)


def with_names(rows: Sequence[Any]) -> list[Line]:
    """Lines of bare rows, knowing everybody they name: one query however many. Who was erased meanwhile is left out."""
    lines = [Line(*one) for one in rows]
    if not lines:
        return lines
    named = _named(lines)
    out = _not_left(named)
    lines = [one for one in lines if ("handle", one.handle_id) in named]
    for one in lines:
        one.channel = named["channel", one.channel_id]
        one.handle, one.contact = named["handle", one.handle_id]
        one.topic = named.get(("topic", one.topic_id))
        one.assignee = named.get(("colleague", one.assignee_id))
        one.waits_for = named.get(("colleague", one.waits_for_id))
        one.last_form = named.get(("form", one.id), "")
        one.ours = named.get(("ours", one.id))
        one.out = out.get(one.id, "")
    return lines


def with_form(rows: ConversationQuerySet) -> ConversationQuerySet:
    """The same, knowing as `last_form` what the person's newest message was where it had no words."""
    newest = Message.objects.filter(conversation=OuterRef("pk"), outgoing=None).order_by("-id")
    form = newest.annotate(said=Case(When(deleted_at=None, then="form"), default=Value(""))).values("said")[:1]
    return rows.annotate(last_form=Case(When(first_words="", then=Subquery(form)), default=Value("")))


def _not_left(named: dict[tuple[str, int | None], Any]) -> dict[int | None, str]:
    """By conversation: `by_hand` or `held`, not what merely waits for its moment. Asks only where something waits."""
    found = {pk: said for (what, pk), said in named.items() if what == "ours"}
    waits = {said.outgoing_id: pk for pk, said in found.items() if said.state == "waiting"}
    held = holds.kept_here(Outgoing.objects.filter(pk__in=waits)).values_list("pk", flat=True) if waits else ()
    return {
        **{pk: "by_hand" for pk, said in found.items() if said.state == "by_hand"},
        **{waits[one]: "held" for one in held},
    }


def _named(rows: Sequence[Line]) -> dict[tuple[str, int | None], Any]:
    wanted: dict[str, Any] = {
        "channel": list({one.channel_id for one in rows}),
        "topic": list({one.topic_id for one in rows if one.topic_id}),
        "colleague": list({pk for one in rows for pk in (one.assignee_id, one.waits_for_id) if pk}),
        "handle": list({one.handle_id for one in rows}),
        "form": [one.id for one in rows if not one.first_words],
        "last": [one.last_message_id for one in rows],
        "active": [one.last_activity_at for one in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(NAMES, wanted)
        return {(what, pk): MADE[what](pk, *values) for what, pk, *values in cursor}


def _ours(state: str | None, outgoing_id: str | None, said: str) -> Ours:
    words, form, by, kind, name = json.loads(said)
    words = " ".join(words.split()) or form_words.in_a_row(form or "file")
    return Ours(words, Colleague(pk=by, kind=kind, name=name) if by else None, state, int(outgoing_id or 0))


MADE: dict[str, Callable[..., Any]] = {
    "channel": lambda pk, kind, name, _rest: Channel(pk=pk, kind=kind, name=name),
    "topic": lambda pk, slug, names, _rest: Topic(pk=pk, slug=slug, names=json.loads(names)),
    "colleague": lambda pk, kind, name, _rest: Colleague(pk=pk, kind=kind, name=name),
    "handle": lambda _pk, name, external_id, known_as: (Known(name, external_id), Known(known_as)),
    "form": lambda _pk, form, _, _rest: form,
    "ours": lambda _pk, state, outgoing_id, said: _ours(state, outgoing_id, said),
}


def drawn(
    rows: Sequence[Any], me: int | None, query: str = "", current: int = 0, places: Mapping[int, Excerpt] = NOTHING
) -> Iterator[Row]:
    """Bare rows, drawn; `query` keeps the filter when one is opened, `current` is the one that is, `places` are those
    of the words searched for, which then stand instead of the newest ones."""
    at, language = now(), (get_language() or "en")[:2]
    signs: dict[str, SafeString] = {}
    base, nothing = reverse("inbox:list"), SafeString()
    for one in with_names(rows):
        kind, person, shown = network_of(one), person_of(one), badge(one, at)
        if kind not in signs:
            signs[kind] = mark(kind)
        by, said, anchor = _said(one, me, places.get(one.id))
        yield Row(
            pk=str(one.id), url=f"{base}{one.id}/{query}{anchor}", person=person, initials=formats.initials(person),
            sign=signs[kind], when=formats.brief(one.last_activity_at, at),
            by=by, words=said, about=about(one, language),
            holder=_holder(one, me), is_public=one.is_public,
            is_unread=one.last_message_id > one.read_until_id, is_current=one.id == current,
            badge=shown.__html__() if shown else nothing,
        )  # fmt: skip


def lines(rows: Iterable[Row]) -> SafeString:
    """The lines of the list, each with a line break before it. No template: one that does the same takes five times as
    long, and this is the page people look at all day."""
    said = gettext("Unread:"), gettext("public:")
    unread, public = (f'<span class="hidden">{escape(words)} </span>' for words in said)
    public = icon("globe") + public
    return mark_safe("".join(_line(row, unread, public) for row in rows))  # noqa: S308  escaped below


def _line(row: Row, unread: str, public: str) -> str:
    is_unread, holder = row["is_unread"], row["holder"]
    by = f"{escape(row['by'])}: " if row["by"] else ""
    return (
        f'\n<li class="row{" is-unread" if is_unread else ""}"><a class="row__link" id="c{row["pk"]}" '
        f'href="{escape(row["url"])}" data-row{NOW if row["is_current"] else ""}><span class="face">'
        f'<span aria-hidden="true">{escape(row["initials"])}</span>{row["sign"]}</span>'
        f'<span class="row__text"><span class="row__line"><span class="row__who one-line">{unread if is_unread else ""}'
        f'{escape(row["person"])}</span> <span class="row__when">{escape(row["when"])}</span></span> '
        f'<span class="row__words one-line">{by}{conditional_escape(row["words"])}</span> <span class="row__line">'
        f'<span class="row__about">{public if row["is_public"] else ""}'
        f'<span class="one-line">{escape(row["about"])}</span>{f"<span> · {escape(holder)}</span>" if holder else ""}'
        f"</span>{f' {shown}' if (shown := row['badge']) else ''}</span></span></a></li>"
    )


def _said(one: Line, me: int | None, place: Excerpt | None) -> tuple[str, str, str]:
    """Who of us said it, what, and where it stands in the conversation."""
    if place is None:
        return (_by(one.ours.by, me), one.ours.words, "") if one.ours else ("", words(one), "")
    if not place.message_id:
        return gettext("Subject"), place.words, ""
    return _by(place.by, me) if place.is_ours else "", place.words, f"#m{place.message_id}"


def _by(us: Colleague | None, me: int | None) -> str:
    if us is None:
        return gettext("We")
    return gettext("You") if us.pk == me else us.first_name


def words(one: Line | Conversation) -> str:
    """The person's newest words, else what it was instead of words."""
    return one.first_words or form_words.in_a_row(getattr(one, "last_form", "")) or gettext("(without words)")


def about(one: Line | Conversation, language: str) -> str:
    """The topic, else what kind of message it is."""
    if one.topic:
        return one.topic.name_in(language)
    if one.kind and one.kind not in ("question", "other"):
        return gettext("Kind: %(kind)s") % {"kind": KINDS.get(one.kind, one.kind)}
    return gettext("No topic yet")


def _holder(one: Line, me: int | None) -> str:
    is_plain = not one.assignee and (one.waits_for or one.state == "closed")  # the badge says it all
    return "" if is_plain else holder(one.assignee, me)


def badge(one: Line, at: datetime) -> Badge | None:
    """The most urgent thing: did not leave, is held or to be posted, overdue, due soon, draft, waits, later, closed,
    due today."""
    if one.failed_at:
        words = gettext("unclear whether sent") if one.failed_how == "unclear" else gettext("not sent")
        return Badge("late", icon("warn", "s"), words)
    if one.out:
        by_hand = one.out == "by_hand"
        return Badge(
            "", icon("hand" if by_hand else "stop", "s"), gettext("to be posted") if by_hand else gettext("held")
        )
    urgent = clock(one, at)
    if urgent and urgent.kind and one.state == "open":
        return urgent
    if one.draft_at or one.expert_draft_at:
        return Badge("draft", icon("pen", "s"), gettext("Draft"))
    return _waits(one, at) or _put_away(one, at) or urgent


def clock(one: Line | Conversation, at: datetime) -> Badge | None:
    """Overdue since, due soon, or due within a day."""
    if not one.due_at or not one.unanswered_since or one.due_at > at + DAY:
        return None
    if one.due_at < at:
        since = formats.since(at - _coarse(at - one.due_at), at)
        return Badge("late", icon("clock", "s"), gettext("overdue %(since)s") % {"since": since})
    left = formats.left(at + _coarse(one.due_at - at), at)
    return Badge("soon" if one.due_at <= at + SOON else "", icon("clock", "s"), left)


def _waits(one: Line, at: datetime) -> Badge | None:
    if not one.waits_for:
        return None
    name = short_name(one.waits_for)
    if not one.waits_until:
        return Badge("", icon("wait", "s"), gettext("with %(name)s") % {"name": name})
    until = formats.local(one.waits_until)
    brief = f"{until:%H:%M}" if until.date() == formats.local(at).date() else formats.brief(one.waits_until, at)
    return Badge("", icon("wait", "s"), gettext("with %(name)s until %(until)s") % {"name": name, "until": brief})


def _put_away(one: Line, at: datetime) -> Badge | None:
    if one.state == "snoozed" and one.snoozed_until:
        return Badge("", icon("snooze", "s"), formats.until(one.snoozed_until, at))
    return Badge("", icon("check", "s"), str(REASONS.get(one.reason, one.reason))) if one.state == "closed" else None


def _coarse(span: timedelta) -> timedelta:
    """Whole hours are enough for a row."""
    return span if span < SOON else timedelta(hours=span // SOON)
