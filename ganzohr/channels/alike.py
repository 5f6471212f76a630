"""Other things of ours that say the same words, so that looking for a lost one never takes another for it."""

from __future__ import annotations

import datetime as dt

from ganzohr.channels.models import Outgoing

STATE = Outgoing.State
SKEW = dt.timedelta(minutes=5)  # as far as a connector looks back before the thing was put on its way
UNKNOWN = ""


def others(outgoing: Outgoing) -> frozenset[str]:
    """Foreign ids of what left this channel with the same words since then; UNKNOWN for one of unknown end that goes to
    the same place."""
    words = str(outgoing.payload.get("text") or "")
    if not words:
        return frozenset()
    left = Outgoing.objects.filter(channel=outgoing.channel, fenced_at__gte=outgoing.created_at - SKEW)
    rows = left.filter(payload__text=words).exclude(pk=outgoing.pk).values_list("external_id", "state", "lane")
    return frozenset(id_ or UNKNOWN for id_, state, lane in rows if id_ or _may_be_there(outgoing, state, lane))


def _may_be_there(outgoing: Outgoing, state: str, lane: str) -> bool:
    return lane == outgoing.lane and state in (STATE.SENDING, STATE.UNCLEAR)
