"""Weeks and rows in words."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.translation import gettext

from ganzohr.insights.people_ask import Row

register = template.Library()


@register.filter
def week_name(start: datetime) -> str:
    """`KW 47`."""
    return gettext("W %(week)d") % {"week": start.isocalendar().week}


@register.filter
def row_name(row: Row, named: list[tuple[Row, str]]) -> str:
    """The name that stands beside this row."""
    return next(name for other, name in named if other.key == row.key)


@register.filter
def week_before(row: Row) -> int:
    """The count of the last whole week."""
    return row.counts[-2]
