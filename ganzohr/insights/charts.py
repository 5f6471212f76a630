"""Figures as small drawn lines whose titles state the finding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext

from ganzohr.insights.figures import Week, median
from ganzohr.ui import formats
from ganzohr.ui.charts import Chart, Point, line


def unanswered(weeks: Sequence[Week], note: str = "") -> Chart:
    """Of a hundred public comments that needed an answer, how many have none, by the week they began."""
    points = _from_first_known([Point(_week(week), week.share, _percent(week.share)) for week in weeks])
    known = [week for week in weeks if week.share is not None]
    if not known:
        return line(gettext("Nobody has commented in public yet."), [], column=gettext("without an answer"))
    now, before = known[-1], known[0]
    finding = gettext("Of 100 comments, %(now)d stay without an answer.") % {"now": round(now.share or 0)}
    rest = "" if now is before else _before(before)
    return line(finding, points, rest=rest, column=gettext("without an answer"), note=note)


def first_answer(weeks: Sequence[Week]) -> Chart:
    """The median from the first message to the first answer of a person, by the week the conversation began."""
    points = _from_first_known([Point(_week(week), week.median_seconds, _span(week.median_seconds)) for week in weeks])
    newest = median(weeks)
    if newest is None:
        return line(gettext("No answer has left yet."), [], column=gettext("Median"))
    finding = gettext("The first answer comes after %(span)s,") % {"span": _span(newest)}
    return line(finding, points, rest=gettext("in half of the cases sooner."), column=gettext("Median"))


def _from_first_known(points: Sequence[Point]) -> Sequence[Point]:
    """The line begins where the sentence beside it begins: with the first week anybody asked."""
    first = next((index for index, point in enumerate(points) if point.value is not None), 0)
    return points[first:]


def _before(week: Week) -> str:
    return gettext("In week %(week)d it was %(before)d.") % {"week": week.number, "before": round(week.share or 0)}


def _week(week: Week) -> str:
    return gettext("W %(week)d") % {"week": week.number}


def _percent(share: float | None) -> str:
    return gettext("unknown") if share is None else gettext("%(share)d %%") % {"share": round(share)}


def _span(seconds: float | None) -> str:
    return gettext("unknown") if seconds is None else formats.duration(timedelta(seconds=seconds))
