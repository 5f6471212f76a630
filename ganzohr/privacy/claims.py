"""What people had said before they were erased does not come in any more, however late it is read."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import clean
from ganzohr.channels.models import Delivery
from ganzohr.core.people import Handle
from ganzohr.privacy.erasures import NEVER, hash_of
from ganzohr.privacy.models import Erasure

Ends = dict[str, dt.datetime]


def claim(batch: list[Arrived]) -> set[int]:
    """Takes what came before whoever sent it was erased; its bytes go, too, where nobody else speaks in them.

    Whom an older backup had brought back, also what they had said before, whenever it comes: a restored desk asks
    mailboxes and platforms once more for what it does not know. On any other it is a letter that was long on its way
    or has a wrong clock, and comes in.
    """
    came, said = _ends(min(one.received_at for one in batch))
    taken = {n for n, one in enumerate(batch) if _is_over(one, came, said)} if came else set()
    if taken:
        others = {one.delivery_id for n, one in enumerate(batch) if n not in taken}
        Delivery.objects.filter(pk__in={batch[n].delivery_id for n in taken} - others).delete()
    return taken


def _ends(since: dt.datetime) -> tuple[Ends, Ends]:
    """Until when what came, and what was said, is over, for each hash; of nobody where nobody was erased since."""
    came, said = Ends(), Ends()
    rows = Erasure.objects.filter(Q(erased_at__gte=since) | Q(again_at__isnull=False)).order_by("erased_at")
    for hashes, erased_at, again_at in rows.values_list("handle_hashes", "erased_at", "again_at"):
        ends = dict.fromkeys(hashes, erased_at)
        came |= ends
        said |= ends if again_at else {}
    return came, said


def _is_over(one: Arrived, came: Ends, said: Ends) -> bool:
    names = {clean(name)[:300] for name in (one.incoming.sender_id, *one.incoming.also_known_as)} - {""}
    hashes = [hash_of(Handle(one.channel_id, name)) for name in names]
    return any(
        one.received_at <= came.get(hash_, NEVER) or one.incoming.provider_at <= said.get(hash_, NEVER)
        for hash_ in hashes
    )
