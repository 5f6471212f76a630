"""Connecting a Facebook page or a WhatsApp number: a token, a choice, and every step looked at live."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit import actions as audit
from ganzohr.channels import connecting, guides, health
from ganzohr.channels.connectors.base import Trouble
from ganzohr.channels.meta_forms import NumberForm, TokenForm
from ganzohr.channels.models import Channel
from ganzohr.channels.platform_status import status_of
from ganzohr.channels.views.channels import own_site, seen_channel
from ganzohr.ui.pages import done, invalid, page

AT_THE_BEGIN = {"token_expired": "token_refused", "permission_missing": "permission_needed"}  # no channel yet


def _ours(request: HttpRequest, pk: int) -> Channel:
    channel = seen_channel(request, pk)
    if channel.kind not in connecting.SETUPS or channel.app is None:
        raise Http404
    return channel


def _guide(channel: Channel) -> str:
    return reverse("channels:meta", args=[channel.pk])


def _tried(form: Any, act: Callable[[], Channel]) -> Channel | None:
    """What the platform or an account that is here already say against it stands at the form."""
    try:
        return act()
    except Trouble as trouble:
        words = health.words(AT_THE_BEGIN.get(trouble.code, trouble.code))
        form.add_error("token", f"{words.happened} {words.do}")
    except connecting.Taken:
        form.add_error(None, gettext("This account is connected already; you find it among your channels."))
    return None


@role_required("manager")
def begin_page(request: HttpRequest) -> HttpResponse:
    """A token; the pages it reaches are shown next."""
    app, form = connecting.the_app(), TokenForm(request.POST or None)
    if app is None:
        return page(request, "channels/meta_first.html")
    if request.method == "POST" and form.is_valid():
        token, actor = form.cleaned_data["token"], audit.by_user(user_of(request))
        values = {"site_id": own_site(request)}
        begun = _tried(form, lambda: connecting.begin_page(app, token, values, actor))
        if begun:
            return done(request, _guide(begun))
    return (invalid if form.errors else page)(request, "channels/meta_begin.html", _context(request, "facebook", form))


@role_required("manager")
def begin_number(request: HttpRequest) -> HttpResponse:
    """Both ids and a token."""
    app, form = connecting.the_app(), NumberForm(request.POST or None)
    if app is None:
        return page(request, "channels/meta_first.html")
    if request.method == "POST" and form.is_valid():
        actor, values = audit.by_user(user_of(request)), {"site_id": own_site(request)}
        begun = _tried(form, lambda: connecting.begin_number(app, form.cleaned_data, values, actor))
        if begun:
            return done(request, _guide(begun))
    return (invalid if form.errors else page)(request, "channels/meta_begin.html", _context(request, "whatsapp", form))


def _context(request: HttpRequest, kind: str, form: Any) -> dict[str, Any]:
    begun = Channel.objects.visible_to(user_of(request)).filter(kind=kind, settings__is_unfinished=True)
    return {"form": form, "kind": kind, "steps": guides.STEPS[kind], "begun": list(begun)}


@require_safe
@role_required("manager")
def guide(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it has come: every step as it was last tried, and trying them again."""
    channel = _ours(request, pk)
    if not channel.external_id:
        return done(request, reverse("channels:meta_pages", args=[pk]))
    return page(request, "channels/meta.html", _steps(channel), partial={"steps": "channels/_meta_steps.html"})


def _steps(channel: Channel) -> dict[str, Any]:
    said = channel.settings
    lines = guides.lines(channel.kind, said.get("steps", {}))
    looked_at, ends = said.get("looked_at"), said.get("token_ends")
    return {
        "channel": channel,
        "lines": lines,
        "looked_at": datetime.fromisoformat(looked_at) if looked_at else None,
        "token_ends": datetime.fromisoformat(ends) if ends else None,
        "token_end": connecting.token_end(channel),
        "is_unfinished": bool(said.get(connecting.UNFINISHED)),
        "is_well": bool(looked_at) and not any(line.code for line in lines),
    }


@require_POST
@role_required("manager")
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Try every step now; the page comes back with what was found."""
    channel = _ours(request, pk)
    connecting.look(channel, audit.by_user(user_of(request)))
    return page(request, "channels/meta.html", _steps(channel), partial={"steps": "channels/_meta_steps.html"})


@role_required("manager")
def pages(request: HttpRequest, pk: int) -> HttpResponse:
    """The pages that the token reaches; one is chosen."""
    channel = _ours(request, pk)
    if channel.kind != "facebook" or channel.external_id:
        return done(request, reverse("channels:channel", args=[pk]))
    context: dict[str, Any] = {"channel": channel, "token_end": connecting.token_end(channel)}
    try:
        if request.method == "POST":
            connecting.choose_page(channel, request.POST.get("page", ""), audit.by_user(user_of(request)))
            return done(request, _guide(channel))
        context["pages"] = connecting.pages_of(channel)
    except Trouble as trouble:
        context["wrong"] = health.words(trouble.code)
    except connecting.Taken:
        return done(request, reverse("channels:meta_pages", args=[pk]), gettext("This page is connected already."))
    return page(request, "channels/meta_pages.html", context)


@role_required("manager")
def token(request: HttpRequest, pk: int) -> HttpResponse:
    """Another token for the same account."""
    channel, form = _ours(request, pk), TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor = audit.by_user(user_of(request))
        if _tried(form, lambda: connecting.replace_token(channel, form.cleaned_data["token"], actor)):
            return done(request, _guide(channel), gettext("Replaced. Every step is tried again."))
    context = {"channel": channel, "form": form, "token_end": connecting.token_end(channel)}
    return (invalid if form.errors else page)(request, "channels/meta_token.html", context)


@require_safe
@role_required("reader")
def status(request: HttpRequest, pk: int) -> HttpResponse:
    """What the platform says of the account at this moment."""
    channel = _ours(request, pk)
    context = {"channel": channel, "status": status_of(channel)}
    return page(request, "channels/meta_status.html", context, partial={"status": "channels/_meta_status.html"})
