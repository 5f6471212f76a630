"""What overtook the message it speaks of waits here and is taken in together with it, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.reading_back import as_plain, from_plain
from ganzohr.core.times import now
from ganzohr.inbox.models import Parked

KEPT = timedelta(days=14)


def park(arrived: Iterable[Arrived]) -> None:
    """Keep these until the message they name in `reply_to` is here; twice is once. In the worker's transaction."""
    rows = [
        Parked(
            channel_id=one.channel_id, subject=one.incoming.reply_to[:300], external_id=one.incoming.external_id[:300],
            sender_id=one.incoming.sender_id[:300], values=as_plain(one.incoming), delivery_id=one.delivery_id,
            received_at=one.received_at,
        )
        for one in arrived
        if one.incoming.reply_to
    ]  # fmt: skip
    Parked.objects.bulk_create(rows, ignore_conflicts=True)


def released(keys: Iterable[tuple[int, str]]) -> list[Arrived]:
    """What waited for these messages (channel, external id), oldest first; it waits no longer."""
    wanted = set(keys)
    rows = Parked.objects.select_for_update(no_key=True).filter(
        channel_id__in={channel for channel, _ in wanted}, subject__in={subject for _, subject in wanted}
    )
    found = [row for row in rows.order_by("id") if (row.channel_id, row.subject) in wanted]
    Parked.objects.filter(pk__in=[row.pk for row in found]).delete()
    arrived = [Arrived(row.channel_id, row.delivery_id, from_plain(row.values), row.received_at) for row in found]
    return sorted(arrived, key=lambda one: one.incoming.provider_at)


def taken_away(keys: Iterable[tuple[int, str]]) -> list[Arrived]:
    """Reactions to these messages (channel, external id) that were taken away: an older one must not come back."""
    wanted = set(keys)
    rows = Parked.objects.filter(
        channel_id__in={channel for channel, _ in wanted}, subject__in={subject for _, subject in wanted},
        values__what="reaction",
    )  # fmt: skip
    told = [Arrived(row.channel_id, row.delivery_id, from_plain(row.values), row.received_at) for row in rows]
    known = [one for one in told if (one.channel_id, one.incoming.reply_to[:300]) in wanted]
    return [one for one in known if one.incoming.headers.get("removed")]


def forget_parked() -> int:
    """What waited two weeks speaks of nothing we will ever hold (round)."""
    return Parked.objects.filter(received_at__lt=now() - KEPT).delete()[0]
