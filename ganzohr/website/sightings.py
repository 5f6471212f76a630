"""Whether the line stands in the website: each widget that asks for its words was seen somewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from ganzohr.channels.models import Channel
from ganzohr.core.times import now
from ganzohr.ui import live
from ganzohr.website.models import Sighting

FRESH = timedelta(minutes=10)


def note(channel: Channel, origin: str, was_let_in: bool) -> None:
    """The widget was seen on this website; written at most once in ten minutes, however many look at it.

    Of websites that may not show it only the last one is kept, so that nobody can fill the table.
    """
    rows = Sighting.objects.filter(channel=channel, was_let_in=was_let_in)
    known = rows.filter(origin=origin) if was_let_in else rows
    if known.filter(seen_at__gt=now() - FRESH).exists():
        return
    which: dict[str, Any] = {"origin": origin} if was_let_in else {}
    with transaction.atomic():
        Sighting.objects.update_or_create(
            channel=channel, was_let_in=was_let_in, **which, defaults={"origin": origin[:300], "seen_at": now()}
        )
        live.touch("channels")
