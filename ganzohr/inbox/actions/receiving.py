"""What people outside wrote becomes messages in conversations: set-based, idempotent by constraints."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Q

from ganzohr.audit import actions as audit
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.models import Channel, PublicPost
from ganzohr.contacts.actions import Stranger, recognise
from ganzohr.contacts.models import Handle
from ganzohr.core.events import emit
from ganzohr.core.jobs import ring
from ganzohr.core.rows import write
from ganzohr.core.times import now
from ganzohr.inbox import clocks, facts
from ganzohr.inbox.actions.attachments import keep_received
from ganzohr.inbox.actions.changes import apply_changes
from ganzohr.inbox.actions.ours import answered_by_us, is_on_our_page, split
from ganzohr.inbox.actions.parked import park, released
from ganzohr.inbox.actions.posts import change_posts, keep_posts, posts_of
from ganzohr.inbox.actions.reactions import react
from ganzohr.inbox.actions.replies import named, note_addresses, tokens
from ganzohr.inbox.events import MessagesReceived
from ganzohr.inbox.models import Conversation, Message
from ganzohr.ui.live import touch

RECENT = timedelta(days=14)
SAME_THREAD = timedelta(days=365)
LINKED = timedelta(days=30)
PAST = timedelta(hours=24)
TAKEN = frozenset({"message", "reaction", "edit", "delete", "hide", "post"})
CHANGES = frozenset({"edit", "delete", "hide"})
Key = tuple[int, int, int | None, str]
PostKey = tuple[int, str]


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
    handles = recognise(_stranger(one) for one in new if not is_on_our_page(one))
    new = _unknown(new)  # again, now that the people are locked
    if not new:
        return set()
    posts, threads = posts_of(new), _threads(new)
    channels = Channel.objects.select_related("hours", "site__hours").in_bulk({one.channel_id for one in new})
    joined = _joined(new)
    keyed = [
        (_key_of(joined[n]) if n in joined else _key(one, handles, posts, threads), one) for n, one in enumerate(new)
    ]
    conversations = _conversations(keyed, {**handles, **{_of(row): row.handle for row in joined.values()}}, channels)
    messages = [_message(one, conversations[key]) for key, one in keyed]
    Message.objects.bulk_create(messages)
    keep_received(
        (message, one.incoming.files) for message, one in zip(messages, new, strict=True) if one.incoming.files
    )
    _note_activity(list(conversations.values()), messages, channels)
    note_addresses([(new[n], handles[_sender(new[n])], row) for n, row in joined.items() if _sender(new[n]) in handles])
    emit(MessagesReceived(tuple(message.pk for message in messages)))
    ring("understand")
    return {(one.channel_id, one.incoming.external_id[:300]) for one in new}


def _joined(new: Sequence[Arrived]) -> dict[int, Conversation]:
    """The conversation of each mail that brings a token of ours back, whoever sends it and whatever its headers say;
    and that of each comment of ours under somebody's."""
    known = named(new, now() - SAME_THREAD)
    found = ((n, (known.get((one.channel_id, token)) for token in tokens(one))) for n, one in enumerate(new))
    by_token = {n: row for n, rows in found if (row := next(filter(None, rows), None))}
    return {**by_token, **answered_by_us(new)}


def _key_of(row: Conversation) -> Key:
    return row.channel_id, row.handle_id, row.public_post_id, row.thread_key


def _of(row: Conversation) -> PostKey:
    return row.channel_id, row.handle.external_id


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
    one: Arrived, handles: dict[PostKey, Handle], posts: dict[PostKey, PublicPost], threads: dict[PostKey, str]
) -> Key:
    said = one.incoming
    handle = handles[_sender(one)]
    post = posts[one.channel_id, said.post.external_id] if said.post and said.visibility == "public" else None
    return one.channel_id, handle.pk, post.pk if post else None, _thread_key(one, threads)[:300]


def _conversations(
    keyed: list[tuple[Key, Arrived]], handles: dict[tuple[int, str], Handle], channels: dict[int, Channel]
) -> dict[Key, Conversation]:
    """The conversation of each key: the open one, else the closed one if it is the same talk, else a new one.

    They are locked, so that an outcome, a close or an answer of this very moment is neither missed nor undone.
    """
    people = {key[1] for key, _ in keyed}
    wanted = {key for key, _ in keyed}
    found: dict[Key, Conversation] = {}
    rows = Conversation.objects.select_for_update(of=("self",)).filter(handle_id__in=people).filter(
        ~Q(state=Conversation.State.CLOSED) | Q(last_activity_at__gte=now() - SAME_THREAD)
    )  # fmt: skip
    for row in sorted(rows.order_by("id"), key=lambda row: (row.last_activity_at, row.pk)):
        key = _key_of(row)
        is_better = key not in found or found[key].state == Conversation.State.CLOSED
        if key in wanted and _goes_on(row) and is_better:
            found[key] = row
    by_pk = {handle.pk: handle for handle in handles.values()}
    for key, one in keyed:
        if key not in found:
            found[key] = _new(key, one, by_pk.get(key[1]) or handles[_sender(one)], channels[key[0]])
    _link([row for row in found.values() if row.pk is None])
    Conversation.objects.bulk_create(row for row in found.values() if row.pk is None)
    return found


def _goes_on(row: Conversation) -> bool:
    """A closed conversation opens again when it is the same mail thread or not long ago."""
    if row.state != Conversation.State.CLOSED:
        return True
    return bool(row.thread_key) or row.last_activity_at >= now() - RECENT


def _new(key: Key, one: Arrived, handle: Handle, channel: Channel) -> Conversation:
    said = one.incoming
    return Conversation(
        channel_id=key[0], handle=handle, contact=handle.contact, public_post_id=key[2], thread_key=key[3],
        subject=said.subject[:300], source=said.source[:120], site_id=channel.site_id,
        is_public=said.visibility == "public", language=said.language[:5],
        last_activity_at=said.provider_at, created_at=said.provider_at,
    )  # fmt: skip


def _link(new: Sequence[Conversation]) -> None:
    """A private conversation of somebody who writes in public too hangs on the public one."""
    private = {row.handle_id: row for row in new if not row.is_public}
    if not private:
        return
    rows = Conversation.objects.filter(
        handle_id__in=private, is_public=True, last_activity_at__gte=now() - LINKED
    ).order_by("last_activity_at")
    for public in rows:
        private[public.handle_id].linked_to = public


def _message(one: Arrived, conversation: Conversation) -> Message:
    said = one.incoming
    understood_at = one.received_at if _is_past(one) else None
    return Message(
        conversation=conversation, channel_id=one.channel_id,
        direction=Message.Direction.OUT if said.is_own else Message.Direction.IN,
        visibility=said.visibility, external_id=said.external_id[:300], reply_to=said.reply_to[:300],
        text=_clean(said.text), original=_clean(said.original) if said.original != said.text else "",
        is_automatic=said.is_automatic or said.is_bounce, language=said.language[:5],
        understood_at=understood_at, target=dict(said.target), delivery_id=one.delivery_id,
        form=str(said.headers.get("form", ""))[:30], more=facts.of(said.headers),
        provider_at=said.provider_at, received_at=one.received_at,
    )  # fmt: skip


def _is_past(one: Arrived) -> bool:
    """From before we were connected: it is read like a letter in a file. Nobody is asked, told or hurried by it."""
    return bool(one.incoming.headers.get("is_history")) and one.received_at - one.incoming.provider_at > PAST


def _clean(text: str) -> str:
    return text.replace("\0", "")


def _note_activity(rows: list[Conversation], messages: list[Message], channels: dict[int, Channel]) -> None:
    """Write on each conversation what its row in the list shows."""
    by_conversation: dict[int, list[Message]] = defaultdict(list)
    for message in messages:
        by_conversation[message.conversation_id].append(message)
    for row in rows:
        _note(row, by_conversation[row.pk], channels[row.channel_id])
    write(
        rows,
        [
            "first_words", "last_activity_at", "last_inbound_at", "last_message_id", "read_until_id",
            "unanswered_since", "due_at",
        ],
    )  # fmt: skip
    touch("inbox", *(f"conversation:{row.pk}" for row in rows))


def _note(row: Conversation, messages: list[Message], channel: Channel) -> None:
    newest = max(messages, key=lambda message: message.provider_at)
    fresh = [message for message in messages if message.understood_at is None]
    was_read = row.read_until_id >= row.last_message_id
    row.last_message_id = max([row.last_message_id, *(message.pk for message in messages)])
    if was_read and not fresh:
        row.read_until_id = row.last_message_id
    if newest.provider_at >= row.last_activity_at or not row.first_words:
        row.first_words = first_words(newest)
    row.last_activity_at = max(row.last_activity_at, newest.provider_at)
    if written := [message.provider_at for message in messages if _asks(message)]:
        row.last_inbound_at = max([*written, *([row.last_inbound_at] if row.last_inbound_at else [])])
    asking = [message.provider_at for message in fresh if _asks(message)]
    if asking:
        _start_clock(row, min(asking), channel)
    if any(message.direction == Message.Direction.OUT for message in fresh) and not asking:
        row.unanswered_since = row.due_at = None  # we answered on the platform itself
    _wake(row, bool(asking))


def _asks(message: Message) -> bool:
    is_theirs = message.direction == Message.Direction.IN
    return is_theirs and not message.is_automatic and not message.is_given


def _start_clock(row: Conversation, asked_at: datetime, channel: Channel) -> None:
    if row.unanswered_since is None:
        row.unanswered_since = asked_at
        row.due_at = clocks.due_at(channel, asked_at)


def _wake(row: Conversation, is_asked: bool) -> None:
    """A message brings a closed or put-off conversation back to the desk."""
    if is_asked and row.state != Conversation.State.OPEN:
        also = {"reason": "", "snoozed_until": None}
        audit.move(row, Conversation.State.OPEN, audit.by_candidate(row.contact_id), also=also)


def first_words(message: Message) -> str:
    """What a list row shows of a message, on one line."""
    return " ".join(message.text.split())[:160]
