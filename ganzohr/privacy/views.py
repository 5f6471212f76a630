"""One person's data: see, hand over, erase."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit import actions as audit
from ganzohr.contacts.models import Contact
from ganzohr.inbox.models import Conversation
from ganzohr.privacy import actions, handing_over
from ganzohr.privacy.models import Erasure
from ganzohr.privacy.words import in_words
from ganzohr.ui.keyset import keyset
from ganzohr.ui.pages import confirm, done, page


def visible_contact(request: HttpRequest, pk: int) -> Contact:
    """The contact, if this user may see a conversation of theirs; 404 otherwise."""
    seen = Conversation.objects.visible_to(user_of(request)).filter(contact=pk)
    return get_object_or_404(Contact.objects.filter(pk__in=seen.values("contact"), erased_at=None))


def whole_person(view: Callable[[HttpRequest, Contact], HttpResponse]) -> Callable[[HttpRequest, int], HttpResponse]:
    """Only for who sees every conversation of the person: what is held goes out or goes away as a whole."""

    @wraps(view)
    def guarded(request: HttpRequest, pk: int) -> HttpResponse:
        contact = visible_contact(request, pk)
        theirs = Conversation.objects.filter(Q(contact=contact) | Q(handle__contact=contact))
        if theirs.exclude(pk__in=Conversation.objects.visible_to(user_of(request)).values("pk")).exists():
            return page(request, "privacy/elsewhere.html", {"contact": contact}, status=403)
        return view(request, contact)

    return guarded


@require_safe
@role_required("admin")
def list_erasures(request: HttpRequest) -> HttpResponse:
    """Proof of what was erased when, without a name."""
    found = keyset(Erasure.objects.all(), ["-id"], request.GET.get("after", ""))
    return page(request, "privacy/erasures.html", {"slice": found}, partial={"more-rows": "privacy/_erasure_rows.html"})


@require_safe
@role_required("manager")
@whole_person
def show_person(request: HttpRequest, contact: Contact) -> HttpResponse:
    """What is held about one contact, in words, and the two things that can be done with it."""
    context = {
        "contact": contact,
        "held": actions.held(actions.person_of(contact)),
        "languages": settings.LANGUAGES,
        "language": handing_over.language_of(contact, get_language() or ""),
    }
    return page(request, "privacy/person.html", context)


@require_safe
@role_required("manager")
@whole_person
def export_person(request: HttpRequest, contact: Contact) -> HttpResponse:
    """All of it: `as=document` to read, `as=data` as JSON, else both packed with the files; `in` is the language."""
    form, asked = request.GET.get("as", ""), request.GET.get("in", "")
    language = asked if asked in dict(settings.LANGUAGES) else handing_over.language_of(contact, get_language() or "")
    body, kind, ending = _handed_over(contact, form, language)
    audit.record(audit.by_user(user_of(request)), "exported a person", contact)
    name = f"ganzohr-{contact.pk}.{ending}"
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _handed_over(contact: Contact, form: str, language: str) -> tuple[str | bytes, str, str]:
    if form == "data":
        return handing_over.as_data(contact), "application/json", "json"
    if form == "document":
        return handing_over.as_document(contact, language), "text/html; charset=utf-8", "html"
    return handing_over.as_archive(contact, language), "application/zip", "zip"


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("manager")
@whole_person
def erase_person(request: HttpRequest, contact: Contact) -> HttpResponse:
    """Erase after one question that names the person and says it cannot be undone."""
    if request.method == "POST":
        actions.erase(actions.person_of(contact), audit.by_user(user_of(request)))
        return done(request, reverse("inbox:list"), gettext("Erased from every page, search and export."))
    name = contact.name or gettext("somebody without a name")
    return confirm(
        request,
        gettext("Erase everything about %(name)s?") % {"name": name},
        gettext("Erase for good"),
        reverse("privacy:person", args=[contact.pk]),
        effects=_effects_of_erasing(contact),
    )


def _effects_of_erasing(contact: Contact) -> list[str]:
    held = actions.held(actions.person_of(contact))
    return [
        gettext("All conversations, messages, files, drafts and learnt examples of this person go at once."),
        gettext("These are: %(what)s.") % {"what": ", ".join(in_words(held))},
        gettext("Backups made before still hold them until you delete those backups."),
        gettext("This cannot be undone."),
    ]
