"""The frame of every private page: who is asked, what a form carries, what a browser may keep of it.

No cookie is needed. The link is the only thing that opens the page, and no browser adds it to a request by itself, so
there is no authority another site could borrow; Django's CSRF check, which needs a cookie, is left out for these pages.
Instead every form carries a signature bound to its ask, which also says when the page was opened and which message it
showed: a form made elsewhere, or for another ask, is not accepted, and the same form sent twice is one act.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.module_loading import import_string

from ganzohr.core import crypto, times
from ganzohr.directory.models import Colleague
from ganzohr.notifications.letters import employer
from ganzohr.notifications.models import Ask

HEADERS = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
Page = Callable[[HttpRequest, Ask], HttpResponse]
_pages: dict[str, str] = {}


def tie(pages: Mapping[str, str]) -> None:
    """Set once at start which page answers which kind of ask."""
    _pages.clear()
    _pages.update(pages)


def page_of(ask: Ask) -> Page:
    """The page behind this ask."""
    page: Page = import_string(_pages[ask.kind])
    return page


@dataclass(frozen=True)
class Form:
    """What a form carries: its own name (once used, used), when the page was opened, which message it showed."""

    nonce: str
    opened_at: dt.datetime
    knows: int

    @property
    def minutes(self) -> int | None:
        """From opening the page to sending it, at least one; unknown when the page lay open for longer than an hour."""
        spent = times.now() - self.opened_at
        if not dt.timedelta() <= spent <= dt.timedelta(hours=1):
            return None
        return max(1, round(spent.total_seconds() / 60))


def new_form(ask: Ask, knows: int = 0) -> str:
    """The signed value for a hidden field named `form`."""
    return crypto.sign("ask-form", f"{ask.pk}.{secrets.token_hex(8)}.{int(times.now().timestamp())}.{knows}")


def read_form(request: HttpRequest, ask: Ask) -> Form | None:
    """The form, if it was made by us for this very ask."""
    value = crypto.unsign("ask-form", request.POST.get("form", ""))
    if value is None:
        return None
    pk, nonce, opened, knows = value.split(".")
    if int(pk) != ask.pk:
        return None
    return Form(nonce, dt.datetime.fromtimestamp(int(opened), dt.UTC), int(knows))


def names_of(mailbox: Colleague) -> list[str]:
    """Who answered for this shared mailbox before, the latest first."""
    rows = Ask.objects.filter(colleague=mailbox).exclude(answered_by_name="").order_by("-answered_at")
    return list(dict.fromkeys(rows.values_list("answered_by_name", flat=True)[:50]))[:8]


def draw(template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """The page in the language in force, without request, user or cookie."""
    body = render_to_string(template, {"employer": employer(), **context})
    return HttpResponse(body, status=status, headers={**HEADERS, "Content-Language": language()})


def language() -> str:
    """The language in force."""
    return translation.get_language() or settings.LANGUAGE_CODE


def again(request: HttpRequest) -> HttpResponse:
    """After a POST: the same page by GET."""
    return HttpResponse(status=303, headers={**HEADERS, "Location": request.path})
