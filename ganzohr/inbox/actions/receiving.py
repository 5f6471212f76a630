"""What people outside wrote becomes messages in conversations: set-based, idempotent by constraints."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.models import Channel, PublicPost
from ganzohr.contacts.actions import Known, Stranger, recognise
from ganzohr.core.events import emit
from ganzohr.core.jobs import ring
from ganzohr.core.rows import copy, reserve
from ganzohr.core.times import now
from ganzohr.inbox import facts
from ganzohr.inbox.actions.attachments import keep_received
from ganzohr.inbox.actions.changes import apply_changes
from ganzohr.inbox.actions.ours import answered_by_us, is_on_our_page, split
from ganzohr.inbox.actions.parked import park, released
from ganzohr.inbox.actions.posts import change_posts, keep_posts, posts_of
from ganzohr.inbox.actions.reactions import react
from ganzohr.inbox.actions.replies import named, note_addresses, tokens
from ganzohr.inbox.actions.talks import SAME_THREAD, Key, Received, find, keep, note
from ganzohr.inbox.events import MessagesReceived
from ganzohr.inbox.models import Conversation, Message
from ganzohr.ui.live import touch

TAKEN = frozenset({"message", "reaction", "edit", "delete", "hide", "post"})
CHANGES = frozenset({"edit", "delete", "hide"})
PostKey = tuple[int, str]

COLUMNS = (
    "id", "conversation_id", "channel_id", "direction", "visibility", "external_id", "reply_to", "text", "original",
    "is_automatic", "language", "understood_at", "target", "delivery_id", "provider_at", "received_at", "form", "more",
)  # fmt: skip


def receive(batch: list[Arrived]) -> set[int]:
    """Claim everything somebody outside said or changed; the last of the claims. Runs in the worker's transaction.

    A message that is here already stays one message. Our own words that a platform echoes are kept only if they were
    not written here. Edits, hidings and deletions change the message they speak of, also when they came before it.
    """
    taken = {index for index, arrived in enumerate(batch) if arrived.incoming.what in TAKEN}
    _take_in([batch[index] for index in sorted(taken)])
    return taken


def _take_in(mine: list[Arrived]) -> None:
    new = _unknown([one for one in mine if one.incoming.what == "message"])
    new, lonely = split(new)
    park(lonely)
    fresh = _store(new) if new else set()
    keep_posts([one for one in mine if one.incoming.what == "post"])
    changes = [one for one in mine if one.incoming.what in CHANGES]
    park(apply_changes(changes))
    change_posts(changes)
    park(react([one for one in mine if one.incoming.what == "reaction"]))
    if fresh:
        take_waiting(fresh)


def take_waiting(keys: set[PostKey]) -> None:
    """What was said of these messages (channel, external id) before they were here."""
    if waited := released(keys):
        _take_in(waited)


def _unknown(arrived: Sequence[Arrived]) -> list[Arrived]:
    """Those whose external id is new, each once, oldest first."""
    ids = {one.incoming.external_id[:300] for one in arrived}
    rows = Message.objects.filter(channel_id__in={one.channel_id for one in arrived}, external_id__in=ids)
    known = {
        (channel_id, str(external_id)): (delivery_id, text)
        for channel_id, external_id, delivery_id, text in rows.values_list(
            "channel_id", "external_id", "delivery_id", "text"
        )
    }
    fresh: dict[PostKey, Arrived] = {}
    for one in sorted(arrived, key=lambda one: (one.incoming.provider_at, one.delivery_id)):
        key = one.channel_id, one.incoming.external_id[:300]
        seen = known.get(key) or _told(fresh.get(key))
        if seen is None:
            fresh[key] = one
        elif _is_another_mail(one, *seen):
            renamed = _named_by_its_words(one)
            fresh.setdefault((one.channel_id, renamed.incoming.external_id), renamed)
    return list(fresh.values())


def _told(one: Arrived | None) -> tuple[int | None, str] | None:
    return (one.delivery_id, _clean(one.incoming.text)) if one else None


def _is_another_mail(one: Arrived, delivery_id: int | None, text: str) -> bool:
    """Web forms send every mail under one Message-ID: other words of another delivery are another mail."""
    is_mail = "message_id" in one.incoming.headers
    return is_mail and one.delivery_id != delivery_id and _clean(one.incoming.text) != text


def _named_by_its_words(one: Arrived) -> Arrived:
    words = hashlib.sha256(one.incoming.text.encode()).hexdigest()[:12]
    return replace(one, incoming=replace(one.incoming, external_id=f"{one.incoming.external_id[:280]}#{words}"))


def _store(new: list[Arrived]) -> set[PostKey]:
    """Make them messages; which (channel, external id) are here now for the first time."""
    people = recognise(_stranger(one) for one in new if not is_on_our_page(one))
    new = _unknown(new)  # again, now that the people are locked
    if not new:
        return set()
    posts, threads, joined = posts_of(new), _threads(new), _joined(new)
    channels = Channel.objects.select_related("hours", "site__hours").in_bulk({one.channel_id for one in new})
    keys = [_key_of(joined[n]) if n in joined else _key(one, people, posts, threads) for n, one in enumerate(new)]
    contacts = {row.handle_id: row.contact_id for row in joined.values()}
    contacts |= {one.id: one.contact_id for one in people.values()}
    talks = find(contacts, keys, new, channels)
    messages = [
        Received(pk, talks[key], one) for pk, key, one in zip(reserve(Message, len(new)), keys, new, strict=True)
    ]
    note(messages, channels)
    keep(talks.values())
    copy(Message, COLUMNS, [_row(one) for one in messages])
    keep_received((_named(one), one.said.files) for one in messages if one.said.files)
    note_addresses([(new[n], people[_sender(new[n])], row) for n, row in joined.items() if _sender(new[n]) in people])
    touch("inbox", *(f"conversation:{talk.id}" for talk in talks.values()))
    ours = tuple(one.id for one in messages if one.said.is_own and not one.is_automatic)
    emit(MessagesReceived(tuple(one.id for one in messages), ours))
    ring("understand")
    return {(one.channel_id, one.incoming.external_id[:300]) for one in new}


def _named(one: Received) -> Message:
    return Message(pk=one.id, conversation_id=one.talk.id)


def _joined(new: Sequence[Arrived]) -> dict[int, Conversation]:
    """The conversation of each mail that brings a token of ours back, whoever sends it and whatever its headers say;
    and that of each comment of ours under somebody's."""
    known = named(new, now() - SAME_THREAD)
    found = ((n, (known.get((one.channel_id, token)) for token in tokens(one))) for n, one in enumerate(new))
    by_token = {n: row for n, rows in found if (row := next(filter(None, rows), None))}
    return {**by_token, **answered_by_us(new)}


def _key_of(row: Conversation) -> Key:
    return row.channel_id, row.handle_id, row.public_post_id, row.thread_key


def _sender(one: Arrived) -> PostKey:
    return one.channel_id, one.incoming.sender_id[:300]


def _stranger(one: Arrived) -> Stranger:
    said = one.incoming
    address = str(said.headers.get("mail_address") or said.headers.get("leave_address") or "")
    stopped_at = said.provider_at if said.headers.get("stop") else None
    return Stranger(
        one.channel_id, said.sender_id, said.sender_name, said.language, said.source, address, dict(said.consent),
        said.also_known_as, stopped_at,
    )  # fmt: skip


def _threads(new: Iterable[Arrived]) -> dict[PostKey, str]:
    """For mails whose program lost the start of the thread: the thread of the nearest mail they answer that we hold."""
    wanted = {(one.channel_id, name) for one in new for name in one.incoming.headers.get("ancestors", ())}
    if not wanted:
        return {}
    rows = Message.objects.filter(
        channel_id__in={channel for channel, _ in wanted}, external_id__in={name for _, name in wanted}
    ).values_list("channel_id", "external_id", "conversation__thread_key")
    return {(channel, str(name)): key for channel, name, key in rows}


def _thread_key(one: Arrived, threads: dict[PostKey, str]) -> str:
    ancestors = one.incoming.headers.get("ancestors", ())
    known = (threads[key] for name in ancestors if threads.get(key := (one.channel_id, name)))
    return next(known, one.incoming.thread_key)


def _key(
    one: Arrived, people: dict[PostKey, Known], posts: dict[PostKey, PublicPost], threads: dict[PostKey, str]
) -> Key:
    said = one.incoming
    post = posts[one.channel_id, said.post.external_id] if said.post and said.visibility == "public" else None
    return one.channel_id, people[_sender(one)].id, post.pk if post else None, _thread_key(one, threads)[:300]


def _row(one: Received) -> tuple[Any, ...]:
    said = one.said
    return (
        one.id, one.talk.id, one.arrived.channel_id, one.direction, said.visibility, said.external_id[:300],
        said.reply_to[:300], _clean(said.text), _clean(said.original) if said.original != said.text else "",
        one.is_automatic, said.language[:5], one.understood_at, json.dumps(dict(said.target)), one.arrived.delivery_id,
        said.provider_at, one.arrived.received_at, str(said.headers.get("form", ""))[:30],
        json.dumps(facts.of(said.headers)),
    )  # fmt: skip


def _clean(text: str) -> str:
    return text.replace("\0", "")
