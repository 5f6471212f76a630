"""Language, kind and topic of what came in: the doorbell `understand`, in batches, one model call each.

The model takes its time, so it runs before anything is locked. What it says is then written upon the rows as they are
by now: a topic that a person chose meanwhile stands, so does one from a newer message that a worker beside us read,
and words that were edited meanwhile are understood next time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import Error, connection, transaction
from django.db.models import QuerySet

from ganzohr.channels.models import Channel
from ganzohr.core.events import emit
from ganzohr.core.points import point
from ganzohr.core.rows import write
from ganzohr.core.times import now
from ganzohr.directory.models import Site
from ganzohr.inbox import clocks, sites
from ganzohr.inbox.events import MessagesUnderstood
from ganzohr.inbox.models import NO_CLOCK, Conversation, Message
from ganzohr.topics.models import Topic
from ganzohr.ui.live import touch

if TYPE_CHECKING:
    from ganzohr.topics.understanding import Understood

log = logging.getLogger(__name__)
BATCH, AHEAD, NEWEST = 100, 1600, 200
STRETCH = 0x756E6465  # "unde"
HARMLESS = "Hello?"
FOUND = ["language", "kind", "site", "topic", "topic_is_sure", "topic_message_id", "topic_choices", "due_at"]

KINDS = """
SELECT DISTINCT ON (place) place, kind, coalesce(how_many = %s AND oldest >= since, false) FROM (
    SELECT held.place, held.since, said.*, count(*) OVER of_it AS how_many, min(said.provider_at) OVER of_it AS oldest
    FROM unnest(%s::bigint[], %s::timestamptz[]) AS held(place, since), LATERAL (
        SELECT id, kind, provider_at FROM inbox_message m
        WHERE m.conversation_id = held.place AND m.direction = 'in' AND NOT m.is_automatic AND m.kind <> ''
          AND NOT (m.kind = 'reaction' AND m.target ? 'by')
        ORDER BY m.id DESC LIMIT %s
    ) said WINDOW of_it AS (PARTITION BY held.place)
) newest WHERE since IS NULL OR provider_at >= since
ORDER BY place, since IS NOT NULL AND kind <> ALL(%s) DESC, provider_at DESC, id DESC
"""


def understand_waiting() -> int:
    """Understand one batch of messages; how many. A message that a crash left behind is understood next time."""
    with _batch() as read:
        if not read:
            return 0
        found = _found([row for row in read if row.text.strip() and not row.is_automatic and not row.deleted_at])
        with transaction.atomic():
            rows = _write(read, found)
            if rows:
                emit(MessagesUnderstood(tuple(row.pk for row in rows)))
                touch("inbox", *(f"conversation:{row.conversation_id}" for row in rows))
            point("understand.before_commit")
        point("understand.after_commit")
    return len(rows)


@contextmanager
def _batch() -> Iterator[list[Message]]:
    """The oldest that nobody else understands at this moment: workers beside us take the next ones, none thinks twice.

    The claim is a lock of our connection on a stretch of ids; it holds up nobody who writes, and dies with us.
    """
    waiting = Message.objects.filter(understood_at=None, direction=Message.Direction.IN).order_by("id")
    for first in _stretches(waiting):
        if not _asked("SELECT pg_try_advisory_lock(%s, %s)", first):
            continue
        try:
            # looked at again under the lock: whoever had it before us may have understood them
            rows = waiting.filter(pk__range=(first * BATCH, first * BATCH + BATCH - 1)).select_related("conversation")
            if read := list(rows):
                yield read
                return
        finally:
            _asked("SELECT pg_advisory_unlock(%s, %s)", first)
    yield []


def _stretches(waiting: QuerySet[Message]) -> list[int]:
    return list(dict.fromkeys(pk // BATCH for pk in waiting.values_list("pk", flat=True)[:AHEAD]))


def _asked(question: str, stretch: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [STRETCH, stretch % 2**31])
        return bool(cursor.fetchone()[0])


def _found(rows: Sequence[Message]) -> dict[int, Understood]:
    """What the model says of each. One it cannot read goes to a person without a kind and holds up nobody."""
    from ganzohr.topics.understanding import understand  # only the worker loads what understands

    try:
        said = understand([row.text for row in rows], [row.conversation.language for row in rows])
    except Error:  # the database, not the words
        raise
    except Exception:
        if len(rows) > 1:
            return {pk: one for row in rows for pk, one in _found([row]).items()}
        understand([HARMLESS], [""])  # raises where the model itself is broken: then everything waits for it
        log.exception("message %s could not be understood", rows[0].pk)
        return {}
    return dict(zip((row.pk for row in rows), said, strict=True))


def _write(read: Sequence[Message], found: dict[int, Understood]) -> list[Message]:
    at = now()
    conversations = _held(read)
    places = _places(conversations.values())
    rows = _still_waiting(read)
    chosen = _chosen_meanwhile(read, conversations)
    about: dict[int, Conversation] = {}
    for row in rows:
        row.understood_at = at
        said = found.get(row.pk)
        if said is None:
            continue
        row.language, row.kind = row.language or said.language, row.kind or said.kind
        conversation = about.setdefault(row.conversation_id, conversations[row.conversation_id])
        _about(conversation, row, said, is_chosen=conversation.pk in chosen)
        if _may_be_placed(conversation):
            conversation.site_id = sites.named(row.text, places)
    write(rows, ["understood_at", "language", "kind"])
    _write_conversations(list(about.values()))
    return rows


def _held(read: Sequence[Message]) -> dict[int, Conversation]:
    """Their conversations as they are now, nobody else's until we are done; locked before any message of theirs."""
    places = {row.conversation_id for row in read}
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=places).order_by("id")
    return {row.pk: row for row in rows}


def _still_waiting(read: Sequence[Message]) -> list[Message]:
    """Those nobody understood, edited or took away since they were read."""
    words = {row.pk: row.text for row in read}
    rows = (
        Message.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=words, understood_at=None)
        .order_by("id")
    )
    return [row for row in rows if row.text == words[row.pk]]


def _chosen_meanwhile(read: Sequence[Message], now_held: dict[int, Conversation]) -> set[int]:
    """Where a person said what it is about while the model was thinking; what another worker found is no choice."""
    before = {row.conversation_id: _topic_of(row.conversation) for row in read}
    return {pk for pk, row in now_held.items() if row.topic_message_id is None and _topic_of(row) != before[pk]}


def _topic_of(row: Conversation) -> tuple[int | None, bool, int | None]:
    return row.topic_id, row.topic_is_sure, row.topic_message_id


def _about(conversation: Conversation, message: Message, said: Understood, *, is_chosen: bool) -> None:
    """The conversation follows its newest message, but never leaves a topic that a person or a sure model gave it for
    one that nobody is sure of, nor one that was chosen after the model looked, nor that of a newer message."""
    conversation.language = conversation.language or message.language
    is_older = message.pk < (conversation.topic_message_id or 0)
    if not is_chosen and not is_older and (said.is_sure or not conversation.topic_is_sure):
        conversation.topic_choices = said.choices
        if said.is_sure:
            conversation.topic_id, conversation.topic_is_sure = said.topic_id, True
            conversation.topic_message_id = message.pk


def _may_be_placed(conversation: Conversation) -> bool:
    """Neither its channel nor a person nor an earlier text has said which site it is about."""
    return conversation.site_id is None and not conversation.site_is_chosen


def _places(conversations: Iterable[Conversation]) -> list[sites.Known]:
    """The sites a text may name, read only where one is looked for."""
    if not any(_may_be_placed(row) for row in conversations):
        return []
    return list(Site.objects.in_use().values_list("pk", "name", "city"))


def _kinds(rows: Sequence[Conversation]) -> dict[int, str]:
    """What each conversation asks of us: the newest kind that wants an answer among what is unanswered, else the
    newest kind at all. A thank-you after a question does not make the question go away.

    Of somebody who writes on and on only the newest are read. Where none of those wants an answer, what was found
    before still says it, so such a conversation is left out.
    """
    no_clock = [str(kind) for kind in NO_CLOCK]
    with connection.cursor() as cursor:
        since = [row.unanswered_since for row in rows]
        cursor.execute(KINDS, [NEWEST, [row.pk for row in rows], since, NEWEST, no_clock])
        return {place: kind for place, kind, is_cut in cursor.fetchall() if not (is_cut and kind in NO_CLOCK)}


def _write_conversations(rows: list[Conversation]) -> None:
    kinds = _kinds(rows)
    topics = Topic.objects.in_bulk({row.topic_id for row in rows if row.topic_id})
    channels = Channel.objects.select_related("hours", "site__hours").in_bulk({row.channel_id for row in rows})
    for row in rows:
        row.kind = kinds.get(row.pk, row.kind)
        if row.unanswered_since:
            topic = topics.get(row.topic_id or 0)
            row.due_at = clocks.due_at(channels[row.channel_id], row.unanswered_since, topic)
        if row.kind in NO_CLOCK:
            row.due_at = None
    write(rows, FOUND)
