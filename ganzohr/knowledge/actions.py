"""Every verb of this room: deep links, their short links, and counting clicks without counting people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from ganzohr.audit import actions as audit
from ganzohr.audit.actions import Actor
from ganzohr.channels.models import Channel
from ganzohr.core import times
from ganzohr.core.addresses import outside
from ganzohr.knowledge.codes import new_code
from ganzohr.knowledge.models import Click, DeepLink, ShortLink

FOLD = """
WITH crowded AS (
    SELECT short_link_id, "on" FROM knowledge_click GROUP BY short_link_id, "on" HAVING count(*) > 1
), gone AS (
    DELETE FROM knowledge_click c USING crowded d
    WHERE c.short_link_id = d.short_link_id AND c."on" = d."on"
    RETURNING c.short_link_id, c."on", c.count
)
INSERT INTO knowledge_click (short_link_id, "on", count)
SELECT short_link_id, "on", sum(count) FROM gone GROUP BY short_link_id, "on"
"""


@transaction.atomic
def save_link(link: DeepLink, values: Mapping[str, Any], actor: Actor) -> DeepLink:
    """Create or change a deep link; every connected channel gets a code for it at once."""
    verb = "changed" if link.pk else "created"
    for name, value in values.items():
        setattr(link, name, value)
    link.save()
    audit.record(actor, verb, link)
    make_codes([link], [None, *Channel.objects.active()])
    return link


@transaction.atomic
def archive(link: DeepLink, actor: Actor) -> None:
    """Take a deep link off the list; its short links lead to a friendly page from now on."""
    if DeepLink.objects.filter(pk=link.pk, archived_at=None).update(archived_at=times.now()):
        audit.record(actor, "archived", link)


@transaction.atomic
def restore(link: DeepLink, actor: Actor) -> None:
    """Put it back; its short links work again."""
    if DeepLink.objects.filter(pk=link.pk).exclude(archived_at=None).update(archived_at=None):
        audit.record(actor, "restored", link)


def link_for(deep_link: DeepLink, channel: Channel | None) -> str:
    """The whole short address of this link for this channel (None: anywhere else), made when first asked for."""
    return links_for([deep_link], channel)[deep_link.pk]


def links_for(deep_links: Iterable[DeepLink], channel: Channel | None) -> dict[int, str]:
    """Deep link id → short address for this channel, in three queries at most."""
    wanted = list(deep_links)
    known = _codes(wanted, channel)
    missing = [link for link in wanted if link.pk not in known]
    if missing:
        make_codes(missing, [channel])
        known = _codes(wanted, channel)
    return {pk: outside("knowledge:go", code) for pk, code in known.items()}


def _codes(deep_links: Iterable[DeepLink], channel: Channel | None) -> dict[int, str]:
    rows = ShortLink.objects.filter(deep_link__in=deep_links, channel=channel)
    return dict(rows.values_list("deep_link_id", "code"))


def make_codes(deep_links: Iterable[DeepLink], channels: Iterable[Channel | None]) -> None:
    """A code for each of these links on each of these channels that has none yet."""
    places = list(channels)
    ShortLink.objects.bulk_create(
        [ShortLink(code=new_code(), deep_link=link, channel=channel) for link in deep_links for channel in places],
        ignore_conflicts=True,
    )


def count_click(short_link: ShortLink) -> None:
    """One more click today; a row of its own, so that no two clicks wait for each other."""
    Click.objects.create(short_link=short_link, on=today())


def today() -> dt.date:
    """The day in the time zone of the desk."""
    return times.now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def fold_clicks() -> int:
    """Add up the clicks of a link and day into one row (round); how many sums were written."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD)
        return int(cursor.rowcount)
