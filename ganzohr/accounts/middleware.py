"""Notes now and then that a session is in use; leads whoever lacks a second factor to where one is set up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from ganzohr.core.times import now
from ganzohr.ui.pages import SeeOther

EVERY = 300  # seconds
OPEN_WITHOUT = {  # what somebody may open whose role asks for a second factor they do not have yet
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "account_reauthenticate",
    "account_logout",
    "account_reset_password_from_key",
    "accounts:start",
    "accounts:join",
    "health",
}
DOORS: list[str] = []
"""Where paths begin that ask nobody to sign in (private links, short links, the widget); filled by config/wiring."""


class LastSeen:
    """One write per session and five minutes, instead of one per request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on, having noted it where it was due."""
        key = request.session.session_key
        if key and request.user.is_authenticated and caches["process"].add(f"last-seen:{key}", True, EVERY):
            UserSession.objects.filter(session_key=key).update(last_seen_at=now())
        return self.get_response(request)


class SecondFactor:
    """Where a role asks for a second factor, nothing opens without one but setting it up and signing out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Lead to the set-up, unless that is where the request goes."""
        if not getattr(request.user, "lacks_factor", False):
            return None
        if _is_open(request):
            return None
        to = reverse("mfa_index")
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": to})
        if request.headers.get("Accept", "").startswith("text/event-stream"):
            return HttpResponse(status=403)
        return redirect(to) if request.method in {"GET", "HEAD"} else SeeOther(to)


def _is_open(request: HttpRequest) -> bool:
    """Needs no factor: how to set one up, and what anybody may open who never signed in."""
    named = request.resolver_match and request.resolver_match.view_name in OPEN_WITHOUT
    return bool(named) or request.path_info.startswith(tuple(DOORS))
