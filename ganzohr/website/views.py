"""What visitors see without the widget: the plain page and the private page. No cookie, no script needed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ganzohr.core import crypto
from ganzohr.core.addresses import outside
from ganzohr.core.times import now
from ganzohr.core.words import say, speak
from ganzohr.inbox import promises
from ganzohr.ui import formats
from ganzohr.website import actions, intake, links, thread, words
from ganzohr.website.forms import AddressForm
from ganzohr.website.intake import Answer, Door
from ganzohr.website.models import Visit
from ganzohr.website.setup import source_code

P = ParamSpec("P")
PRIVATE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
VisitorView = Callable[Concatenate[HttpRequest, Visit, str, P], HttpResponseBase]


def _draw(template: str, door: Door, context: Mapping[str, Any], status: int = 200, **headers: str) -> HttpResponse:
    """Drawn without the request, so that no session and no CSRF cookie can come of it."""
    base = {"door": door, "language": door.language, "title": door.setup.title}
    body = render_to_string(template, {**base, **context})
    return HttpResponse(body, status=status, headers={**PRIVATE, "Content-Language": door.language, **headers})


def _answered(template: str, door: Door, context: Mapping[str, Any], answer: Answer | None) -> HttpResponse:
    """Drawn again with what is wrong, if somebody sent something."""
    return _draw(template, door, context, answer.status, **answer.headers) if answer else _draw(template, door, context)


def _is_foreign(request: HttpRequest) -> bool:
    """Sent by a form of another website."""
    origin = request.headers.get("Origin", "")
    return origin not in {"", "null"} and origin not in intake.own_origins()


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, key: str) -> HttpResponse:
    """The plain page: write, and go on to the private page."""
    door = intake.door(request, key, request.POST.get("lang") or request.GET.get("lang", ""))
    with speak(door.language, door.address):
        if request.method != "POST":
            return _contact_page(request, door)
        if _is_foreign(request):
            return _draw("website/ended.html", door, {"why": "foreign", "contact": request.path}, 403)
        answer = intake.take(request, door, "page")
        if answer.visit is None:
            return _contact_page(request, door, answer)
        return _see(reverse("website:visit", args=[request.POST["token"]]) + "?new=1")


def _contact_page(request: HttpRequest, door: Door, answer: Answer | None = None) -> HttpResponse:
    typed = request.POST if answer and answer.code != "tooBig" else {}
    context = {
        "answers_by": promises.before_writing(door.channel, now(), door.language),
        "consent": words.consent(door.setup, door.language),
        "files_hint": words.files_hint(),
        "accept": words.ACCEPT,
        "standing": thread.standing_answer(door.channel, door.language),
        "stamp": intake.stamp(door.channel, typed.get("stamp", "")),
        "trap": intake.TRAP,
        "errors": answer.errors if answer else {},
        "typed": typed,
        "token": typed.get("token") or crypto.new_token(),
        "id": typed.get("id") or secrets.token_hex(12),
        "source": source_code(typed.get("source") or request.GET.get("src")),
        "page": str(typed.get("page") or request.headers.get("Referer", ""))[:1000],
    }
    return _answered("website/contact.html", door, context, answer)


def visitor_page(*methods: str) -> Callable[[VisitorView[P]], Callable[..., HttpResponseBase]]:
    """Find the visit behind the private link, speak its language; a link that has ended is told so (410)."""

    def wrap(view: VisitorView[P]) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @require_http_methods(methods)
        @wraps(view)
        def asked(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            visit = links.find(token)
            if visit is None or _is_foreign(request):
                return _ended()
            with speak(visit.language, visit.channel.address):  # type: ignore[arg-type]
                response = view(request, visit, token, *args, **kwargs)
            for name, value in PRIVATE.items():
                response.headers.setdefault(name, value)
            return response

        return asked

    return wrap


def _ended() -> HttpResponse:
    body = render_to_string("website/ended.html", {"why": "gone", "language": get_language()})
    return HttpResponse(body, status=410, headers=PRIVATE)


def _door(visit: Visit) -> Door:
    return Door(visit.channel, links.setup_of(visit), visit.language)


def _here(token: str) -> str:
    return reverse("website:visit", args=[token])


def _see(address: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": address, **PRIVATE})


@visitor_page("GET", "HEAD", "POST")
def visit(request: HttpRequest, visit: Visit, token: str) -> HttpResponse:
    """The private page: the whole conversation, and a field to write again."""
    if request.method == "POST":
        answer = intake.take(request, _door(visit), "page", token=token)
        return _visit_page(request, visit, token, answer) if answer.visit is None else _see(_here(token) + "#end")
    return _visit_page(request, visit, token)


def _visit_page(
    request: HttpRequest, visit: Visit, token: str, answer: Answer | None = None, wrong: str = ""
) -> HttpResponse:
    door = _door(visit)
    at = now()
    entries = thread.entries(visit)
    promise = thread.promise(visit, entries, at)
    context = {
        "visit": visit,
        "entries": [(entry, formats.clock(entry.at, at)) for entry in entries],
        "here": _here(token),
        "is_new": "new" in request.GET,
        "full_address": outside("website:visit", token),
        "answers_by": promise,
        "works_until": formats.day(links.works_until(visit)),
        "link_days": door.setup.link_days,
        "files_hint": words.files_hint(),
        "accept": words.ACCEPT,
        "errors": answer.errors if answer else {},
        "text": request.POST.get("text", "") if answer else "",
        "id": (answer and request.POST.get("id")) or secrets.token_hex(12),
        "wrong_address": wrong,
        "revision": _revision(entries, promise),
        "contact": reverse("website:contact", args=[visit.channel.key]),
    }
    if request.GET.get("part") == "thread":
        return _draw("website/thread.html", door, context)
    if wrong:
        return _draw("website/visit.html", door, context, 422)
    return _answered("website/visit.html", door, context, answer)


def _revision(entries: Sequence[thread.Entry], promise: str) -> str:
    """Changes when anything in the conversation does."""
    said = "|".join([promise, *(f"{entry.id}{entry.is_pending}" for entry in entries)])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@visitor_page("POST")
def address(request: HttpRequest, visit: Visit, token: str) -> HttpResponse:
    """Leave a mail address, or take it away."""
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _visit_page(request, visit, token, wrong=str(form.errors["mail_address"][0]))
    actions.leave_address(visit, form.cleaned_data["mail_address"])
    return _see(_here(token) + "#address")


@visitor_page("POST")
def erasure(request: HttpRequest, visit: Visit, token: str) -> HttpResponse:
    """Ask that everything be deleted."""
    actions.ask_erasure(visit)
    return _see(_here(token) + "#data")


@visitor_page("POST")
def end(request: HttpRequest, visit: Visit, token: str) -> HttpResponse:
    """End every private link to this conversation."""
    contact = reverse("website:contact", args=[visit.channel.key])
    actions.end_links(visit)
    return _draw("website/ended.html", _door(visit), {"why": "choice", "contact": contact})


@visitor_page("GET", "HEAD")
def file(request: HttpRequest, visit: Visit, token: str, file_id: int) -> HttpResponseBase:
    """A file of the conversation, as a download that runs nothing."""
    found = thread.file_of(visit, file_id)
    if found is None or not found.file:
        raise Http404(say("This file is not here."))
    try:
        stored = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(say("This file is not here.")) from error
    response = FileResponse(stored, as_attachment=True, filename=found.name)
    response["Content-Type"] = "application/octet-stream"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
