"""One conversation opened: everything its page shows, in as few questions to the database as can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import JSONObject

from ganzohr.accounts.models import User
from ganzohr.channels.accounts import connector_of
from ganzohr.channels.connectors.base import Abilities
from ganzohr.channels.models import Hold, Outgoing
from ganzohr.contacts.models import Consent, Handle
from ganzohr.core.times import now
from ganzohr.directory.models import Site
from ganzohr.inbox import around, proposing
from ganzohr.inbox.actions import gestures
from ganzohr.inbox.actions.presence import GONE
from ganzohr.inbox.models import GIVEN, Attachment, Conversation, Draft, Kind, Message, Note, Presence
from ganzohr.inbox.people import colleague_id_of
from ganzohr.ui.formats import local

NEWEST = 100
EARLIER = 6


@dataclass(frozen=True)
class Entry:
    """One thing in the thread, in time order: a message, a note, the day that begins, or what rooms above tell."""

    kind: str
    at: datetime
    message: Message | None = None
    note: dict[str, Any] = field(default_factory=dict)
    day: date | None = None
    words: str = ""


def _drafts() -> QuerySet[Draft, Any]:
    rows = Draft.objects.filter(conversation=OuterRef("pk")).exclude(text="", earlier=[])
    shown = JSONObject(
        mode="mode", text="text", revision="revision", author="author__name", author_id="author_id",
        expert_id="expert_id", knows="knows_message_id", saved_at="saved_at",
        earlier="earlier",
    )  # fmt: skip
    return rows.values(json=shown)


def _notes() -> QuerySet[Note, Any]:
    rows = Note.objects.filter(conversation=OuterRef("pk"), deleted_at=None).order_by("id")
    return rows.values(
        json=JSONObject(id="id", author="author__name", author_id="author_id", text="text", at="created_at")
    )


def _present(user: User) -> QuerySet[Presence, Any]:
    rows = Presence.objects.filter(conversation=OuterRef("pk"), seen_at__gt=now() - GONE).exclude(user=user)
    return rows.values(json=JSONObject(name="user__colleague__name", email="user__email", typed_at="typed_at"))


def _handles() -> QuerySet[Handle, Any]:
    consents = Consent.objects.filter(handle=OuterRef("pk")).order_by("-given_at")
    given = consents.values(json=JSONObject(kind="kind", version="version", at="given_at", withdrawn_at="withdrawn_at"))
    rows = Handle.objects.filter(contact=OuterRef("contact_id")).annotate(given=ArraySubquery(given)).order_by("id")
    shown = JSONObject(
        id="id", kind="channel__kind", channel="channel__name", external_id="external_id", name="name",
        address="address", consents="given",
    )  # fmt: skip
    return rows.values(json=shown)


def find(user: User, pk: int) -> Conversation:
    """The conversation with what lies beside it; `Conversation.DoesNotExist` when this user may not see it."""
    rows = Conversation.objects.visible_to(user).select_related(
        "channel", "handle", "contact", "topic", "assignee", "waits_for", "public_post", "site"
    )
    found = rows.annotate(
        drafts_held=ArraySubquery(_drafts()),
        notes_held=ArraySubquery(_notes()),
        present=ArraySubquery(_present(user)),
        handles_held=ArraySubquery(_handles()),
        gestures_held=around.unfinished(),
        private_held=around.private_words(),
        are_there_sites=Exists(Site.objects.in_use()),
        are_there_holds=Exists(Hold.objects.in_force()),
    ).get(pk=pk)
    if found.channel.site_id == found.site_id:
        found.channel.site = found.site
    return found


def _files() -> QuerySet[Attachment, Any]:
    rows = Attachment.objects.filter(message=OuterRef("pk")).order_by("id")
    shown = JSONObject(id="id", name="name", type="content_type", size="size", fetch_at="fetch_at")
    return rows.values(json=shown)


class Opened:
    """What the templates ask for, fetched when asked."""

    def __init__(self, user: User, conversation: Conversation, *, is_whole: bool = False) -> None:
        self.user, self.conversation, self.is_whole = user, conversation, is_whole

    @property
    def me(self) -> int | None:
        """The reader's own colleague."""
        return colleague_id_of(self.user)

    @cached_property
    def abilities(self) -> Abilities:
        """What the channel can do."""
        return connector_of(self.conversation.channel).abilities

    @cached_property
    def _newest(self) -> list[Message]:
        rows = Message.objects.filter(conversation=self.conversation).exclude(GIVEN)
        rows = rows.exclude(outgoing__state=Outgoing.State.TAKEN_BACK).select_related("outgoing__finished_by", "author")
        rows = rows.defer("original").annotate(
            files=ArraySubquery(_files()), given=around.reactions(), state=around.states(),
            has_original=Case(When(Q(direction="in") & ~Q(original=""), then=Value(True)), default=Value(False)),
        )  # fmt: skip
        ordered = rows.order_by(F("provider_at").desc(), "-id")
        return list(ordered if self.is_whole else ordered[: NEWEST + 1])

    @cached_property
    def messages(self) -> list[Message]:
        """Oldest first; only the newest hundred unless the whole was asked for."""
        found = self._newest if self.is_whole else self._newest[:NEWEST]
        return found[::-1]

    @cached_property
    def doings(self) -> dict[int, list[around.Doing]]:
        """Gestures that have not happened (yet), by message."""
        return around.doings(self.conversation.gestures_held, self.messages)  # type: ignore[attr-defined]

    @cached_property
    def praise(self) -> Message | None:
        """The praise that a reaction could answer now: the newest words of the person, nothing of it on its way."""
        here = self.conversation
        if here.kind != Kind.PRAISE or here.state != Conversation.State.OPEN or not here.unanswered_since:
            return None
        newest = next((one for one in reversed(self.messages) if _asks(one)), None)
        if newest is None or not gestures.may_react(newest, self.abilities) or self.doings.get(newest.pk):
            return None
        return newest

    @property
    def form(self) -> str:
        """What it began with, beside words."""
        return next((message.form for message in self.messages if _asks(message)), "")

    @property
    def is_post_theirs(self) -> bool:
        """The post above is what they wrote themselves: a review, a mention."""
        post = self.conversation.public_post
        theirs = (message.text.strip() for message in self.messages if _asks(message))
        return post is not None and bool(post.text.strip()) and post.text.strip() in theirs

    @cached_property
    def neighbours(self) -> list[Conversation]:
        """Others who wrote under the same post."""
        return around.neighbours(self.user, self.conversation)

    @property
    def has_earlier_messages(self) -> bool:
        """There are older ones that are not shown."""
        return not self.is_whole and len(self._newest) > NEWEST

    @cached_property
    def entries(self) -> list[Entry]:
        """Messages and notes in time order, with a line where a day begins."""
        return list(with_days(self._told()))

    def _told(self) -> list[Entry]:
        told = [Entry("message", message.provider_at, message=message) for message in self.messages]
        for note in self.conversation.notes_held:  # type: ignore[attr-defined]
            at = datetime.fromisoformat(note["at"])
            if not told or self.is_whole or not self.has_earlier_messages or at >= told[0].at:
                told.append(Entry("note", at, note={**note, "at": at}))
        return told

    @cached_property
    def drafts(self) -> dict[str, dict[str, Any]]:
        """The words in each box."""
        held = self.conversation.drafts_held  # type: ignore[attr-defined]
        rows = (row for row in held if row["text"])
        return {row["mode"]: {**row, "saved_at": datetime.fromisoformat(row["saved_at"])} for row in rows}

    @property
    def earlier(self) -> dict[str, list[dict[str, Any]]]:
        """Words that gave way to others in each box."""
        return {row["mode"]: row["earlier"] for row in self.conversation.drafts_held}  # type: ignore[attr-defined]

    @cached_property
    def stuck(self) -> Message | None:
        """The newest answer that was refused or is unclear and not followed by one that left."""
        for message in reversed(self.messages):
            if message.outgoing and not message.is_automatic:
                return message if message.outgoing.state in ("refused", "unclear") else None
        return None

    @property
    def loose_files(self) -> list[Attachment]:
        """Files beside the draft."""
        return list(Attachment.objects.filter(conversation=self.conversation, message=None))

    @cached_property
    def others(self) -> list[Conversation]:
        """Other conversations of this person, the one linked with this first, then newest first."""
        mine = self.conversation
        linked = Q(linked_to=mine) | Q(pk=mine.linked_to_id)
        rows = Conversation.objects.visible_to(self.user).filter(linked | Q(contact_id=mine.contact_id))
        rows = rows.exclude(pk=mine.pk).select_related("channel", "topic", "assignee")
        first = Case(When(linked, then=Value(0)), default=Value(1))
        return list(rows.order_by(first, "-last_activity_at", "-id")[:EARLIER])

    @cached_property
    def handover(self) -> Conversation | None:
        """The private conversation a public one led to, or the public one a private one came from."""
        mine = self.conversation
        linked = (one for one in self.others if one.linked_to_id == mine.pk or mine.linked_to_id == one.pk)
        return next(linked, None)

    @cached_property
    def private_word(self) -> Message | None:
        """The newest private answer of ours to what was said here in public."""
        return around.private_word(self.conversation.private_held)  # type: ignore[attr-defined]

    @property
    def has_private_word_left(self) -> bool:
        """Whether they can have read what we wrote in private."""
        word = self.private_word
        return word is not None and (word.outgoing is None or word.outgoing.state == Outgoing.State.ACCEPTED)

    @property
    def began_in_public(self) -> bool:
        """The first word of this private talk was ours, to something they had said in public."""
        first = None if self.has_earlier_messages else next(iter(self.messages), None)
        return first is not None and first.direction == "out" and bool(first.answers_id)

    @cached_property
    def proposals(self) -> list[Message]:
        """Earlier answers that could be said here again."""
        return proposing.proposals(self.user, self.conversation)

    @cached_property
    def newest_inbound_id(self) -> int:
        """The newest message of the person, which an answer must know."""
        return max((message.pk for message in self.messages if _asks(message)), default=0)


def with_days(told: Iterable[Entry]) -> Iterator[Entry]:
    """In time order, with a line where a day begins."""
    day = None
    for entry in sorted(told, key=lambda entry: entry.at):
        if (on := local(entry.at).date()) != day:
            day = on
            yield Entry("day", entry.at, day=on)
        yield entry


def _asks(message: Message) -> bool:
    return message.direction == "in" and not message.is_automatic and not message.is_given
