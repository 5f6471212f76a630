"""Every verb of this room that other rooms call: storing what came, and everything on its way out."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets as random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.channels import days, deliveries, group, reading_back
from ganzohr.channels.accounts import account_of, account_of_app, connector_of, sealed, secrets_of
from ganzohr.channels.again import StaysHere, why_not
from ganzohr.channels.committer import Full
from ganzohr.channels.connectors import connector
from ganzohr.channels.connectors.base import Incoming
from ganzohr.channels.events import (
    ChannelDisconnected,
    OutgoingAccepted,
    OutgoingRefused,
    OutgoingTakenBack,
    OutgoingWaitsAgain,
)
from ganzohr.channels.holds import hold, lift
from ganzohr.channels.intake import process_deliveries
from ganzohr.channels.models import App, Channel, Delivery, Outgoing
from ganzohr.channels.outbox import send_waiting
from ganzohr.core import jobs, times
from ganzohr.core.events import emit
from ganzohr.core.points import point
from ganzohr.directory.models import Colleague
from ganzohr.ui import live

__all__ = [
    "NotKept",
    "StaysHere",
    "accept",
    "change",
    "confirm_by_hand",
    "connect",
    "disconnect",
    "enqueue",
    "hold",
    "lift",
    "move_to",
    "process_deliveries",
    "resolve_unclear",
    "run_again",
    "save_secrets",
    "send_again",
    "send_waiting",
    "store",
    "store_for_app",
    "store_read_back",
    "take_back",
]
log = logging.getLogger(__name__)


class NotKept(Exception):
    """Nobody can promise that it is kept, so nobody may be thanked for it; giving it again is safe."""


def accept(channel: Channel, path: str, headers: Mapping[str, str], body: bytes) -> None:
    """Keep a raw delivery in the commit that whatever else comes to this process now shares; hooks go the same way.

    Returns once it is committed, now or earlier. Must not be called inside a transaction: the commit is another one.
    """
    row = _row(channel, path, headers, body)
    try:
        if not group.kept_together(row):
            _store(row)
    except Full as error:
        raise NotKept from error
    except Exception as error:  # whatever it is, only a kept delivery may be thanked for
        log.warning("nobody knows whether a delivery is kept", exc_info=error)
        raise NotKept from error


def store(channel: Channel, path: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Keep a raw delivery for ever or not at all; False when the same one was kept before. Parsed later.

    By itself, also inside the caller's transaction.
    """
    return _store(_row(channel, path, headers, body))


def _row(channel: Channel, path: str, headers: Mapping[str, str], body: bytes) -> deliveries.Row:
    said = _lowered(headers)
    key = connector_of(channel).delivery_key(account_of(channel), path, said, body)
    return deliveries.row(channel.pk, 0, "", key, path, said, body)


def store_for_app(app: App, kind: str, path: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Keep what came to the hook of an app, for whichever of its channels; as `store`."""
    said = _lowered(headers)
    key = connector(kind).delivery_key(account_of_app(app, kind), path, said, body)
    return _store(deliveries.row(0, app.pk, kind, key, path, said, body))


def store_read_back(channel: Channel, key: str, said: Incoming) -> bool:
    """Keep something we asked the platform for; False when the same key was kept before."""
    key_, body = reading_back.key_of(key), reading_back.as_body(said)
    return _store(deliveries.row(channel.pk, 0, reading_back.KIND, key_, "", {}, body))


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    """The same with names in lower case."""
    return {name.lower(): value for name, value in headers.items()}


def _store(row: deliveries.Row) -> bool:
    point("accept.before_commit")
    try:
        is_new = _written(row)
    except IntegrityError as error:
        if not isinstance(error.__cause__, days.MOVED_ON):
            raise
        is_new = _written(row)
    point("accept.after_commit")
    if is_new:
        jobs.ring("deliveries")
    return is_new


def _written(row: deliveries.Row) -> bool:
    """In a step of its own, so that a caller's transaction outlives a refusal."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deliveries.STORE_ONE, row)
        return bool(cursor.rowcount)


def enqueue(
    *,
    channel: Channel | None,
    kind: str,
    target: Mapping[str, Any],
    payload: Mapping[str, Any],
    key: str,
    not_before: datetime | None = None,
    hold: str = "",
    lane: str = "",
    site_id: int | None = None,
    public_post_id: int | None = None,
) -> Outgoing:
    """Put one thing on its way out, in the caller's transaction; the same key gives the thing put there before.

    `channel` None is the desk's own mail account. `target` is what the connector gave with the message, unchanged.
    Files stand in `payload["files"]` as `{"name", "content_type", "path"}`, the path being a name in Django's storage.
    Things of one `lane` leave one after another; by default each target of a channel is a lane. `site_id` is whose
    conversation it belongs to (else the channel's site), `public_post_id` under what it appears; holds read both.
    """
    now = times.now()
    if channel is not None and not lane:
        lane = hashlib.sha256(json.dumps(dict(target), sort_keys=True).encode()).hexdigest()[:40]
    outgoing, is_new = Outgoing.objects.get_or_create(
        key=key,
        defaults={
            "channel": channel,
            "kind": kind,
            "target": dict(target),
            "payload": dict(payload),
            "not_before": not_before or now,
            "hold": hold,
            "lane": lane[:80],
            "site_id": site_id or (channel.site_id if channel else None),
            "public_post_id": public_post_id,
            "created_at": now,
        },
    )
    if is_new and outgoing.not_before <= now:
        jobs.ring("outbox")
    return outgoing


@transaction.atomic
def take_back(outgoing: Outgoing, actor: Actor) -> bool:
    """Keep it here for good; False when it has left already, or is leaving now."""
    outgoing.refresh_from_db()
    before = outgoing.state
    try:
        audit.move(outgoing, Outgoing.State.TAKEN_BACK, actor, also={"finished_at": times.now()})
    except audit.NotAllowed:
        return False
    emit(OutgoingTakenBack((outgoing.pk,), after_refusal=before == Outgoing.State.REFUSED))
    live.touch("outbox")
    return True


@transaction.atomic
def send_again(outgoing: Outgoing, actor: Actor) -> None:
    """Try a refused one once more, now; `audit.NotAllowed` when it is not refused, `StaysHere` when it must not."""
    _lock(outgoing)
    if outgoing.state != Outgoing.State.REFUSED:
        raise audit.NotAllowed(f"outgoing {outgoing.pk} is {outgoing.state}, not refused")
    if words := why_not(outgoing):
        raise StaysHere(words)
    _wait_again(outgoing, actor)


@transaction.atomic
def confirm_by_hand(outgoing: Outgoing, actor: Actor, colleague: Colleague | None, permalink: str = "") -> None:
    """A person posted it on the network; shown as such, with the link if they gave one."""
    if outgoing.state != Outgoing.State.BY_HAND:
        raise audit.NotAllowed(f"outgoing {outgoing.pk} is {outgoing.state}, not waiting for a hand")
    _finish(outgoing, actor, colleague, outcome="posted_by_hand", external_id=permalink[:300])


def resolve_unclear(outgoing: Outgoing, actor: Actor, was_sent: bool, colleague: Colleague | None = None) -> None:
    """A person looked: it was sent after all, or it was not and leaves again. Where it must not leave any more it
    counts as refused from now on, and `StaysHere` says why."""
    with transaction.atomic():
        _lock(outgoing)
        if outgoing.state != Outgoing.State.UNCLEAR:
            raise audit.NotAllowed(f"outgoing {outgoing.pk} is {outgoing.state}, not unclear")
        if was_sent:
            return _finish(outgoing, actor, colleague, outcome="seen_by_person")
        words = why_not(outgoing)
        if not words:
            return _wait_again(outgoing, actor)
        _lay_down_unclear(outgoing, actor)
    raise StaysHere(words)


def _lock(outgoing: Outgoing) -> None:
    """First the thing, then its conversation, which listeners lock: in this order everywhere."""
    Outgoing.objects.select_for_update(no_key=True).filter(pk=outgoing.pk).first()


def _lay_down_unclear(outgoing: Outgoing, actor: Actor) -> None:
    audit.move(outgoing, Outgoing.State.REFUSED, actor, also={"outcome": "not_arrived", "finished_at": times.now()})
    emit(OutgoingRefused((outgoing.pk,)))
    live.touch("outbox", "channels")


def _wait_again(outgoing: Outgoing, actor: Actor) -> None:
    fresh = {
        "not_before": times.now(), "attempts": 0, "looks": 0, "leased_until": None, "finished_at": None,
        "outcome": "", "outcome_detail": "",
    }  # fmt: skip
    audit.move(outgoing, Outgoing.State.WAITING, actor, also=fresh)
    emit(OutgoingWaitsAgain((outgoing.pk,)))
    jobs.ring("outbox")
    live.touch("outbox")


def _finish(outgoing: Outgoing, actor: Actor, colleague: Colleague | None, **also: str) -> None:
    at = times.now()
    values = {"finished_at": at, "finished_by_id": colleague.pk if colleague else None, **also}
    audit.move(outgoing, Outgoing.State.ACCEPTED, actor, also=values)
    if outgoing.channel_id:
        Channel.objects.filter(pk=outgoing.channel_id).update(last_sent_at=at)
    emit(OutgoingAccepted((outgoing.pk,)))
    live.touch("outbox", "channels")


@transaction.atomic
def run_again(delivery: Delivery, actor: Actor) -> None:
    """Read a delivery that was set aside once more, after a fix; what was understood before is not doubled."""
    fresh = {"attempts": 0, "not_before": None, "error": ""}
    audit.move(delivery, Delivery.State.WAITING, actor, also=fresh)
    jobs.ring("deliveries")


@transaction.atomic
def connect(kind: str, values: Mapping[str, Any], actor: Actor, secrets: Mapping[str, str] | None = None) -> Channel:
    """A new channel of ours; it works from now on. `values` are its columns."""
    channel = Channel.objects.create(kind=kind, key=random.token_urlsafe(16), secrets=sealed(secrets or {}), **values)
    audit.record(actor, "connected", channel, kind=kind)
    live.touch("channels")
    return channel


@transaction.atomic
def change(channel: Channel, values: Mapping[str, Any], actor: Actor) -> None:
    """Change columns of a channel; a problem it had is looked at afresh."""
    rested = {"rests_until": times.now()} if channel.problem else {}
    for name, value in {**values, **rested}.items():
        setattr(channel, name, value)
    channel.save(update_fields=[*values, *rested])
    audit.record(actor, "changed", channel, columns=sorted(values))
    live.touch("channels")


@transaction.atomic
def save_secrets(
    channel: Channel, secrets: Mapping[str, str], actor: Actor | None = None, *, keep: bool = True
) -> None:
    """Add or replace some secrets, encrypted; the others stay if `keep`. The trail says which, never what."""
    row = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    row.secrets = channel.secrets = sealed({**(secrets_of(row) if keep else {}), **secrets})
    row.save(update_fields=["secrets"])
    if actor:
        audit.record(actor, "secrets changed", channel, names=sorted(secrets))


@transaction.atomic
def move_to(channel: Channel, state: str, actor: Actor) -> None:
    """Pause, resume or reconnect; what waits leaves once the channel is connected. `audit.NotAllowed` if it cannot."""
    audit.move(channel, state, actor, also={"rests_until": None})
    jobs.ring("outbox")
    live.touch("channels", "outbox")


@transaction.atomic
def disconnect(channel: Channel, actor: Actor) -> None:
    """Leave this channel: nothing leaves any more but its standing answer; everything stays readable."""
    audit.move(channel, Channel.State.DISCONNECTED, actor)
    emit(ChannelDisconnected((channel.pk,)))
    live.touch("channels", "outbox")
