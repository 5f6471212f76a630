"""The trail: who did what when."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ganzohr.accounts.permissions import role_required
from ganzohr.audit.models import Entry
from ganzohr.ui.keyset import keyset
from ganzohr.ui.pages import page


@require_safe
@role_required("admin")
def list_entries(request: HttpRequest) -> HttpResponse:
    """Newest first; `object=inbox.conversation:12` or `actor=…` narrows it."""
    entries = Entry.objects.all()
    kind, _, number = request.GET.get("object", "").partition(":")
    if kind:
        entries = entries.filter(object_kind=kind)
    if number.isdigit() and len(number) < 18:
        entries = entries.filter(object_id=int(number))
    if actor := request.GET.get("actor", "")[:160]:
        entries = entries.filter(actor_label__icontains=actor)
    context = {"slice": keyset(entries, ["-id"], request.GET.get("after", "")), "query": request.GET}
    return page(request, "audit/list.html", context, partial={"more-rows": "audit/_rows.html"})
