"""What people give to a message without words: it stands under that message and asks for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from ganzohr.channels.arrivals import Arrived
from ganzohr.core.times import now
from ganzohr.inbox.actions.parked import park, taken_away
from ganzohr.inbox.models import GIVEN, Kind, Message
from ganzohr.ui.live import touch

Key = tuple[int, str]
Giver = tuple[int, str, str]  # channel, message, by whom; all of us are one
Newest = tuple[datetime, bool]  # of the same second, taking away comes after giving


def react(arrived: Sequence[Arrived]) -> list[Arrived]:
    """Put each reaction under the message it is for, or take it away again; the newest of a person for a message
    stands, in whatever order they come. Those whose message is not here (yet) come back; one to a post is nobody's
    talk and leaves no trace.
    """
    if not arrived:
        return []
    subjects = _subjects(arrived)
    here = [one for one in arrived if _subject(one) in subjects]
    newest = _newest(here)
    if newest:
        _keep(newest.values(), subjects)
    return [one for one in arrived if _subject(one) not in subjects and not _is_to_a_post(one)]


def _subject(one: Arrived) -> Key:
    return one.channel_id, one.incoming.reply_to[:300]


def _subjects(arrived: Iterable[Arrived]) -> dict[Key, Message]:
    wanted = {_subject(one) for one in arrived}
    rows = Message.objects.filter(
        channel_id__in={channel for channel, _ in wanted}, external_id__in={subject for _, subject in wanted}
    ).exclude(GIVEN)
    return {(row.channel_id, str(row.external_id)): row for row in rows.select_related("conversation")}


def _is_to_a_post(one: Arrived) -> bool:
    said = one.incoming
    return bool(said.headers.get("of_post")) or (said.post is not None and said.post.external_id == said.reply_to)


def _giver(one: Arrived) -> Giver:
    return *_subject(one), "" if one.incoming.is_own else one.incoming.sender_id


def _moment(one: Arrived) -> Newest:
    return one.incoming.provider_at, bool(one.incoming.headers.get("removed"))


def _given(arrived: Iterable[Arrived]) -> dict[Giver, Message]:
    """What stands there of the same people."""
    givers = {_giver(one) for one in arrived}
    by = Q(direction=Message.Direction.OUT) | Q(target__by__in=sorted({name for _, _, name in givers}))
    rows = Message.objects.filter(
        by, GIVEN, channel_id__in={one[0] for one in givers}, reply_to__in={one[1] for one in givers}
    )
    found = {}
    for row in rows.order_by("provider_at", "id"):
        name = "" if row.direction == Message.Direction.OUT else str(row.target["by"])
        found[row.channel_id, row.reply_to, name] = row
    return found


def _newest(arrived: Sequence[Arrived]) -> dict[Giver, Arrived]:
    """Of each person and message what is newer than all that was told before."""
    known = {giver: (row.provider_at, False) for giver, row in _given(arrived).items()}
    for one in taken_away({_subject(one) for one in arrived}):
        known[_giver(one)] = max(_moment(one), known.get(_giver(one), _moment(one)))
    found = {}
    for one in sorted(arrived, key=_moment):
        if (giver := _giver(one)) not in known or known[giver] < _moment(one):
            found[giver], known[giver] = one, _moment(one)
    return found


def _keep(newest: Iterable[Arrived], subjects: dict[Key, Message]) -> None:
    told = list(newest)
    Message.objects.filter(pk__in=[row.pk for row in _given(told).values()]).delete()
    park(one for one in told if one.incoming.headers.get("removed"))
    rows = [_row(subjects[_subject(one)], one) for one in told if not one.incoming.headers.get("removed")]
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    touch("inbox", *{f"conversation:{subjects[_subject(one)].conversation_id}" for one in told})


def _row(subject: Message, one: Arrived) -> Message:
    said = one.incoming
    return Message(
        conversation=subject.conversation, channel_id=one.channel_id, visibility=subject.visibility,
        direction=Message.Direction.OUT if said.is_own else Message.Direction.IN,
        external_id=said.external_id[:300], reply_to=str(subject.external_id), text=said.text.replace("\0", "")[:60],
        kind=Kind.REACTION, understood_at=now(), target={"by": said.sender_id}, delivery_id=one.delivery_id,
        provider_at=said.provider_at, received_at=one.received_at,
    )  # fmt: skip
