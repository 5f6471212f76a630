"""The trail: who did what when."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ganzohr.accounts.permissions import role_required
from ganzohr.audit import words
from ganzohr.audit.models import Entry
from ganzohr.ui.keyset import keyset
from ganzohr.ui.pages import page


@dataclass(frozen=True)
class Line:
    """One entry in words."""

    entry: Entry
    actor: str
    verb: str
    thing: str


@require_safe
@role_required("admin")
def list_entries(request: HttpRequest) -> HttpResponse:
    """Newest first; `kind`, `number` (of that kind) and `actor` narrow it."""
    entries = Entry.objects.all()
    kind, number, actor = (request.GET.get(name, "")[:160] for name in ("kind", "number", "actor"))
    if kind in words.OBJECTS:
        entries = entries.filter(object_kind=kind)
    if number.isdecimal() and len(number) < 18:
        entries = entries.filter(object_id=int(number))
    if actor:
        entries = entries.filter(actor_label__icontains=actor)
    found = keyset(entries, ["-id"], request.GET.get("after", ""))
    lines = [Line(entry, words.actor(entry), words.verb(entry), words.thing(entry)) for entry in found.rows]
    context = {"slice": found, "lines": lines, "kinds": words.OBJECTS.items(), "query": request.GET}
    return page(request, "audit/list.html", context, partial={"more-rows": "audit/_rows.html"})
