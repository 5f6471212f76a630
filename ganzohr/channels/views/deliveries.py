"""What came in and could not be read: of a channel, and of the app whose deliveries say only inside for whom."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit import actions as audit
from ganzohr.channels import actions, unread
from ganzohr.channels.models import Delivery
from ganzohr.channels.views.channels import seen_channel
from ganzohr.channels.views.meta_app import app_or_404, whole_house
from ganzohr.ui.keyset import keyset
from ganzohr.ui.pages import done, page

PARTIALS = {"more-rows": "channels/_deliveries.html", "again": "channels/_again.html"}
STATE = Delivery.State
LONGEST_ID = 19


@require_safe
@role_required("manager")
def of_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """What came for this channel; beside it, how much came to its app and could not be read."""
    channel = seen_channel(request, pk)
    context = {
        "back": reverse("channels:channel", args=[pk]),
        "back_to": channel.name,
        "beside": unread.aside_of_apps(user_of(request)) if channel.app_id else 0,
    }
    return _show(request, Delivery.objects.filter(channel=channel), context)


@require_safe
@role_required("manager")
def of_app(request: HttpRequest) -> HttpResponse:
    """What came to the hooks of the app; of the whole house, for nobody can tell for which channel it was."""
    whole_house(request)
    app = app_or_404()
    context = {"back": reverse("channels:meta_app"), "back_to": app.name, "is_app": True}
    return _show(request, Delivery.objects.filter(app=app), context)


def _show(request: HttpRequest, rows: QuerySet[Delivery], context: dict[str, Any]) -> HttpResponse:
    chosen, again = request.GET.get("state", ""), request.GET.get("again", "")
    chosen = chosen if chosen in unread.SHOWN else STATE.FAILED
    known = unread.with_beginning(rows)
    asked = known.filter(pk=int(again)).first() if again.isdecimal() and len(again) < LONGEST_ID else None
    listed = known.filter(state=chosen).exclude(pk=asked.pk if asked else 0)
    piece = keyset(listed, ["-id"], request.GET.get("after", ""), size=20)
    counted = unread.counts(rows)
    shown = {
        "chosen": chosen,
        "tabs": [(state, label, counted.get(state, "")) for state, label in _labels().items()],
        "again": unread.Unread(asked, is_again=True) if asked else None,
        "is_part": request.headers.get("HX-Target") == "again",
        "slice": piece,
        "rows": [unread.Unread(one) for one in piece.rows],
    }
    return page(request, "channels/deliveries.html", context | shown, partial=PARTIALS)


def _labels() -> dict[str, str]:
    return {
        STATE.FAILED: gettext("Unreadable"),
        STATE.UNSUPPORTED: gettext("Of an unknown kind"),
        STATE.WAITING: gettext("Waiting"),
    }


@require_POST
@role_required("manager")
def again_of_channel(request: HttpRequest, pk: int, delivery_id: int) -> HttpResponse:
    """Read it once more."""
    delivery = get_object_or_404(Delivery.objects.defer("body"), pk=delivery_id, channel=seen_channel(request, pk))
    return _again(request, delivery, reverse("channels:deliveries", args=[pk]))


@require_POST
@role_required("manager")
def again_of_app(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Read it once more."""
    whole_house(request)
    delivery = get_object_or_404(Delivery.objects.defer("body"), pk=delivery_id, app=app_or_404())
    return _again(request, delivery, reverse("channels:meta_deliveries"))


def _again(request: HttpRequest, delivery: Delivery, to: str) -> HttpResponse:
    """Back to where it lay; there it stays and shows what becomes of it."""
    text, before = "", delivery.state
    try:
        actions.run_again(delivery, audit.by_user(user_of(request)))
    except audit.NotAllowed:
        text = gettext("Somebody else was faster. Nothing was changed.")
    return done(request, f"{to}?state={before}&again={delivery.pk}", text)
