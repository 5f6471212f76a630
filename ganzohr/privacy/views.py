"""One person's data: see, hand over, erase."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit import actions as audit
from ganzohr.contacts.models import Contact
from ganzohr.inbox.models import Conversation
from ganzohr.privacy import actions
from ganzohr.privacy.models import Erasure
from ganzohr.ui.keyset import keyset
from ganzohr.ui.pages import confirm, done, page


@require_safe
@role_required("admin")
def list_erasures(request: HttpRequest) -> HttpResponse:
    """Proof of what was erased when, without a name."""
    found = keyset(Erasure.objects.all(), ["-id"], request.GET.get("after", ""))
    return page(request, "privacy/erasures.html", {"slice": found}, partial={"more-rows": "privacy/_erasure_rows.html"})


@require_safe
@role_required("manager")
def show_person(request: HttpRequest, pk: int) -> HttpResponse:
    """What is held about one contact, room by room."""
    contact = visible_contact(request, pk)
    held = actions.export(actions.person_of(contact))
    rows = [
        (room, table, len(value) if isinstance(value, list) else 1)
        for room, part in held.items()
        for table, value in part.items()
        if value
    ]
    return page(request, "privacy/person.html", {"contact": contact, "rows": rows})


@require_safe
@role_required("manager")
def export_person(request: HttpRequest, pk: int) -> HttpResponse:
    """All of it as one JSON file."""
    contact = visible_contact(request, pk)
    body = json.dumps(actions.export(actions.person_of(contact)), ensure_ascii=False, indent=2, default=str)
    audit.record(audit.by_user(user_of(request)), "exported a person", contact)
    name = f"ganzohr-{contact.pk}.json"
    return HttpResponse(
        body, content_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("manager")
def erase_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase after one question that says it cannot be undone."""
    contact = visible_contact(request, pk)
    if request.method == "POST":
        actions.erase(actions.person_of(contact), audit.by_user(user_of(request)))
        return done(request, reverse("inbox:list"), gettext("Erased from every page, search and export."))
    return confirm(
        request,
        gettext("Erase everything about this person?"),
        gettext("Erase for good"),
        reverse("privacy:person", args=[pk]),
        effects=_effects_of_erasing(),
    )


def _effects_of_erasing() -> list[str]:
    return [
        gettext("All conversations, messages, files, drafts and learnt examples of this person go at once."),
        gettext("Backups made before still hold them until you delete those backups."),
        gettext("This cannot be undone."),
    ]


def visible_contact(request: HttpRequest, pk: int) -> Contact:
    """The contact, if this user may see a conversation of theirs; 404 otherwise."""
    seen = Conversation.objects.visible_to(user_of(request)).filter(contact=pk)
    return get_object_or_404(Contact.objects.filter(pk__in=seen.values("contact"), erased_at=None))
