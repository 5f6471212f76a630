"""Does the platform hold what we hold? What a hook never told us is fetched, every ten minutes for each channel.

The platform is read outside of any transaction; what is missing becomes a delivery of its own and passes the ordinary
claims. Silence proves nothing: something counts as deleted only when the whole list was read and does not name it, the
platform says of the very thing that it is not there, and both were so twice in a row. Because a platform says the same
where we may no longer read, it must have shown us what people write in the same turn; and of many at once a person says
whether they were deleted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from ganzohr.audit import actions as audit
from ganzohr.channels import accounts, actions, connectors, health, intake, reading_back
from ganzohr.channels.connectors.base import Account, Incoming, Reconciles, Trouble
from ganzohr.channels.models import Channel, Delivery, DeliveryKey, Outgoing, PublicPost, Reconciliation
from ganzohr.core import crypto, times
from ganzohr.ui import live

log = logging.getLogger(__name__)
EVERY = dt.timedelta(minutes=10)
BACK, FURTHEST = dt.timedelta(days=2), dt.timedelta(days=28)
ON_ITS_WAY = dt.timedelta(minutes=2)  # the hook may still tell us
KEPT = dt.timedelta(days=14)
MOST_ASKED = 25
MOST_WAITED = 50
MOST_GONE, SHARE_GONE = 5, 0.2  # more than both at once is no ordinary deletion
MANY_GONE = "many_gone"
READ = ("", MANY_GONE)  # what was compared to the end


@dataclass(frozen=True)
class Held:
    """What we hold of one public thing."""

    text: str
    edited_at: dt.datetime | None
    is_deleted: bool
    is_hidden: bool
    is_ours: bool
    form: str


Holds = Callable[[int, dt.datetime], Mapping[str, Held]]
_holds: list[str] = []


def tie(holds: str) -> None:
    """Set once at start who knows what we hold."""
    _holds[:] = [holds]


def _held(channel: Channel, since: dt.datetime) -> Mapping[str, Held]:
    holds: Holds = import_string(_holds[0])
    return holds(channel.pk, since)


@dataclass
class Seen:
    """What the platform lists: things people (or we) said, posts, and which of the things are hidden."""

    said: dict[str, Incoming] = field(default_factory=dict)
    posts: dict[str, Incoming] = field(default_factory=dict)
    hidden: dict[str, Incoming] = field(default_factory=dict)

    def take(self, one: Incoming) -> None:
        """Keep one line of the list."""
        if one.what == "message" and one.visibility == "public":
            self.said[one.external_id[:300]] = one
        elif one.what == "post":
            self.posts[one.external_id[:300]] = one
        elif one.what == "hide":
            self.hidden[one.reply_to[:300]] = one


def compare_due() -> int:
    """Compare every channel whose turn it is, each by one worker only (round); how many were compared."""
    Reconciliation.objects.filter(at__lt=times.now() - KEPT).delete()
    return sum(compare(channel) is not None for channel in _due() if _claim(channel))


def _due() -> Sequence[Channel]:
    kinds = [kind for kind in connectors.KINDS if connectors.connector(kind).abilities.reconciles]
    now = times.now()
    rested = Q(rests_until=None) | Q(rests_until__lte=now)
    turn = Q(compared_at=None) | Q(compared_at__lte=now - EVERY)
    rows = Channel.objects.active().filter(rested, turn, kind__in=kinds).exclude(external_id="")
    return list(rows.select_related("app").order_by("compared_at", "id"))


def _claim(channel: Channel) -> bool:
    """One worker takes the turn; the next one is spread so that channels do not all come at once."""
    taken = times.now() + EVERY * random.uniform(-0.1, 0.1)  # noqa: S311  not a secret
    same = Channel.objects.filter(pk=channel.pk, compared_at=channel.compared_at)
    return bool(same.update(compared_at=taken))


def compare(channel: Channel) -> Reconciliation | None:
    """Read, compare, fetch what is missing, write down how it was. Speaks to the platform."""
    began, since = times.now(), _since(channel)
    try:
        account = accounts.account_of(channel)
        if not account.secrets.get("access_token"):
            return None
        seen = _read(channel, account, since)
        row = _settle(channel, account, seen, since, began)
    except Trouble as trouble:
        row = Reconciliation(channel=channel, at=began, problem=trouble.code[:60])
        if health.rest_after(trouble.code):
            health.note(channel.pk, trouble.code, trouble.detail)
    except crypto.Unreadable:
        row = Reconciliation(channel=channel, at=began, problem="unreadable")
    row.save()
    _note_many(channel, row)
    live.touch("channels")
    return row


def _note_many(channel: Channel, row: Reconciliation) -> None:
    """A person must say what is meant; the question goes once it is answered or was none."""
    if row.problem == MANY_GONE:
        health.note(channel.pk, MANY_GONE, str(len(row.gone)))
    elif not row.problem and Channel.objects.filter(pk=channel.pk, problem=MANY_GONE).exists():
        health.note(channel.pk, "")


def _since(channel: Channel) -> dt.datetime:
    """Two days back; further after a time in which nothing could be compared; never before it was connected."""
    last = Reconciliation.objects.filter(channel=channel, problem__in=READ).values_list("at", flat=True).first()
    now = times.now()
    back = min(now - BACK, last - ON_ITS_WAY if last else now)
    return max(back, now - FURTHEST, channel.created_at)


def _read(channel: Channel, account: Account, since: dt.datetime) -> Seen:
    reads, seen = cast(Reconciles, accounts.connector_of(channel)), Seen()
    for one in reads.recent(account, since):
        seen.take(one)
    return seen


def _settle(channel: Channel, account: Account, seen: Seen, since: dt.datetime, began: dt.datetime) -> Reconciliation:
    held = _held(channel, since)
    known = {id_ for id_ in seen.said if id_ in held}
    remember(channel.pk, known)
    _fetch_posts(channel, seen)
    added = sum(_fetch(channel, one, began) for id_, one in seen.said.items() if id_ not in held)
    changed = sum(_repair(channel, one, held[id_], seen, began) for id_, one in seen.said.items() if id_ in known)
    gone = _gone(channel, account, seen, held)
    before = Reconciliation.objects.filter(channel=channel).first()
    twice = set(gone) & set(before.gone if before and before.problem in READ else ())
    too_many = len(twice) > max(MOST_GONE, SHARE_GONE * sum(_is_comment(one) for one in held.values()))
    removed = 0 if too_many else sum(_remove(channel, id_, began) for id_ in twice)
    if added or changed or removed:
        _take_in(channel)
        held = _held(channel, since)
    people = {id_ for id_, one in seen.said.items() if not one.is_own}
    return Reconciliation(
        channel=channel, at=began, platform_count=len(people), held_count=len(people & set(held)),
        added=added, changed=changed, removed=removed, gone=gone, problem=MANY_GONE if too_many else "",
    )  # fmt: skip


def remember(channel_id: int, ids: Collection[str]) -> None:
    """By a hash, so that what is erased here for good is not fetched again because the platform still shows it."""
    hashed = {hashlib.sha256(reading_back.key_of(f"said:{id_}")).digest() for id_ in ids}
    keys = DeliveryKey.objects.filter(channel_id=channel_id, app=None, key_hash__in=hashed)
    new = hashed - {bytes(one) for one in keys.values_list("key_hash", flat=True)}
    rows = [DeliveryKey(channel_id=channel_id, key_hash=one) for one in new]
    DeliveryKey.objects.bulk_create(rows, ignore_conflicts=True)


def _fetch_posts(channel: Channel, seen: Seen) -> None:
    rows = PublicPost.objects.filter(channel=channel, external_id__in=seen.posts)
    for id_ in set(seen.posts) - set(rows.values_list("external_id", flat=True)):
        actions.store_read_back(channel, f"post:{id_}", seen.posts[id_])


def _fetch(channel: Channel, one: Incoming, began: dt.datetime) -> bool:
    """Take in what we lack, once; what was written a moment ago is the hook's to tell."""
    is_fresh = one.provider_at > began - ON_ITS_WAY
    return not is_fresh and actions.store_read_back(channel, f"said:{one.external_id[:300]}", one)


def _repair(channel: Channel, one: Incoming, held: Held, seen: Seen, began: dt.datetime) -> bool:
    """An edit or a hiding nobody told us of. What changed here since we began to read is newer than what we read."""
    if held.is_deleted or held.is_ours or one.is_own:
        return False
    id_ = one.external_id[:300]
    change = replace(one, reply_to=one.external_id, provider_at=began, headers={}, files=(), target={}, post=None)
    if one.text and _plain(one.text) != _plain(held.text):
        version = hashlib.sha256(f"{held.edited_at}:{held.text}:{one.text}".encode()).hexdigest()[:16]
        edit = replace(change, what="edit", external_id=f"{id_[:250]}:{version}")
        return actions.store_read_back(channel, f"edit:{id_}:{version}", edit)
    if id_ in seen.hidden and not held.is_hidden:
        hide = replace(seen.hidden[id_], provider_at=began)
        return actions.store_read_back(channel, f"hide:{id_}:{began:%Y%m%d%H%M}", hide)
    if held.is_hidden and one.headers.get("is_shown") and not _hides(channel, id_, began):
        show = replace(change, what="hide", external_id=f"{id_[:250]}:shown:{began:%Y%m%d%H%M}", text="")
        return actions.store_read_back(channel, f"show:{id_}:{began:%Y%m%d%H%M}", show)
    return False


def _hides(channel: Channel, id_: str, began: dt.datetime) -> bool:
    """Whether we hid it ourselves while the list was read, or are just about to."""
    ours = Outgoing.objects.filter(channel=channel, kind="hide", target__comment_id=id_)
    since = began - ON_ITS_WAY
    return ours.filter(Q(state__in=["waiting", "sending", "unclear"]) | Q(finished_at__gte=since)).exists()


def _plain(words: str) -> str:
    return " ".join(words.replace("\0", "").split())


def _gone(channel: Channel, account: Account, seen: Seen, held: Mapping[str, Held]) -> list[str]:
    """What we hold of people, the whole list does not name, and the platform itself says is not there."""
    missing = [id_ for id_, one in held.items() if id_ not in seen.said and _is_comment(one)]
    asks = cast(Reconciles, accounts.connector_of(channel))
    gone = [id_ for id_ in missing[:MOST_ASKED] if asks.is_gone(account, id_)]
    shows_people = any(not one.is_own for one in seen.said.values())
    return gone if gone and (shows_people or asks.reads_people(account)) else []


def _is_comment(one: Held) -> bool:
    """Of people, and still with words; mentions and reviews are on no list of ours."""
    return not one.is_deleted and not one.is_ours and not one.form


def remove_gone(channel: Channel, actor: audit.Actor) -> int:
    """A person says that all these were deleted over there: they go here too; how many."""
    newest = Reconciliation.objects.filter(channel=channel).first()
    if newest is None or newest.problem != MANY_GONE:
        return 0
    removed = sum(_remove(channel, id_, newest.at) for id_ in newest.gone)
    with transaction.atomic():
        Reconciliation.objects.filter(pk=newest.pk).update(problem="", removed=removed)
        audit.record(actor, "agreed that comments were deleted", channel, count=removed)
        health.note(channel.pk, "")
    return removed


def _remove(channel: Channel, id_: str, began: dt.datetime) -> bool:
    said = Incoming("delete", f"{id_[:280]}:gone", "", began, visibility="public", reply_to=id_)
    return actions.store_read_back(channel, f"gone:{id_}", said)


def _take_in(channel: Channel) -> None:
    """Now rather than in a second, so that what we say we hold is what we hold."""
    waiting = Delivery.objects.filter(channel=channel, kind=reading_back.KIND, state=Delivery.State.WAITING, attempts=0)
    for _turn in range(MOST_WAITED):
        if not waiting.exists() or not intake.process_deliveries():
            return
