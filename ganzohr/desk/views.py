"""Today and the month on one page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.core.times import now
from ganzohr.desk import first_steps, months, today
from ganzohr.desk.sentence import sentence
from ganzohr.inbox.models import Conversation
from ganzohr.insights import charts, figures
from ganzohr.ui.pages import page


@require_safe
@role_required("reader")
def show_today(request: HttpRequest) -> HttpResponse:
    """What needs me now, what waits for others, and the few honest figures."""
    at, user = now(), user_of(request)
    seen = Conversation.objects.visible_to(user)
    weeks, comments = figures.weeks(seen, at), figures.weeks(seen.filter(is_public=True), at)
    context = {
        "at": at,
        "sentence": sentence(today.sums(user, at), at),
        "needs": today.needs(user),
        "waiting": today.waiting(user)[: today.SHOWN],
        "since": today.since(user, at),
        "hands": today.hands(user),
        "steps": first_steps.steps(user),
        "charts": [charts.unanswered(comments), charts.first_answer(weeks)],
    }
    return page(request, "desk/today.html", context, partial={"today": "desk/_today.html"})


@require_safe
@role_required("reader")
def show_month(request: HttpRequest, year: int = 0, number: int = 0) -> HttpResponse:
    """The month on one page, to print; without a month the newest whole one, or this one while there is none."""
    first_on = months.first_of(year, number, now())
    if first_on is None:
        raise Http404
    context = months.context(user_of(request), first_on, now())
    return page(request, "desk/month.html", context)
