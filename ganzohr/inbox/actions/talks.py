"""The conversation each new message belongs to, and what its row in the list shows from then on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db import connection

from ganzohr.audit import actions as audit
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import Incoming
from ganzohr.channels.models import Channel
from ganzohr.core.rows import change, copy, reserve
from ganzohr.core.times import now
from ganzohr.inbox import clocks
from ganzohr.inbox.models import Conversation, Message

RECENT = timedelta(days=14)
SAME_THREAD = timedelta(days=365)
LINKED = timedelta(days=30)
PAST = timedelta(hours=24)
OPEN, CLOSED = Conversation.State.OPEN, Conversation.State.CLOSED
Key = tuple[int, int, int | None, str]

HELD = (
    "channel_id", "handle_id", "public_post_id", "thread_key", "id", "contact_id", "state", "first_words",
    "last_activity_at", "last_inbound_at", "last_message_id", "read_until_id", "unanswered_since", "due_at",
)  # fmt: skip
NOTED = HELD[7:]
MADE = (*HELD, "subject", "source", "site_id", "is_public", "language", "created_at", "linked_to_id")

# Locked, so that an outcome, a close or an answer of this very moment is neither missed nor undone.
LOCK = f"""
SELECT {", ".join(HELD)} FROM inbox_conversation
WHERE handle_id = ANY(%s) AND (handle_id, thread_key) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))
  AND (state <> '{CLOSED}' OR last_activity_at >= %s)
ORDER BY id FOR NO KEY UPDATE
"""  # noqa: S608  no values in it

# Of several public ones the last that was active.
IN_PUBLIC = """
SELECT handle_id, id FROM inbox_conversation
WHERE handle_id = ANY(%s) AND is_public AND last_activity_at >= %s ORDER BY last_activity_at
"""


@dataclass(slots=True)
class Talk:
    """What of a conversation a new message may change; `made` holds the other columns of a new one."""

    channel_id: int
    handle_id: int
    public_post_id: int | None
    thread_key: str
    id: int
    contact_id: int
    state: str
    first_words: str
    last_activity_at: datetime
    last_inbound_at: datetime | None = None
    last_message_id: int = 0
    read_until_id: int = 0
    unanswered_since: datetime | None = None
    due_at: datetime | None = None
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """One of these is open at a time."""
        return self.channel_id, self.handle_id, self.public_post_id, self.thread_key


@dataclass(slots=True)
class Received:
    """One message on its way into its conversation."""

    id: int
    talk: Talk
    arrived: Arrived

    @property
    def said(self) -> Incoming:
        """What the platform told."""
        return self.arrived.incoming

    @property
    def direction(self) -> str:
        """Ours, where a platform echoes what somebody of us wrote over there."""
        return Message.Direction.OUT if self.said.is_own else Message.Direction.IN

    @property
    def is_automatic(self) -> bool:
        """Written by a machine."""
        return self.said.is_automatic or self.said.is_bounce

    @property
    def asks(self) -> bool:
        """A person wrote it and may wait for an answer."""
        return not (self.said.is_own or self.is_automatic)

    @property
    def understood_at(self) -> datetime | None:
        """What is from before we were connected is read like a letter in a file. Nobody is asked, told or hurried by
        it."""
        at = self.arrived.received_at
        is_past = bool(self.said.headers.get("is_history")) and at - self.said.provider_at > PAST
        return at if is_past else None


def find(
    contacts: Mapping[int, int], keys: Sequence[Key], new: Sequence[Arrived], channels: Mapping[int, Channel]
) -> dict[Key, Talk]:
    """The conversation of each key: the open one, else the closed one if it is the same talk, else a new one. Contacts
    are given by handle."""
    wanted = set(keys)
    found: dict[Key, Talk] = {}
    for talk in sorted(_locked(wanted), key=attrgetter("last_activity_at", "id")):
        is_better = talk.key not in found or found[talk.key].state == CLOSED
        if talk.key in wanted and _goes_on(talk) and is_better:
            found[talk.key] = talk
    first: dict[Key, Arrived] = {}
    for key, one in zip(keys, new, strict=True):
        if key not in found:
            first.setdefault(key, one)  # who came first stands first
    ids = reserve(Conversation, len(first)) if first else []
    made = [_new(id_, key, first[key], contacts[key[1]], channels[key[0]]) for id_, key in zip(ids, first, strict=True)]
    _link(made)
    return {**found, **{talk.key: talk for talk in made}}


def _locked(wanted: Iterable[Key]) -> list[Talk]:
    handles, threads = zip(*sorted({(key[1], key[3]) for key in wanted}), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [list(set(handles)), list(handles), list(threads), now() - SAME_THREAD])
        return [Talk(*row) for row in cursor.fetchall()]


def _goes_on(talk: Talk) -> bool:
    """A closed conversation opens again when it is the same mail thread or not long ago."""
    return talk.state != CLOSED or bool(talk.thread_key) or talk.last_activity_at >= now() - RECENT


def _new(id_: int, key: Key, one: Arrived, contact_id: int, channel: Channel) -> Talk:
    said = one.incoming
    more = {
        "subject": said.subject[:300], "source": said.source[:120], "site_id": channel.site_id,
        "is_public": said.visibility == "public", "language": said.language[:5], "created_at": said.provider_at,
        "linked_to_id": None,
    }  # fmt: skip
    return Talk(*key, id_, contact_id, OPEN.value, "", said.provider_at, made=more)


def _link(made: Iterable[Talk]) -> None:
    """A private conversation of somebody who writes in public too hangs on the public one."""
    private = {talk.handle_id: talk for talk in made if not talk.made["is_public"]}
    if not private:
        return
    with connection.cursor() as cursor:
        cursor.execute(IN_PUBLIC, [list(private), now() - LINKED])
        for handle_id, public in cursor.fetchall():
            private[handle_id].made["linked_to_id"] = public


def keep(talks: Iterable[Talk]) -> None:
    """Write each as it is now; new ones are made."""
    rows = list(talks)
    value_of, known = attrgetter(*HELD), attrgetter("id", *NOTED)
    copy(Conversation, MADE, [(*value_of(talk), *talk.made.values()) for talk in rows if talk.made])
    change(Conversation, NOTED, [known(talk) for talk in rows if not talk.made])


def note(messages: Iterable[Received], channels: Mapping[int, Channel]) -> None:
    """What the row of each conversation in the list shows now that these messages are there."""
    grouped: dict[int, list[Received]] = defaultdict(list)
    for one in messages:
        grouped[one.talk.id].append(one)
    for group in grouped.values():
        _note(group[0].talk, group, channels[group[0].talk.channel_id])


def _note(talk: Talk, messages: Sequence[Received], channel: Channel) -> None:
    newest = max(messages, key=lambda one: one.said.provider_at).said
    fresh = [one for one in messages if one.understood_at is None]
    was_read = talk.read_until_id >= talk.last_message_id
    talk.last_message_id = max(talk.last_message_id, messages[-1].id)
    if was_read and not fresh:
        talk.read_until_id = talk.last_message_id
    if newest.provider_at >= talk.last_activity_at or not talk.first_words:
        talk.first_words = first_words(newest.text)
    talk.last_activity_at = max(talk.last_activity_at, newest.provider_at)
    if written := [one.said.provider_at for one in messages if one.asks]:
        talk.last_inbound_at = max([*written, *([talk.last_inbound_at] if talk.last_inbound_at else [])])
    asking = [one.said.provider_at for one in fresh if one.asks]
    if asking and talk.unanswered_since is None:
        talk.unanswered_since = min(asking)
        talk.due_at = clocks.due_at(channel, talk.unanswered_since)
    if not asking and any(one.said.is_own for one in fresh):
        talk.unanswered_since = talk.due_at = None  # we answered on the platform itself
    if asking and talk.state != OPEN:
        _wake(talk)


def _wake(talk: Talk) -> None:
    """A message brings a closed or put-off conversation back to the desk."""
    row, also = Conversation(pk=talk.id, state=talk.state), {"reason": "", "snoozed_until": None}
    audit.move(row, OPEN, audit.by_candidate(talk.contact_id), also=also)


def first_words(text: str) -> str:
    """What a list row shows of a message, on one line."""
    return " ".join(text.replace("\0", "").split())[:160]
