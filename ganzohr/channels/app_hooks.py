"""What is known of the hook addresses of an app, for the page that connects it: who knocked when, or was refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from ganzohr.channels.models import App, AppHook
from ganzohr.core import times
from ganzohr.ui import live

SELDOM = dt.timedelta(minutes=1)


def note_handshake(app: App, kind: str) -> None:
    """The platform asked whether the address is ours, with the right word."""
    now = times.now()
    App.objects.filter(pk=app.pk).update(asked_at=now)
    _note([AppHook(app=app, kind=kind, asked_at=now)], "asked_at")


def note_refused(app: App, kind: str, why: str) -> None:
    """Somebody knocked wrongly; written at most once a minute, since anybody may knock."""
    now = times.now()
    if not AppHook.objects.filter(app=app, kind=kind, refused_at__gt=now - SELDOM).exists():
        _note([AppHook(app=app, kind=kind, refused_at=now, refused_why=why)], "refused_at", "refused_why")


def note_deliveries(latest: Mapping[tuple[int, str], dt.datetime]) -> None:
    """The newest delivery of each (app, kind)."""
    _note([AppHook(app_id=app_id, kind=kind, told_at=at) for (app_id, kind), at in latest.items()], "told_at")


def _note(rows: list[AppHook], *columns: str) -> None:
    if rows:
        AppHook.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["app", "kind"], update_fields=list(columns)
        )
        live.touch("channels")
