"""Why this colleague was asked, in one sentence of the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ganzohr.directory.models import Colleague
from ganzohr.inquiries.routing import Route
from ganzohr.ui import formats


def kept(route: Route, colleagues: Mapping[int, Colleague], site: str = "", **more: str) -> dict[str, Any]:
    """The reason as the inquiry keeps it: codes and names of colleagues, no sentence."""
    of = colleagues.get(route.deputy_of) if route.deputy_of else None
    until = route.until.isoformat() if route.until else ""
    return {"codes": list(route.why), "deputy_of": of.name if of else "", "until": until, "site": site, **more}


def sentence(why: Mapping[str, Any], colleague: str, topic: str, language: str = "") -> str:
    """`Karin Wöhlert stands in for Thomas Grünewald, who is away until Fri, 27 Nov 2026.`"""
    codes = why.get("codes", [])
    until = formats.day(dt.date.fromisoformat(why["until"])) if why.get("until") else ""
    values = {
        "who": colleague,
        "topic": topic,
        "of": why.get("deputy_of", ""),
        "until": until,
        "site": why.get("site", ""),
        "by": why.get("by", ""),
        "language": _language(language),
    }
    return next((_sentence(code) % values for code in ORDER if code in codes), "")


def _language(code: str) -> str:
    """`Niederländisch`, `Nederlands`."""
    try:
        return str(Locale.parse((get_language() or "en")[:2]).languages.get(code[:2], code))
    except (UnknownLocaleError, ValueError):
        return code


ORDER = ("chosen", "suggested", "away", "unreachable", "language", "same", "site", "topic", "nobody", "all_away")


def _sentence(code: str) -> str:
    return {
        "chosen": _("%(by)s chose %(who)s."),
        "suggested": _("%(by)s said that %(who)s knows."),
        "away": _("%(who)s stands in for %(of)s, who is away until %(until)s."),
        "unreachable": _("%(who)s stands in for %(of)s, who cannot be asked by mail."),
        "language": _("%(who)s answers in %(language)s; %(of)s does not."),
        "same": _("%(who)s answered this person about “%(topic)s” last time."),
        "site": _("%(who)s answers “%(topic)s” at %(site)s."),
        "topic": _("%(who)s answers “%(topic)s”."),
        "nobody": _("Nobody answers “%(topic)s” yet."),
        "all_away": _("Everybody who answers “%(topic)s” is away or cannot be asked by mail."),
    }[code]
