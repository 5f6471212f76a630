"""Recording what was done, and moving things from state to state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.db import models, transaction

from ganzohr.audit.models import Entry
from ganzohr.core import times

if TYPE_CHECKING:
    from ganzohr.accounts.models import User

ActorKind = Literal["user", "colleague_link", "colleague_mail", "candidate", "connector", "round"]


class NotAllowed(Exception):
    """The thing is in a state this move does not start from, perhaps because somebody was faster."""


@dataclass(frozen=True)
class Actor:
    """Who did it: kind, the id within that kind, and a name to show (never a candidate's)."""

    kind: ActorKind
    id: str = ""
    label: str = ""


def by_user(user: User) -> Actor:
    """Somebody signed in."""
    return Actor("user", str(user.pk), user.email)


def by_link(colleague_id: int, label: str) -> Actor:
    """A colleague on a private page."""
    return Actor("colleague_link", str(colleague_id), label)


def by_mail(colleague_id: int, label: str) -> Actor:
    """A colleague who replied by mail."""
    return Actor("colleague_mail", str(colleague_id), label)


def by_candidate(contact_id: int | None) -> Actor:
    """Somebody outside, by id only."""
    return Actor("candidate", str(contact_id or ""))


def by_connector(kind: str, channel_id: int | None = None) -> Actor:
    """A connector, for one of our channels."""
    return Actor("connector", str(channel_id or ""), kind)


def round_(name: str) -> Actor:
    """The desk itself, in a round or on a doorbell."""
    return Actor("round", label=name)


def record(actor: Actor, verb: str, obj: models.Model, **data: Any) -> Entry:
    """Write one line of the trail, in the caller's transaction; `data` holds ids, states and counts only."""
    return Entry.objects.create(
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label[:160],
        verb=verb,
        object_kind=obj._meta.label_lower,
        object_id=obj.pk,
        data=data,
        at=times.now(),
    )


def move(obj: models.Model, to: str, actor: Actor, *, also: Mapping[str, Any] | None = None, **data: Any) -> None:
    """Move `obj` from the state it was read in to `to`, with the other columns of `also`, and record it.

    Raises `NotAllowed` when the model's MOVES have no such move, or when the row was elsewhere meanwhile; then nothing
    changed. On success `obj` carries the new values.
    """
    model: Any = type(obj)
    before = str(getattr(obj, "state"))  # noqa: B009
    if to not in model.MOVES.get(before, ()):
        raise NotAllowed(f"{model._meta.label_lower} {obj.pk}: no move from {before} to {to}")
    values = {"state": str(to), **(also or {})}
    with transaction.atomic():
        if not model._base_manager.filter(pk=obj.pk, state=before).update(**values):
            raise NotAllowed(f"{model._meta.label_lower} {obj.pk} was no longer {before}")
        record(actor, f"moved to {to}", obj, before=before, after=str(to), **data)
    for name, value in values.items():
        setattr(obj, name, value)


def move_all(
    model: type[models.Model], ids: Sequence[int], before: str, to: str, actor: Actor, also: Mapping[str, Any]
) -> None:
    """As `move`, for rows the caller's transaction has locked: all of them or, with `NotAllowed`, none."""
    table: Any = model
    if to not in table.MOVES.get(before, ()):
        raise NotAllowed(f"{model._meta.label_lower}: no move from {before} to {to}")
    with transaction.atomic():
        if table._base_manager.filter(pk__in=ids, state=before).update(state=str(to), **also) != len(ids):
            raise NotAllowed(f"some {model._meta.label_lower} were no longer {before}")
        at, data = times.now(), {"before": str(before), "after": str(to)}
        who = {"actor_kind": actor.kind, "actor_id": actor.id, "actor_label": actor.label[:160], "at": at}
        what = {"verb": f"moved to {to}", "object_kind": model._meta.label_lower, "data": data}
        Entry.objects.bulk_create(Entry(object_id=pk, **what, **who) for pk in ids)
