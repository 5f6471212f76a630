"""The door of every private page. Looking changes nothing, so mail scanners may open links."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ganzohr.core import times
from ganzohr.core.crypto import token_hash
from ganzohr.notifications import limits, private_page
from ganzohr.notifications.letters import speaking_to
from ganzohr.notifications.models import Ask


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, token: str) -> HttpResponse:
    """The private page behind a link; in words what to do where the link opens nothing any more."""
    found = Ask.objects.select_related("colleague").filter(token_hash=token_hash(token)).first()
    if found is None:
        return _stranger(request)
    with speaking_to(found.colleague):
        if found.revoked_at:
            return _closed(request, "revoked", found)
        if found.is_expired(times.now()):
            return _closed(request, "expired", found)
        if request.method == "POST" and not limits.may("answer an ask", str(found.pk), times=400, seconds=600):
            return _closed(request, "too_often", found, status=429)
        return private_page.page_of(found)(request, found)


def _stranger(request: HttpRequest) -> HttpResponse:
    """Nobody knows this link; who tries many is slowed down."""
    who = request.META.get("REMOTE_ADDR", "")
    slow = not limits.may("open an unknown link", who, times=30, seconds=60)
    status = 429 if slow else 404
    return private_page.draw("notifications/closed.html", {"reason": "unknown"}, status=status)


def _closed(request: HttpRequest, reason: str, found: Ask, status: int = 410) -> HttpResponse:
    """Why nothing can be done here, and the words just typed so that they are not lost."""
    typed = "\n\n".join(
        words for name in ("answer", "question", "who") if (words := request.POST.get(name, "").strip())
    )
    context = {"reason": reason, "ask": found, "typed": typed}
    return private_page.draw("notifications/closed.html", context, status=status)
