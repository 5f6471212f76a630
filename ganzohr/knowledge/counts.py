"""How often links were followed; reads only."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext, ngettext

from ganzohr.knowledge.models import Click, DeepLink, ShortLink
from ganzohr.ui import charts, formats

DAYS = 30


@dataclass(frozen=True)
class Place:
    """One short link of a deep link and how often it was followed in the last days."""

    short_link: ShortLink
    address: str
    clicks: int


def clicks_by_link(links: Sequence[DeepLink], today: dt.date) -> dict[int, int]:
    """Deep link id → clicks in the last 30 days; one query."""
    rows = (
        Click.objects.filter(short_link__deep_link__in=links, on__gt=today - dt.timedelta(days=DAYS))
        .values("short_link__deep_link")
        .annotate(clicks=Sum("count"))
    )
    return {row["short_link__deep_link"]: row["clicks"] for row in rows}


def days_of(link: DeepLink, today: dt.date) -> list[tuple[dt.date, int]]:
    """Every one of the last 30 days, oldest first, with its clicks; one query."""
    rows = (
        Click.objects.filter(short_link__deep_link=link, on__gt=today - dt.timedelta(days=DAYS))
        .values_list("on")
        .annotate(clicks=Sum("count"))
    )
    found = defaultdict(int, rows)
    days = [today - dt.timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    return [(day, found[day]) for day in days]


def clicks_by_place(link: DeepLink, today: dt.date) -> dict[int, int]:
    """Short link id → clicks in the last 30 days; one query."""
    rows = (
        Click.objects.filter(short_link__deep_link=link, on__gt=today - dt.timedelta(days=DAYS))
        .values_list("short_link_id")
        .annotate(clicks=Sum("count"))
    )
    return dict(rows)


def chart(days: Sequence[tuple[dt.date, int]]) -> charts.Chart:
    """The last 30 days as a small line whose title states the finding."""
    total = sum(clicks for _day, clicks in days)
    points = [charts.Point(formats.short_day(day, days[-1][0]), float(clicks), str(clicks)) for day, clicks in days]
    if not total:
        return charts.line(gettext("Nobody has followed this link in the last 30 days."), [], column=gettext("Clicks"))
    finding = ngettext("%(n)d click in the last 30 days.", "%(n)d clicks in the last 30 days.", total) % {"n": total}
    return charts.line(finding, points, column=gettext("Clicks"))
