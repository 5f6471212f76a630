"""Recorded bodies of hooks through the intake, and what the desk holds of each afterwards.

Recordings use one id for many deliveries, and a desk takes each but once. So the files go in by rounds: whatever would
be the same thing to a desk goes to another round, with an app and accounts of its own, as if to another desk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ganzohr.channels.connectors import connector
from ganzohr.channels.connectors.base import Account, Incoming
from ganzohr.proofs.agreement import Held
from ganzohr.proofs.recorded import Recorded

if TYPE_CHECKING:
    from ganzohr.channels.models import App, Channel
    from ganzohr.inbox.models import Message

MOST_ACCOUNT = 120
ACCOUNT_NAMES = {"facebook": ("page_id",), "whatsapp": ("phone_number_id", "waba_id")}


@dataclass(frozen=True)
class Taken:
    """What became of one file: the state of its delivery and what is held of everything it says.

    `missing` names what should be in the desk and is not.
    """

    state: str
    error: str = ""
    held: tuple[Held, ...] = ()
    missing: tuple[str, ...] = ()


def said_by(one: Recorded) -> list[Incoming]:
    """What the connector reads in a file, before any account is connected; nothing where the bytes are damaged."""
    try:
        return connector(one.connector).parse(Account(one.connector, "replay", {}, {}), {}, one.raw)
    except ValueError:
        return []


def rounds(files: Iterable[Recorded]) -> list[list[Recorded]]:
    """The files so that no round holds the same bytes or the same thing twice."""
    used: dict[object, int] = defaultdict(int)
    found: list[list[Recorded]] = []
    for one in files:
        marks: set[object] = {(one.connector, one.raw), *_marks(one)}
        number = max(used[mark] for mark in marks)
        used.update(dict.fromkeys(marks, number + 1))
        while len(found) <= number:
            found.append([])
        found[number].append(one)
    return found


def _marks(one: Recorded) -> set[object]:
    """The things a file speaks of, by their ids: each as it was before and as it is afterwards."""
    said = said_by(one)
    return {(one.connector, id_) for each in said for id_ in (each.external_id, each.reply_to) if id_}


def through_the_hooks(files: Sequence[Recorded]) -> dict[str, Taken]:
    """Stores every file as its hook would, lets the desk read them, looks what it holds. Needs a database."""
    found: dict[str, Taken] = {}
    for number, group in enumerate(rounds(files)):
        found |= _one_round(number, group)
    return found


def _one_round(number: int, files: Sequence[Recorded]) -> dict[str, Taken]:
    from ganzohr.channels import actions
    from ganzohr.channels.models import App, Channel, Delivery
    from ganzohr.core import crypto

    app = App.objects.create(kind="meta", name=f"Replay {number}", key=crypto.new_token())
    ours = _connect(app, files)
    stored = {one.name for one in files if _store(app, ours, one)}
    while actions.process_deliveries():
        pass
    rows = Delivery.objects.filter(path__in=stored).defer("body")
    states = {row.path: (row.state, row.error, row.pk) for row in rows}
    found = {one.name: _taken(one, ours, *states[one.name]) for one in files if one.name in states}
    Channel.objects.filter(app=app).update(external_id="", settings={})  # the next round connects them anew
    return found


def _connect(app: App, files: Sequence[Recorded]) -> dict[tuple[str, str], Channel]:
    """A channel for every account of ours that the files name, and one for what names none."""
    from ganzohr.channels.models import Channel

    named = {(one.connector, said.account) for one in files for said in said_by(one)}
    ours = {}
    for number, (kind, account) in enumerate(sorted(named)):
        if len(account) > MOST_ACCOUNT:
            continue
        values = dict.fromkeys(ACCOUNT_NAMES[kind], account) if account else {}
        ours[kind, account] = Channel.objects.create(
            kind=kind, name=account or "nameless", key=f"{app.key[:40]}-{number}", app=app, external_id=account,
            settings=values,
        )  # fmt: skip
    return ours


def _store(app: App, ours: Mapping[tuple[str, str], Channel], one: Recorded) -> bool:
    """By the hook of the app; what does not say for which account it is goes to a channel of its own."""
    from ganzohr.channels import actions

    nameless = ours.get((one.connector, ""))
    if nameless and any(not said.account for said in said_by(one)):
        return actions.store(nameless, one.name, {}, one.raw)
    return actions.store_for_app(app, one.connector, one.name, {}, one.raw)


def _taken(
    one: Recorded, ours: Mapping[tuple[str, str], Channel], state: str, error: str, delivery_id: int
) -> Taken:  # fmt: skip
    held, missing = [], []
    for said in said_by(one) if state in ("done", "unsupported") else ():
        channel = ours.get((one.connector, "")) if not said.account else ours.get((one.connector, said.account))
        if said.what == "unsupported" or channel is None:
            continue
        facts = LOOKS.get(said.what, _as_told)(channel, said, delivery_id)
        if facts is None:
            missing.append(said.what)
        else:
            held.append(facts)
    return Taken(state, error, tuple(held), tuple(missing))


# What the desk holds, by what was said. None: it should be there and is not.


def _message(channel: Channel, said: Incoming, delivery_id: int) -> Held | None:
    row = _find(channel, said.external_id)
    if row is not None:
        return _of_row(row, said)
    return _parked(channel, said, delivery_id) or (
        _as_told(channel, said, delivery_id) if _is_to_nobody(said) else None
    )


def _is_to_nobody(said: Incoming) -> bool:
    """Our own comment straight under a post belongs to nobody's conversation."""
    return said.is_own and said.visibility == "public"


def _change(channel: Channel, said: Incoming, delivery_id: int) -> Held | None:
    """An edit, deletion or hiding: done to its message, or waiting for it."""
    row = _find(channel, said.reply_to or said.external_id)
    if row is None:
        return _parked(channel, said, delivery_id)
    done = {
        "edit": row.edited_at is not None or row.deleted_at is not None,
        "delete": row.deleted_at is not None,
        "hide": (row.hidden_at is not None) == bool(said.headers.get("hidden")),
    }
    return _of_row(row, said) if done[said.what] else None


def _reaction(channel: Channel, said: Incoming, delivery_id: int) -> Held | None:
    """It stands under its message; what reacts to something else leaves no trace."""
    subject = _find(channel, said.reply_to) if said.reply_to else None
    if subject is None:
        return _as_told(channel, said, delivery_id)
    rows = type(subject).objects.filter(kind="reaction", channel=channel, reply_to=said.reply_to)
    theirs = rows.filter(target__by=said.sender_id).first()
    if theirs is None:
        return _of_row(subject, said) if said.headers.get("removed") else None
    return _of_row(theirs, said)


def _status(channel: Channel, said: Incoming, delivery_id: int) -> Held | None:
    from ganzohr.channels.models import Status

    row = Status.objects.filter(channel=channel, external_id=said.reply_to[:300]).first() if said.reply_to else None
    if row is None:
        return None if said.reply_to else _as_told(channel, said, delivery_id)
    told = _as_told(channel, said, delivery_id)
    return Held(frozenset({row.external_id}), told.senders, told.texts, frozenset({row.at, said.provider_at}))


def _post(channel: Channel, said: Incoming, delivery_id: int) -> Held | None:
    from ganzohr.channels.models import PublicPost

    id_ = said.post.external_id if said.post else said.external_id
    row = PublicPost.objects.filter(channel=channel, external_id=id_[:300]).first()
    if row is None:
        return None
    told = _as_told(channel, said, delivery_id)
    at = {one for one in (row.posted_at, row.removed_at) if one}
    return Held(frozenset({row.external_id}), told.senders, (row.text,), frozenset(at))


def _identity(channel: Channel, said: Incoming, delivery_id: int) -> Held | None:
    told = _as_told(channel, said, delivery_id)
    return Held(told.ids, told.senders | _known_as(channel, said.sender_id), told.texts, told.times)


def _account(channel: Channel, said: Incoming, delivery_id: int) -> Held | None:
    """News of an account: a problem that was told stands on the channel."""
    channel.refresh_from_db()
    problem = str(said.headers.get("problem", ""))
    return None if problem and not channel.problem else _as_told(channel, said, delivery_id)


LOOKS: dict[str, Any] = {
    "message": _message, "edit": _change, "delete": _change, "hide": _change, "reaction": _reaction,
    "status": _status, "post": _post, "identity": _identity, "account": _account,
}  # fmt: skip


def _find(channel: Channel, external_id: str) -> Message | None:
    from ganzohr.inbox.models import Message

    rows = Message.objects.select_related("conversation__handle")
    return rows.filter(channel=channel, external_id=external_id[:300]).first() if external_id else None


def _of_row(row: Message, said: Incoming) -> Held:
    """A message or reaction of the inbox. What its form brought beside words stands in the raw delivery."""
    senders = _known_as(row.channel, row.conversation.handle.external_id) | _named(said)
    if row.direction == "out" and row.kind != "reaction":
        senders |= {row.channel.external_id}
    times = {one for one in (row.provider_at, row.edited_at, row.deleted_at, row.hidden_at) if one}
    ids = {row.external_id or "", row.reply_to, str(row.target.get("comment_id", ""))}
    texts = (row.original or row.text, row.text, str(said.headers.get("payload", "")))
    return Held(frozenset(ids - {""}), frozenset(senders), texts, frozenset(times | {said.provider_at}))


def _named(said: Incoming) -> set[str]:
    return {str(said.headers.get(name, "")) for name in ("from", "was")} - {""}


def _known_as(channel: Channel, id_: str) -> set[str]:
    from ganzohr.contacts.models import Handle

    handle = Handle.objects.filter(channel=channel, external_id=id_[:300]).first()
    others = set(handle.other_ids.values_list("value", flat=True)) if handle else set()
    return {id_} | others if handle else others


def _parked(channel: Channel, said: Incoming, delivery_id: int) -> Held | None:
    """It waits for the message it speaks of; its words stand in what is kept for then."""
    from ganzohr.inbox.models import Parked

    row = Parked.objects.filter(channel=channel, external_id=said.external_id[:300], delivery_id=delivery_id).first()
    if row is None:
        return None
    told = _as_told(channel, said, delivery_id)
    senders = frozenset({row.sender_id, *_named(said)})
    texts = (str(row.values["text"]), str(row.values.get("original", "")))
    return Held(frozenset({row.external_id, row.subject}), senders, texts, told.times)


def _as_told(channel: Channel, said: Incoming, delivery_id: int) -> Held:
    """What was taken and needs no place in the desk: as the connector told it."""
    senders = {said.sender_id, *said.also_known_as, *_named(said)} - {""}
    texts = (said.original or said.text, said.text, str(said.headers.get("payload", "")))
    ids = frozenset({said.external_id, said.reply_to} - {""})
    return Held(ids, frozenset(senders), texts, frozenset({said.provider_at}))
