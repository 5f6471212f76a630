"""Figures in words."""

from __future__ import annotations

from datetime import date, timedelta

from babel.dates import format_date
from django import template
from django.utils.translation import get_language, gettext

from ganzohr.ui import formats

register = template.Library()


@register.filter
def month_name(first_on: date) -> str:
    """`November 2026`."""
    return format_date(first_on, "LLLL yyyy", locale=(get_language() or "en")[:2])


@register.filter
def seconds_span(seconds: float | None) -> str:
    """`1 Std. 50 Min.`; unknown is said."""
    return gettext("unknown") if seconds is None else formats.duration(timedelta(seconds=seconds))


@register.filter
def percent(share: int | None) -> str:
    """`74 %`; unknown is said."""
    return gettext("unknown") if share is None else gettext("%(share)d %%") % {"share": share}
