"""How a view answers: `page()` draws, `done()` acts and goes on, `confirm()` asks before what cannot be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

Partials = str | Mapping[str, str] | None


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    partial: Partials = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page, or the partial when htmx asks for one.

    `partial` is a template, or a table from the id of the element that htmx will fill to its template. Messages for
    the user travel with a partial as toasts.
    """
    chosen = _partial(request, partial)
    body = render_to_string(chosen or template, dict(context or {}), request)
    if chosen:
        body += render_to_string("ui/toasts.html", {"out_of_band": True}, request)
    response = HttpResponse(body, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def wants_partial(request: HttpRequest) -> bool:
    """htmx asks for a part of a page, not for a whole one while going back in history."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def _partial(request: HttpRequest, partial: Partials) -> str | None:
    if partial is None or not wants_partial(request):
        return None
    if isinstance(partial, str):
        return partial
    return partial.get(request.headers.get("HX-Target", ""))


def say(request: HttpRequest, text: str, undo: str = "") -> None:
    """Tell the user on the next page drawn what happened; `undo` is an address that takes it back by POST."""
    messages.success(request, text, extra_tags=undo)


class SeeOther(HttpResponseRedirect):
    """After a POST, go on by GET."""

    status_code = 303


def done(request: HttpRequest, to: str, text: str = "", undo: str = "") -> HttpResponse:
    """After a POST: go on to `to` by GET (303, which htmx follows too), saying what happened."""
    if text:
        say(request, text, undo)
    return SeeOther(to)


def invalid(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, partial: Partials = None
) -> HttpResponse:
    """The page again with its form and the errors in words (422); htmx swaps it like a success."""
    return page(request, template, context, partial, status=422)


def confirm(
    request: HttpRequest,
    question: str,
    button: str,
    back: str,
    effects: Sequence[str] = (),
    action: str = "",
) -> HttpResponse:
    """The page before something that cannot be undone: what will happen, one button that does it, one way back."""
    context = {"question": question, "button": button, "back": back, "effects": effects, "action": action}
    return page(request, "ui/confirm.html", context)
