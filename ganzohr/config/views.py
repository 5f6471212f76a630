"""What operators ask: is the desk well, and how much waits?"""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ganzohr import __version__
from ganzohr.channels import unread

HEARTBEAT = "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"
SILENT_AFTER = 30
MOST = 1_000


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 while the database answers; says apart from that whether a worker lives."""
    said, status = state()
    return JsonResponse(said, status=status)


def state() -> tuple[dict[str, Any], int]:
    """What `/health` says, and its status."""
    try:
        seconds, aside = silent_for(), unread.aside(MOST)
    except DatabaseError:
        return {"ok": False, "database": "silent", "worker": "unknown"}, 503
    worker = "alive" if seconds is not None and seconds < SILENT_AFTER else "silent"
    return {"ok": True, "database": "alive", "worker": worker, "unread": aside, "version": __version__}, 200


def silent_for() -> float | None:
    """Seconds since any worker gave a sign; None if none ever did."""
    with connection.cursor() as cursor:
        cursor.execute(HEARTBEAT)
        row = cursor.fetchone()
    return float(row[0]) if row and row[0] is not None else None


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for whoever brings the token."""
    from ganzohr.config.metrics import answer

    status, said = answer(request.headers.get("Authorization", ""))
    return HttpResponse(said, status=status, content_type="text/plain; version=0.0.4; charset=utf-8")
