"""Today and the month on one page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ganzohr.accounts.models import User
from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.channels import holds, shown
from ganzohr.core.times import now
from ganzohr.desk import months, today
from ganzohr.desk.facts import facts, first_steps
from ganzohr.desk.sentence import sentence
from ganzohr.directory.models import sites_of
from ganzohr.inbox.models import Conversation
from ganzohr.insights import charts, figures
from ganzohr.ui import counted
from ganzohr.ui.charts import Chart
from ganzohr.ui.pages import page


@require_safe
@role_required("reader")
def show_today(request: HttpRequest) -> HttpResponse:
    """What needs me now, what waits for others, and the few honest figures."""
    return page(request, "desk/today.html", _today(user_of(request), now()), partial={"today": "desk/_today.html"})


def _today(user: User, at: datetime) -> dict[str, Any]:
    there = facts(user)
    waiting = list(today.waiting(user)[: counted.CAP])
    unsent = sum(bool(getattr(row, "is_unsent", False)) for row in waiting)
    sums, needs = today.sums(user, len(waiting), at, unsent), today.needs(user)
    held = today.held(user) if there.is_held else []
    return {
        "at": at,
        "sentence": sentence(sums, at),
        "needs": needs,
        "needs_rest": _rest(sums.questions, len(needs)),
        "waiting": waiting[: today.SHOWN],
        "waiting_rest": _rest(len(waiting), today.SHOWN),
        "held": held[: today.SHOWN],
        "held_rest": _rest(len(held), today.SHOWN),
        "since": today.since(user, at),
        "hands": today.hands(user, there),
        "notice": shown.notice(holds.seen_by(user), user) if there.is_held else None,
        "steps": first_steps(user, there),
        "charts": lambda: _charts(user, at),  # drawn with the page alone: weeks do not move when a message comes
    }


def _rest(number: int, shown: int) -> str:
    """How many stand below no more; '' for none. Counted no further than the sentence counts."""
    return f"{number - shown}{'+' if number >= counted.CAP else ''}" if number > shown else ""


def _charts(user: User, at: datetime) -> list[Chart]:
    """The figures of which something is known."""
    weeks = figures.weeks_lately(Conversation.objects.visible_to(user), at, sites_of(user))
    drawn = [
        charts.unanswered(weeks) if any(week.comments for week in weeks) else None,
        charts.first_answer(weeks) if figures.median(weeks) is not None else None,
    ]
    return [chart for chart in drawn if chart]


@require_safe
@role_required("reader")
def show_month(request: HttpRequest, year: int = 0, number: int = 0) -> HttpResponse:
    """The month on one page, to print; without a month the newest whole one, or this one while there is none."""
    first_on = months.first_of(year, number, now())
    if first_on is None:
        raise Http404
    context = months.context(user_of(request), first_on, now())
    return page(request, "desk/month.html", context)
