"""When something that came in was done."""

from __future__ import annotations

from datetime import datetime, timedelta

from ganzohr.channels.arrivals import Arrived

AHEAD = timedelta(days=1)


def told_at(one: Arrived) -> datetime:
    """When a change was made; some platforms repeat the message's own time and say this apart."""
    try:
        at = datetime.fromisoformat(str(one.incoming.headers.get("changed_at", "")))
    except ValueError:
        return one.incoming.provider_at
    is_possible = at.tzinfo is not None and at <= one.received_at + AHEAD
    return at if is_possible else one.incoming.provider_at
