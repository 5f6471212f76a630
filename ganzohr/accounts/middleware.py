"""Notes now and then that a session is in use, for the list of sessions."""

from __future__ import annotations

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ganzohr.core.times import now

EVERY = 300  # seconds


class LastSeen:
    """One write per session and five minutes, instead of one per request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on, having noted it where it was due."""
        key = request.session.session_key
        if key and request.user.is_authenticated and cache.add(f"last-seen:{key}", True, EVERY):
            UserSession.objects.filter(session_key=key).update(last_seen_at=now())
        return self.get_response(request)
