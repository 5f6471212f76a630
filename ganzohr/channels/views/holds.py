"""Keeping things here, and letting them go: in words, for leads and managers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit import actions as audit
from ganzohr.channels import actions, holds, shown, waiting, whose
from ganzohr.channels.forms import HoldForm
from ganzohr.channels.models import Hold, Outgoing
from ganzohr.core import times
from ganzohr.directory.models import Colleague, colleague_of
from ganzohr.ui.numbers import number
from ganzohr.ui.pages import done, invalid, page
from ganzohr.ui.templatetags.ui import clock

MOST, SHOWN = 1000, 30


@role_required("lead")
def hold(request: HttpRequest) -> HttpResponse:
    """What shall stay here, and why."""
    user = user_of(request)
    form = HoldForm(request.POST or None, user=user)
    if request.method != "POST" or not form.is_valid():
        return (invalid if form.errors else page)(request, "channels/hold.html", {"form": form})
    at = times.now()
    held = actions.hold(**form.named(), why=form.cleaned_data["why"], actor=audit.by_user(user), by=_me(request))
    return done(request, reverse("channels:outbox"), _held(held) if held.since >= at else _held_before(held))


def _held(held: Hold) -> str:
    text, under_way = gettext("Held. From now on nothing of this begins to leave."), holds.leaving(held)
    if under_way:
        text += " " + ngettext(
            "One thing had begun to leave before and finishes.",
            "%(n)d things had begun to leave before and finish.",
            under_way,
        ) % {"n": under_way}
    return text


def _held_before(held: Hold) -> str:
    """Who holds it already; the new reason is not lost."""
    since = {"since": clock(held.since)}
    if held.set_by is None:
        return gettext("This is held already, since %(since)s. Your reason stands beside the first.") % since
    words = gettext("%(name)s holds this already, since %(since)s. Your reason stands beside the first.")
    return words % {**since, "name": held.set_by.name}


@role_required("lead")
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it go, once somebody has seen what leaves then; asked again when that has become more."""
    mine = Hold.objects.may_be_changed_by(user_of(request))
    named = mine.select_related("channel", "site", "public_post", "set_by", "lifted_by")
    held = get_object_or_404(named, pk=pk)
    if held.lifted_at:
        return done(request, reverse("channels:outbox"), _lifted(request, held))
    freed = holds.let_go_by(held, MOST + 1)
    seen = number(request.POST.get("count"))
    if request.method != "POST" or min(len(freed), MOST) > seen:
        return page(request, "channels/lift.html", _asked(request, held, freed, seen))
    lifted = actions.lift(held, audit.by_user(user_of(request)), _me(request))
    text = gettext("Let go. It leaves now, in its order.") if lifted else gettext("Somebody let it go already.")
    return done(request, reverse("channels:outbox"), text)


def _lifted(request: HttpRequest, held: Hold) -> str:
    """Who let it go, and when; for a page that was open or kept since before."""
    at, by = clock(held.lifted_at), held.lifted_by
    if by is None:
        return gettext("Somebody let it go already.")
    if by == _me(request):
        return gettext("You let it go already: %(at)s.") % {"at": at}
    return gettext("%(name)s let it go already: %(at)s.") % {"name": by.name, "at": at}


def _asked(request: HttpRequest, held: Hold, freed: list[Outgoing], seen: int) -> dict[str, Any]:
    user, first = user_of(request), freed[:SHOWN]
    talks = whose.talks(user, [one.pk for one in first])
    by = held.set_by
    return {
        "held": held,
        "what": waiting.scope(held),
        "is_mine": by is not None and by == colleague_of(user),
        "count": min(len(freed), MOST),
        "is_more": len(freed) > MOST,
        "was_fewer": request.method == "POST" and bool(seen),
        "stays": Hold.objects.in_force().exclude(pk=held.pk).exists(),
        "rows": [shown.row(one, [held], talks.get(one.pk)) for one in first],
        "rest": min(len(freed), MOST) - len(first),
        "states": Outgoing.State,
        "may_act": user.has_role("manager"),
    }


def _me(request: HttpRequest) -> Colleague | None:
    return colleague_of(user_of(request))
