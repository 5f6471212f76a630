"""What templates say about times, faces, marks, icons and live parts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal
from django import template
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_lazy

from ganzohr.core.times import now
from ganzohr.ui import formats, live

register = template.Library()

MARKS = {
    "instagram": "Instagram", "facebook": "Facebook", "whatsapp": "WhatsApp", "kununu": "kununu",
    "linkedin": "LinkedIn", "tiktok": "TikTok", "youtube": "YouTube", "mastodon": "Mastodon",
    "glassdoor": "Glassdoor", "google": "Google",
    "mail": gettext_lazy("Mail"), "website": gettext_lazy("Website chat"), "hand": gettext_lazy("By hand"),
    "other": gettext_lazy("Other network"),
}  # fmt: skip
ALIASES = {"email": "mail", "manual": "hand", "by_hand": "hand"}


@cache
def _sprite() -> str:
    return static("ui/icons.svg")


@register.simple_tag
@cache
def icon(name: str, size: str = "") -> SafeString:
    """`{% icon "clock" %}` or `{% icon "clock" "s" %}`: decoration beside a word."""
    kind = " icon--s" if size == "s" else ""
    return format_html('<svg class="icon{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', kind, _sprite(), name)


@register.simple_tag
def ear(size: str = "") -> SafeString:
    """The mark of the house: `{% ear %}`, `{% ear "s" %}`, `{% ear "l" %}`."""
    kind = f" ear--{size}" if size else ""
    return format_html('<svg class="ear{}" aria-hidden="true"><use href="{}#ear"/></svg>', kind, _sprite())


@register.simple_tag
def mark(kind: str, label: str = "", quiet: bool = False) -> SafeString:
    """The small sign of a channel's kind; `quiet` when its name stands beside it."""
    known = ALIASES.get(kind, kind)
    known = known if known in MARKS else "other"
    drawn = format_html('class="mark mark--{}"', known)
    if quiet:
        return format_html('<svg {} aria-hidden="true"><use href="{}#m-{}"/></svg>', drawn, _sprite(), known)
    label = label or str(MARKS[known])
    return format_html('<svg {} role="img" aria-label="{}"><use href="{}#m-{}"/></svg>', drawn, label, _sprite(), known)


@register.simple_tag
def face(name: str, mark: str = "", size: str = "", us: bool = False) -> SafeString:
    """Initials in a circle, with the channel's mark at its corner; an empty name draws the hollow ring of a gap."""
    kinds = [f"face--{size}" if size else "", "face--us" if us else "", "" if name else "face--none"]
    classes = " ".join(["face", *filter(None, kinds)])
    sign = globals()["mark"](mark) if mark else ""
    return format_html(
        '<span class="{}"><span aria-hidden="true">{}</span>{}</span>', classes, formats.initials(name or ""), sign
    )


@register.simple_tag
def when(value: datetime | date | None, form: str = "clock") -> SafeString | str:
    """`{% when message.at "brief" %}`: a `<time>` in one of the forms below, the whole moment as its title."""
    if value is None:
        return ""
    if not isinstance(value, datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.day(value))
    words = FORMS[form](value)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), formats.moment(value), words)


def moment(value: datetime | None) -> str:
    """`Sa., 21.11.2026, 21:40`."""
    return formats.moment(value) if value else ""


def clock(value: datetime | None) -> str:
    """`10:18` today, else `gestern, 21:47` or `Mo., 23.11., 17:00`."""
    return formats.clock(value, now()) if value else ""


def brief(value: datetime | None) -> str:
    """`10:18`, `gestern`, `23.11.`."""
    return formats.brief(value, now()) if value else ""


def since(value: datetime | None) -> str:
    """`seit 20 Min.`."""
    return formats.since(value, now()) if value else ""


def left(value: datetime | None) -> str:
    """`noch 40 Min.`."""
    return formats.left(value, now()) if value else ""


def until(value: datetime | None) -> str:
    """`bis heute, 14:00`."""
    return formats.until(value, now()) if value else ""


FORMS = {"moment": moment, "clock": clock, "brief": brief, "since": since, "left": left, "until": until}
for _name, _form in FORMS.items():
    register.filter(_name, _form)


@register.filter
def day(value: date | None) -> str:
    """`Sa., 21.11.2026`."""
    return formats.day(value) if value else ""


@register.filter
def duration(value: timedelta | float | None) -> str:
    """A span, or minutes, in words: `1 Std. 50 Min.`."""
    if value is None:
        return ""
    return formats.duration(value if isinstance(value, timedelta) else timedelta(minutes=value))


@register.filter
def number(value: float | None) -> str:
    """`1.240` on a German page."""
    return "" if value is None else format_decimal(value, locale=get_language() or "en")


@register.filter
def language_name(code: str) -> str:
    """`nl` becomes `Niederländisch` on a German page."""
    if not code:
        return ""
    try:
        return Locale.parse(code).get_language_name(get_language() or "en") or code
    except (UnknownLocaleError, ValueError):
        return code


@register.filter
def initials(name: str) -> str:
    """`Dr. Thomas Grünewald` becomes `TG`."""
    return formats.initials(name)


@register.filter
def is_soon(due_at: datetime | None) -> bool:
    """Due within the next hour."""
    return due_at is not None and now() <= due_at <= now() + timedelta(hours=1)


@register.filter
def is_late(due_at: datetime | None) -> bool:
    """Overdue."""
    return due_at is not None and due_at < now()


@register.simple_tag
def due(due_at: datetime | None) -> SafeString | str:
    """The state of a clock: quiet, soon or late, in words."""
    if due_at is None:
        return ""
    if is_late(due_at):
        kind, words = " state--late", gettext("overdue %(since)s") % {"since": since(due_at)}
    else:
        kind, words = " state--soon" if is_soon(due_at) else "", left(due_at)
    return format_html('<span class="state{}">{}{}</span>', kind, icon("clock", "s"), words)


@register.simple_tag(takes_context=True)
def live_to(context: Context, *topics: Any) -> SafeString:
    """Attributes of the element whose parts listen: `<div {% live_to "inbox" %}>`. One page asks once how new it is."""
    request = context.get("request")
    since = getattr(request, "live_since", None)
    if since is None:
        since = live.newest()
        if request is not None:
            request.live_since = since
    query = urlencode({"topics": ",".join(map(str, topics)), "since": since})
    return format_html('hx-ext="sse" sse-connect="{}?{}"', reverse("ui:live"), query)
