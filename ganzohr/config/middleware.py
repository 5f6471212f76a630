"""What every request passes besides Django's own steps."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import translation

LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


class CompressPages(GZipMiddleware):
    """Compresses answers, but never an event stream, which must leave as it comes."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The answer, smaller where that helps."""
        if response.get("Content-Type", "").startswith("text/event-stream"):
            return response
        return super().process_response(request, response)


class FewPowers:
    """Takes from every page what no page of ours needs: a page somebody smuggled words into cannot listen or look."""

    NONE = (
        "accelerometer camera display-capture geolocation gyroscope hid magnetometer microphone midi payment serial usb"
    )
    POLICY = ", ".join([*(f"{name}=()" for name in NONE.split()), "publickey-credentials-get=(self)"])

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and say what the page may not do."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.POLICY)
        return response


class LanguageOfTheUser:
    """Speaks the language a signed-in user chose, else the first the browser asks for that we know."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in that language and say so in the header."""
        with translation.override(language_of(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
            return response


def language_of(request: HttpRequest) -> str:
    """The interface language of whoever asks."""
    chosen = getattr(request.user, "language", "")
    return chosen if chosen in LANGUAGES else translation.get_language_from_request(request)
