"""Where somebody reads what became of their wish that a platform passed on to us. Anybody with the code may."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ganzohr.channels.models import PlatformRequest


@require_GET
def platform_request(request: HttpRequest, code: str) -> HttpResponse:
    """What was asked, when, and what was done; nothing that says who asked."""
    asked = PlatformRequest.objects.filter(code=code).first()
    response = render(request, "channels/platform_request.html", {"asked": asked}, status=200 if asked else 404)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
