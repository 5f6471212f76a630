"""Thin doors to people outside. Their conversations stand in a slot that the inbox fills."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit.actions import by_user
from ganzohr.contacts import actions, permissions
from ganzohr.contacts.models import Consent, Contact, Handle
from ganzohr.ui.pages import done, page


def _contact(request: HttpRequest, pk: int) -> Contact:
    handles = Handle.objects.select_related("channel").prefetch_related("consents")
    people = Contact.objects.prefetch_related(Prefetch("handles", handles))
    held = get_object_or_404(permissions.visible_to(people, user_of(request)), pk=pk)
    if held.erased_at:
        raise Http404
    return held


@require_safe
@role_required("reader")
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Who somebody is to us."""
    held = _contact(request, pk)
    return page(request, "contacts/contact.html", {"contact": held, "can_edit": user_of(request).has_role("lead")})


@require_POST
@role_required("lead")
def name(request: HttpRequest, pk: int) -> HttpResponse:
    """Call somebody by the name they use."""
    held = _contact(request, pk)
    actions.rename(held, request.POST.get("name", ""), by_user(user_of(request)))
    return done(request, reverse("contacts:contact", args=[pk]), _("Name saved"))


@require_POST
@role_required("manager")
def withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    """The person no longer agrees."""
    people = permissions.visible_to(Contact.objects.all(), user_of(request))
    consent = get_object_or_404(Consent, pk=pk, handle__contact__in=people)
    actions.withdraw_consent(consent, by_user(user_of(request)))
    return done(request, reverse("contacts:contact", args=[consent.handle.contact_id]), _("Consent withdrawn"))
