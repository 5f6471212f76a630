"""The month on one page: which one, the one before it, and the words of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language, gettext, ngettext

from ganzohr.accounts.models import User
from ganzohr.channels.models import Channel
from ganzohr.directory.models import sites_of
from ganzohr.inbox.models import Conversation
from ganzohr.insights.figures import lately, zone
from ganzohr.insights.month import Month, TopicRow, month
from ganzohr.knowledge.models import Click
from ganzohr.topics.models import Topic

FIRST = date(2000, 1, 1)  # nothing is older
SHOWN = 12


def first_of(year: int, number: int, at: datetime) -> date | None:
    """The first day of the wanted month; without one that of the month before `at`; None for a month that is none or
    has not begun."""
    today = at.astimezone(zone()).date()
    if not year:
        return before(today.replace(day=1))
    if not (FIRST.year <= year <= 9998 and 1 <= number <= 12):
        return None
    wanted = date(year, number, 1)
    return wanted if wanted <= today else None


def before(first_on: date) -> date:
    """The first day of the month before."""
    return (first_on - timedelta(days=1)).replace(day=1)


def after(first_on: date) -> date:
    """The first day of the month after."""
    return (first_on + timedelta(days=32)).replace(day=1)


def context(user: User, first_on: date, at: datetime) -> dict[str, Any]:
    """All that the page shows."""
    conversations = Conversation.objects.visible_to(user)
    channels = Channel.objects.visible_to(user)
    clicks = Click.objects.filter(Q(short_link__channel=None) | Q(short_link__channel__in=channels))

    def months() -> tuple[Month, Month, datetime]:
        return month(conversations, clicks, first_on), month(conversations, clicks, before(first_on)), at

    named = f"month:{user.pk}:{first_on}"
    figures, last, made_at = lately(named, sites_of(user), months, lambda found: found[0].total + found[1].total)
    following, running = after(first_on), at.astimezone(zone()).date().replace(day=1)
    return {
        "month": figures,
        "last": last,
        "topics": topic_rows(figures),
        "share_evenings": share(figures.evenings, figures.total),
        "share_without_expert": share(figures.without_expert, figures.answered),
        "is_last_whole": first_on == before(running),
        "is_running": first_on == running,
        "running": running,
        "before": before(first_on) if first_on > FIRST else None,
        "after": following if following <= running else None,
        "made_at": made_at,
    }


def share(part: int, whole: int) -> int | None:
    """In percent, rounded; None where there is no whole."""
    return round(100 * part / whole) if whole else None


def topic_rows(figures: Month) -> list[dict[str, Any]]:
    """The topics by name in the reader's language with a width (5 to 100 in steps of 5) for their bar; the smallest in
    one row without a bar, so that the sums fit."""
    shown = figures.topics if len(figures.topics) <= SHOWN + 1 else figures.topics[:SHOWN]
    topics = Topic.objects.in_bulk([row.topic_id for row in shown if row.topic_id])
    most = max((row.asked for row in shown), default=1)
    language = (get_language() or "en")[:2]
    rows = [
        {
            "name": topics[row.topic_id].name_in(language) if row.topic_id in topics else gettext("Not known"),
            "asked": row.asked,
            "answered": row.answered,
            "width": max(5, 5 * round(20 * row.asked / most)),
        }
        for row in shown
    ]
    rest = figures.topics[len(shown) :]
    return [*rows, _further(rest)] if rest else rows


def _further(rest: Sequence[TopicRow]) -> dict[str, Any]:
    name = ngettext("%(count)d further topic", "%(count)d further topics", len(rest)) % {"count": len(rest)}
    return {"name": name, "asked": sum(row.asked for row in rest), "answered": sum(row.answered for row in rest)}
