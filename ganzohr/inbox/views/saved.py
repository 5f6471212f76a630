"""Saved replies beside the box: find one, put it in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.inbox import saved
from ganzohr.inbox.models import Conversation
from ganzohr.inbox.views.acts import GET_OR_POST, back
from ganzohr.inbox.views.pages import visible
from ganzohr.knowledge import actions as knowledge
from ganzohr.knowledge import choosing
from ganzohr.ui.numbers import number
from ganzohr.ui.pages import done, page, wants_partial

PARTS = {"dialog": "knowledge/use.html", "saved": "knowledge/_use_found.html"}


@require_http_methods(GET_OR_POST)
@role_required("lead")
def replies(request: HttpRequest, pk: int) -> HttpResponse:
    """The best ones first; POST takes one: noted for the order, and without JavaScript put into the saved draft."""
    held = visible(user_of(request), pk)
    if request.method == "POST":
        return _take(request, held)
    query = request.GET.get("q", "").strip()
    context = {
        "conversation": held, "mode": _mode(request.GET.get("mode")), "q": query, "part": "knowledge/use.html",
        "choices": choosing.best(user_of(request), saved.place_of(held, user_of(request)), query),
        "in_dialog": wants_partial(request), "back": back(request, held),
    }  # fmt: skip
    return page(request, "inbox/choice_page.html", context, PARTS)


def _take(request: HttpRequest, held: Conversation) -> HttpResponse:
    user = user_of(request)
    mode = _mode(request.POST.get("mode"))
    choice = choosing.one(user, saved.place_of(held, user), number(request.POST.get("reply")))
    if choice is None:
        raise Http404
    if wants_partial(request):  # the page itself put it where the cursor is
        knowledge.note_use(choice.reply)
        return HttpResponse(status=204)
    saved.append(held, mode, choice, user)
    where = back(request, held)
    return done(request, f"{where}{'&' if '?' in where else '?'}mode={mode}", str(choosing.TAKEN))


def _mode(mode: str | None) -> str:
    return "private" if mode == "private" else "reply"
