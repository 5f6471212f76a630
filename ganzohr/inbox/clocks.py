"""When an answer is promised: opening time of the channel, counted from the first unanswered message."""

from __future__ import annotations

from datetime import datetime

from ganzohr.channels.models import Channel
from ganzohr.directory.hours import Rules, add_open_time, rules
from ganzohr.topics.models import Topic

PROMISED_MINUTES = 480  # until the topic is known


def rules_of(channel: Channel) -> Rules:
    """The channel's own opening hours, else those of its site, else the usual week; read once per channel object."""
    if not hasattr(channel, "_inbox_rules"):
        hours = channel.hours or (channel.site.hours if channel.site else None)
        channel._inbox_rules = rules(hours)  # type: ignore[attr-defined]
    return channel._inbox_rules  # type: ignore[attr-defined, no-any-return]


def due_at(channel: Channel, since: datetime, topic: Topic | None = None) -> datetime:
    """Until when the person was promised an answer."""
    return add_open_time(rules_of(channel), since, topic.promised_minutes if topic else PROMISED_MINUTES)
