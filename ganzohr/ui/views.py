"""Thin doors of the shell: live events, the settings page, the keys."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from ganzohr.ui import live
from ganzohr.ui.numbers import number
from ganzohr.ui.pages import page

TOPICS = 20


@require_safe
@login_required
async def events(request: HttpRequest) -> StreamingHttpResponse:
    """Server-sent events that say which topics changed, nothing more."""
    topics = [topic for topic in request.GET.get("topics", "").split(",") if topic][:TOPICS]
    since = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    seen = number(since) if since.isdecimal() else None
    response = StreamingHttpResponse(live.stream(topics, seen), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


@require_safe
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    """Everything that is set once and looked at rarely."""
    return page(request, "ui/settings.html")
