"""What came to the hook of an app for an account that nobody connected: kept, shown, read once somebody does."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Max, QuerySet

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.channels import actions
from ganzohr.channels.models import App, Channel, Delivery
from ganzohr.ui import live

BEGINS = "no channel for "
IGNORED = "ignored"
MOST = 1000


@dataclass
class Homeless:
    """An account that the platform spoke of and nobody connected."""

    kind: str
    account: str
    count: int
    last_at: dt.datetime


def accounts(app: App) -> list[Homeless]:
    """Those that nobody decided to ignore, newest first; one query."""
    rows = _rows(app).values("kind", "error").annotate(n=Count("pk"), last=Max("received_at")).order_by("-last")[:100]
    ignored, found = set(app.settings.get(IGNORED, ())), dict[tuple[str, str], Homeless]()
    for row in rows:
        for account in filter(None, row["error"].removeprefix(BEGINS).split(", ")):
            key = row["kind"], account
            if ":".join(key) not in ignored:
                one = found.setdefault(key, Homeless(*key, 0, row["last"]))
                one.count += row["n"]
    return list(found.values())


@transaction.atomic
def ignore(app: App, kind: str, account: str, actor: Actor) -> None:
    """Do not speak of it again; what came for it goes with the other raw bytes after 14 days."""
    row = App.objects.select_for_update(no_key=True).get(pk=app.pk)
    known = [one for one in row.settings.get(IGNORED, ()) if one != f"{kind}:{account}"]
    row.settings = {**row.settings, IGNORED: [*known, f"{kind}:{account}"[:200]][-500:]}
    row.save(update_fields=["settings"])
    audit.record(actor, "changed", app, columns=[IGNORED])
    live.touch("channels")


def bring_home(channel: Channel, actor: Actor) -> int:
    """Read what came before its channel was connected; how many deliveries."""
    if channel.app is None or not channel.external_id:
        return 0
    rows = _rows(channel.app).filter(kind=channel.kind, error__contains=channel.external_id).order_by("id")[:MOST]
    return sum(_again(row, actor) for row in rows)


def _again(row: Delivery, actor: Actor) -> bool:
    try:
        actions.run_again(row, actor)
    except audit.NotAllowed:
        return False
    return True


def _rows(app: App) -> QuerySet[Delivery]:
    return Delivery.objects.filter(app=app, state=Delivery.State.UNSUPPORTED, error__startswith=BEGINS)
