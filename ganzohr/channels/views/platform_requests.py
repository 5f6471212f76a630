"""Where somebody reads what became of their wish that a platform passed on to us. Anybody with the code may."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from ganzohr.channels.models import PlatformRequest


@require_GET
def platform_request(request: HttpRequest, code: str) -> HttpResponse:
    """What was asked, when, and what was done; nothing that says who asked."""
    asked = get_object_or_404(PlatformRequest, code=code)
    response = render(request, "channels/platform_request.html", {"asked": asked})
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
