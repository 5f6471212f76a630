"""Keeping things here, and letting them go: in words, for leads and managers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit import actions as audit
from ganzohr.channels import actions, holds
from ganzohr.channels.forms import HoldForm
from ganzohr.channels.models import Hold
from ganzohr.directory.models import Colleague, colleague_of
from ganzohr.ui.pages import done, invalid, page


@role_required("lead")
def hold(request: HttpRequest) -> HttpResponse:
    """What shall stay here, and why."""
    user = user_of(request)
    form = HoldForm(request.POST or None, user=user)
    if request.method != "POST" or not form.is_valid():
        return (invalid if form.errors else page)(request, "channels/hold.html", {"form": form})
    held = actions.hold(**form.named(), why=form.cleaned_data["why"], actor=audit.by_user(user), by=_me(request))
    text, under_way = gettext("Held. From now on nothing of this begins to leave."), holds.leaving(held)
    if under_way:
        text += " " + ngettext(
            "One thing had begun to leave before and finishes.",
            "%(n)d things had begun to leave before and finish.",
            under_way,
        ) % {"n": under_way}
    return done(request, reverse("channels:outbox"), text)


@require_POST
@role_required("lead")
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it go."""
    held = get_object_or_404(Hold.objects.may_be_changed_by(user_of(request)), pk=pk)
    lifted = actions.lift(held, audit.by_user(user_of(request)), _me(request))
    text = gettext("Let go. It leaves now, in its order.") if lifted else gettext("Somebody let it go already.")
    return done(request, reverse("channels:outbox"), text)


def _me(request: HttpRequest) -> Colleague | None:
    return colleague_of(user_of(request))
