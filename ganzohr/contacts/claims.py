"""What channels say of people themselves: another id, a wish to be left alone."""

from __future__ import annotations

from ganzohr.channels.arrivals import Arrived
from ganzohr.contacts import actions


def claim(batch: list[Arrived]) -> set[int]:
    """Takes changed ids, and consents given or withdrawn by a setting of the platform."""
    taken = set()
    for n, one in enumerate(batch):
        said = one.incoming
        if said.what == "identity":
            actions.change_id(one.channel_id, str(said.headers.get("was", "")), said.sender_id)
            taken.add(n)
        elif said.what == "consent":
            given = bool(said.headers.get("given"))
            actions.stop(one.channel_id, said.sender_id, None if given else said.provider_at)
            taken.add(n)
    return taken
