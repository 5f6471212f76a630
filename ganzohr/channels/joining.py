"""Channels follow what the directory says."""

from __future__ import annotations

from ganzohr.channels.models import Channel
from ganzohr.directory.events import HoursMadeUsual
from ganzohr.ui import live


def hours_made_usual(event: HoursMadeUsual) -> None:
    """Channels without hours, and without a site whose hours they follow, keep these from now on."""
    if Channel.objects.filter(hours=None, site=None).update(hours_id=event.hours_ids[-1]):
        live.touch("channels")
