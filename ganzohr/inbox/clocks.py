"""When an answer is promised: opening time of the channel, counted from the first unanswered message."""

from __future__ import annotations

from datetime import datetime

from ganzohr.channels.models import Channel
from ganzohr.directory.hours import add_open_time
from ganzohr.directory.models import OpeningHours
from ganzohr.topics.models import Topic

PROMISED_MINUTES = 480  # until the topic is known


def hours_of(channel: Channel) -> OpeningHours | None:
    """The channel's own opening hours, else those of its site; None: always open."""
    return channel.hours or (channel.site.hours if channel.site else None)


def due_at(channel: Channel, since: datetime, topic: Topic | None = None) -> datetime:
    """Until when the person was promised an answer."""
    return add_open_time(hours_of(channel), since, topic.promised_minutes if topic else PROMISED_MINUTES)
