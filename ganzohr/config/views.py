"""What operators ask: is the desk well?"""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ganzohr import __version__

HEARTBEAT = "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"
SILENT_AFTER = 30


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 while the database answers; says apart from that whether a worker lives."""
    said, status = state()
    return JsonResponse(said, status=status)


def state() -> tuple[dict[str, Any], int]:
    """What `/health` says, and its status."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(HEARTBEAT)
            row = cursor.fetchone()
    except DatabaseError:
        return {"ok": False, "database": "silent", "worker": "unknown"}, 503
    seconds = row[0] if row else None
    worker = "alive" if seconds is not None and seconds < SILENT_AFTER else "silent"
    return {"ok": True, "database": "alive", "worker": worker, "version": __version__}, 200
