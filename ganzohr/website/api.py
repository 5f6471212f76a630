"""What the widget's script asks for, from any website on the channel's list. No cookie, no session."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from ganzohr.core.addresses import outside
from ganzohr.core.times import now
from ganzohr.core.words import speak
from ganzohr.ui import formats
from ganzohr.website import intake, limits, links, sightings, thread, words
from ganzohr.website.intake import Door
from ganzohr.website.models import Visit
from ganzohr.website.setup import origin

View = Callable[[HttpRequest, Door], HttpResponse]
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, If-None-Match",
    "Access-Control-Max-Age": "7200",
}


def for_widgets(*methods: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Let in pages of the channel's list only, say so to their browser, and keep answers out of every cache."""

    def wrap(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @require_http_methods([*methods, "OPTIONS"])
        @wraps(view)
        def asked(request: HttpRequest, key: str) -> HttpResponse:
            door = intake.door(request, key, request.GET.get("lang", ""))
            asking = request.headers.get("Origin", "")
            may_ask = _may_ask(request, door, asking)
            if view.__name__ == "config" and _is_elsewhere(asking):
                sightings.note(door.channel, asking, may_ask)
            if not may_ask:
                return JsonResponse({"code": "origin"}, status=403)
            response = _preflight() if request.method == "OPTIONS" else _spoken(view, request, door)
            return _opened(response, asking)

        return asked

    return wrap


def _is_elsewhere(asking: str) -> bool:
    """A website, and none of our own pages."""
    return asking not in intake.own_origins() and origin(asking) == asking != ""


def _may_ask(request: HttpRequest, door: Door, asking: str) -> bool:
    if not asking:
        return request.method in {"GET", "HEAD"}
    return asking in intake.own_origins() or asking in door.setup.origins


def _preflight() -> HttpResponse:
    return HttpResponse(status=204, headers=PREFLIGHT)


def _spoken(view: View, request: HttpRequest, door: Door) -> HttpResponse:
    with speak(door.language, door.address):
        return view(request, door)


def _opened(response: HttpResponse, asking: str) -> HttpResponse:
    if asking:
        response["Access-Control-Allow-Origin"] = asking
        response["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    response["Vary"] = "Origin"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@require_safe
def script(request: HttpRequest, key: str) -> HttpResponse:
    """The one script tag's script: two lines that load the button, which has the code's mark in its address."""
    intake.door(request, key)
    start = json.dumps(static("website/widget/start.js"))
    code = f"import {{ start }} from {start};\nstart(new URL(import.meta.url));\n"
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return HttpResponse(code, content_type="text/javascript; charset=utf-8", headers=headers)


@for_widgets("GET")
def config(request: HttpRequest, door: Door) -> HttpResponse:
    """Words, limits and the stamp; once per page that shows the widget."""
    values = {
        "words": words.for_widget(door.channel, door.setup, now(), door.language),
        "language": door.language,
        "stamp": intake.stamp(door.channel),
        "privacyUrl": door.setup.privacy_url,
        "accept": words.ACCEPT,
        "maxFile": limits.MAX_FILE,
        "maxFiles": limits.MAX_FILES,
        "standing": thread.standing_answer(door.channel, door.language),
    }
    return JsonResponse(values)


@for_widgets("POST")
def letters(request: HttpRequest, door: Door) -> HttpResponse:
    """Take a letter: stored first, then thanked, with the conversation as it stands now."""
    answer = intake.take(request, door, "widget")
    if answer.visit is None:
        said = {"code": answer.code, "errors": answer.errors}
        return JsonResponse(said, status=answer.status, headers=answer.headers)
    token = request.POST["token"]
    return JsonResponse({"link": outside("website:visit", token), **_conversation(answer.visit)})


@for_widgets("GET")
def conversation(request: HttpRequest, door: Door) -> HttpResponse:
    """Everything said so far, for whoever holds the private link; 304 while nothing is new."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    visit = links.find(token) if scheme == "Bearer" and token else None
    if visit is None or visit.channel_id != door.channel.pk:
        return JsonResponse({"code": "gone"}, status=410)
    body = json.dumps(_conversation(visit)).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers={"ETag": tag})
    return HttpResponse(body, content_type="application/json", headers={"ETag": tag})


def _conversation(visit: Visit) -> dict[str, Any]:
    at, said = now(), thread.entries(visit)
    entries = [
        {
            "id": entry.id,
            "who": entry.who,
            "when": formats.clock(entry.at, at),
            "text": entry.text,
            "pending": entry.is_pending,
            "files": [{"id": file.id, "name": file.name} for file in entry.files],
        }
        for entry in said
    ]
    promise = thread.promise(visit, said, at)
    return {"entries": entries, "answersBy": promise, "hasAddress": bool(visit.mail_address)}
