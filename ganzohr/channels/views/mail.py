"""Connecting a mailbox: the address, guessed servers, a live check of each step, signing in at a provider."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit import actions as audit
from ganzohr.channels import accounts, actions, health, providers
from ganzohr.channels.connectors.mail import connector, xoauth
from ganzohr.channels.forms import MailForm, NewMailForm
from ganzohr.channels.models import Channel
from ganzohr.channels.views.channels import here, own_site, seen_channel
from ganzohr.core import crypto
from ganzohr.core.addresses import inside
from ganzohr.ui.pages import done, invalid, page

STEPS = {
    "imap_connect": _("Server for reading"),
    "imap_login": _("Sign-in for reading"),
    "imap_folder": _("Folder"),
    "smtp_connect": _("Server for writing"),
    "smtp_login": _("Sign-in for writing"),
}
SIGN_IN_WORDS = {
    "pending": _("Nobody has confirmed the sign-in yet."),
    "slow_down": _("We asked too often; the next try waits longer."),
    "declined": _("The sign-in was declined."),
    "expired": _("The code has run out; start the sign-in again."),
    "signed_out": _("The sign-in no longer holds; sign in again."),
    "wrong_app": _("The provider does not know this application; check its id and its secret."),
    "unreachable": _("The provider's sign-in does not answer."),
    "refused": _("The provider refused the sign-in."),
}


def _mailbox(request: HttpRequest, pk: int) -> Channel:
    channel = seen_channel(request, pk)
    if channel.kind != "mail":
        raise Http404
    return channel


@role_required("manager")
def connect(request: HttpRequest) -> HttpResponse:
    """First the address; then what we guess from it."""
    first = NewMailForm(request.GET or None)
    if request.method != "POST" and not (request.GET and first.is_valid()):
        return (invalid if first.errors else page)(request, "channels/mail_address.html", {"form": first})
    guessed = providers.guess(first.cleaned_data["address"]) if first.is_bound and first.is_valid() else {}
    initial = MailForm.initial_of({**guessed, "address": request.GET.get("address", "")})
    form = MailForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _connected(request, form)
    return (invalid if form.errors else page)(request, "channels/mail.html", {"form": form, "channel": None})


def _connected(request: HttpRequest, form: MailForm) -> HttpResponse:
    values = {
        "name": form.cleaned_data["address"],
        "settings": form.settings(),
        "state": Channel.State.PAUSED,
        "site_id": own_site(request),
    }
    channel = actions.connect("mail", values, audit.by_user(user_of(request)), form.secrets())
    return _onwards(request, channel)


def _onwards(request: HttpRequest, channel: Channel) -> HttpResponse:
    """To the sign-in at the provider if that is still open, else to the check."""
    needs = channel.settings.get("auth") != "password" and not accounts.secrets_of(channel).get("refresh_token")
    return done(request, reverse("channels:mail_sign_in" if needs else "channels:mail_check", args=[channel.pk]))


@role_required("manager")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change servers or sign-in; everything is checked again afterwards."""
    channel = _mailbox(request, pk)
    initial, has_password = MailForm.initial_of(channel.settings), bool(accounts.secrets_of(channel).get("password"))
    form = MailForm(request.POST or None, initial=initial, has_password=has_password)
    if request.method == "POST" and form.is_valid():
        actor = audit.by_user(user_of(request))
        actions.change(channel, {"settings": {**channel.settings, **form.settings()}}, actor)
        if form.secrets() or form.goes_elsewhere:
            actions.save_secrets(channel, form.secrets(), actor, keep=not form.goes_elsewhere)
        return _onwards(request, channel)
    return (invalid if form.errors else page)(request, "channels/mail.html", {"form": form, "channel": channel})


@require_safe
@role_required("manager")
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """The page on which each step is checked live."""
    return page(request, "channels/mail_check.html", {"channel": _mailbox(request, pk), "result": None})


@require_POST
@role_required("manager")
def check_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Run every step; if all is well the mailbox is connected, and reading begins."""
    channel = _mailbox(request, pk)
    found = dict(connector.check_steps(accounts.account_of(channel)))
    code = next((code for code in found.values() if code), "")
    health.note(channel.pk, code)
    if not code and channel.state == Channel.State.PAUSED:
        actions.move_to(channel, Channel.State.ACTIVE, audit.by_user(user_of(request)))
    context = {"channel": channel, "result": _lines(found), "is_well": not code}
    return page(request, "channels/mail_check.html", context, partial={"steps": "channels/_steps.html"})


def _lines(found: dict[str, str]) -> list[dict[str, Any]]:
    """Every step with its words: done, wrong, or not tried because an earlier one was wrong."""
    return [
        {"step": words, "code": found.get(step), "words": health.words(found[step]) if found.get(step) else None}
        for step, words in STEPS.items()
    ]


@role_required("manager")
def sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign in at Microsoft 365 by a code on another page, or at Google by going there and coming back."""
    channel = _mailbox(request, pk)
    where = _provider(channel)
    context: dict[str, Any] = {
        "channel": channel,
        "provider": where.name,
        "redirect": inside("channels:mail_signed_in"),
    }
    if request.method == "POST":
        try:
            context |= _device(request, channel, where) if where.device_url else _redirect(request, channel, where)
        except xoauth.SignInProblem as problem:
            context["wrong"] = SIGN_IN_WORDS[problem.code]
    return page(request, "channels/mail_sign_in.html", context)


def _provider(channel: Channel) -> xoauth.Provider:
    if "client_id" not in channel.settings:
        raise Http404
    return xoauth.provider(channel.settings.get("auth", ""), channel.settings.get("tenant") or "common")


def _redirect(request: HttpRequest, channel: Channel, where: xoauth.Provider) -> dict[str, Any]:
    """Begin by redirect; what is needed on the way back travels in the session, encrypted."""
    back, plain = inside("channels:mail_signed_in"), channel.settings
    start = xoauth.start_app(where, plain["client_id"], back, plain["address"])
    kept = {"pk": channel.pk, "state": start.state, "verifier": start.verifier}
    request.session["mail_sign_in"] = crypto.encrypt(json.dumps(kept))
    return {"go": start.url}


def _device(request: HttpRequest, channel: Channel, where: xoauth.Provider) -> dict[str, Any]:
    """Begin, or ask once whether somebody confirmed. The code travels in the session, encrypted, for this mailbox."""
    client_id, place = channel.settings["client_id"], f"mail_device:{channel.pk}"
    held = request.session.get(place)
    if "again" in request.POST or not held:
        code = xoauth.start_device(where, client_id)
        request.session[place] = crypto.encrypt(json.dumps(asdict(code)))
        return {"device": code}
    code = xoauth.DeviceCode(**json.loads(crypto.decrypt(held)))
    try:
        tokens = xoauth.poll_device(where, client_id, code)
    except xoauth.SignInProblem as problem:
        return {"device": code, "wrong": SIGN_IN_WORDS[problem.code], "is_over": time.time() > code.expires_at}
    del request.session[place]
    actions.save_secrets(channel, tokens.as_secrets(), audit.by_user(user_of(request)))
    return {"is_done": True}


@require_safe
@role_required("manager")
def signed_in(request: HttpRequest) -> HttpResponse:
    """Back from the provider."""
    channel, verifier = _begun(request)
    secret = accounts.secrets_of(channel).get("client_secret", "")
    redirect, client_id = inside("channels:mail_signed_in"), channel.settings["client_id"]
    try:
        code = request.GET.get("code", "")
        tokens = xoauth.finish_app(_provider(channel), client_id, secret, code, verifier, redirect)
    except xoauth.SignInProblem as problem:
        return done(request, here(channel), str(SIGN_IN_WORDS[problem.code]))
    actions.save_secrets(channel, tokens.as_secrets(), audit.by_user(user_of(request)))
    return done(request, reverse("channels:mail_check", args=[channel.pk]), gettext("Signed in."))


def _begun(request: HttpRequest) -> tuple[Channel, str]:
    """The sign-in this browser began and its verifier; 404 for anybody else's way back."""
    try:
        held = json.loads(crypto.decrypt(request.session.pop("mail_sign_in", "")))
    except (crypto.Unreadable, ValueError):
        raise Http404 from None
    if request.GET.get("state") != held["state"]:
        raise Http404
    return _mailbox(request, held["pk"]), held["verifier"]
