"""Everything on its way out, and everything that needs a hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts.models import User
from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit import actions as audit
from ganzohr.channels import actions, holds, shown, waiting, whose
from ganzohr.channels.models import Channel, Outgoing, OutgoingQuerySet
from ganzohr.directory.models import colleague_of
from ganzohr.ui.keyset import keyset, length
from ganzohr.ui.numbers import number
from ganzohr.ui.pages import done, page

STATE = Outgoing.State
TABS: dict[str, tuple[object, list[str]]] = {
    "hand": (_("Needs a hand"), [STATE.REFUSED, STATE.UNCLEAR, STATE.BY_HAND]),
    "way": (_("On its way"), [STATE.WAITING, STATE.SENDING]),
    "sent": (_("Left"), [STATE.ACCEPTED]),
    "kept": (_("Taken back"), [STATE.TAKEN_BACK]),
}


@require_safe
@role_required("reader")
def outbox(request: HttpRequest) -> HttpResponse:
    """The list, by what it needs and by channel."""
    partial = {
        "rows": "channels/_outbox.html",
        "more-rows": "channels/_outbox.html",
        "outbox": "channels/_outbox_list.html",
    }
    return page(request, "channels/outbox.html", _listed(user_of(request), request.GET), partial)


def _listed(user: User, query: QueryDict) -> dict[str, Any]:
    hands, in_force = shown.hands_waiting(user), holds.in_force()
    chosen, channel = query.get("show") or ("hand" if hands else "way"), query.get("channel", "")
    chosen = chosen if chosen in TABS else "hand"
    rows = _of_channel(Outgoing.objects.visible_to(user).without_marks().filter(state__in=TABS[chosen][1]), channel)
    order = ["-finished_at", "-id"] if chosen == "sent" else ["-id"]
    piece = keyset(
        rows.select_related("channel", "finished_by", "public_post"), order, query.get("after", ""), length(query, 30)
    )
    talks = whose.talks(user, [one.pk for one in piece.rows])
    return {
        "slice": piece,
        "rows": [shown.row(one, in_force, talks.get(one.pk)) for one in piece.rows],
        "kept": shown.kept(in_force, user),
        "tabs": [(name, label, hands if name == "hand" else 0) for name, (label, _) in TABS.items()],
        "chosen": chosen,
        "channels": list(Channel.objects.visible_to(user)),
        "channel": channel,
        "is_limited": bool(channel),
        "states": STATE,
        "may_act": user.has_role("manager"),
        "may_hold": user.has_role("lead"),
    }


def _of_channel(rows: OutgoingQuerySet, chosen: str) -> OutgoingQuerySet:
    if chosen == "desk":
        return rows.filter(channel=None)
    wanted = number(chosen)
    return rows.filter(channel_id=wanted) if wanted else rows


def _act(
    request: HttpRequest, pk: int, verb: Callable[[Outgoing, audit.Actor], object], text: str = ""
) -> HttpResponse:
    """Do this with one thing; without words of its own the answer says when it leaves once more."""
    rows = Outgoing.objects.visible_to(user_of(request)).select_related("channel")
    outgoing = get_object_or_404(rows, pk=pk)
    try:
        if verb(outgoing, audit.by_user(user_of(request))) is False:
            text = gettext("It has left already.")
        text = text or waiting.again(outgoing)
    except audit.NotAllowed:
        text = gettext("Somebody else was faster. Nothing was changed.")
    except actions.StaysHere as why:
        text = str(why)
    return done(request, reverse("channels:outbox"), text)


@require_POST
@role_required("manager")
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep it here."""
    return _act(request, pk, actions.take_back, gettext("Taken back. It stays here and does not leave."))


@require_POST
@role_required("manager")
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a refused one once more."""
    return _act(request, pk, actions.send_again)


@require_POST
@role_required("manager")
def was_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody looked: it is there."""

    def settle(outgoing: Outgoing, actor: audit.Actor) -> None:
        actions.resolve_unclear(outgoing, actor, True, colleague_of(user_of(request)))

    return _act(request, pk, settle, gettext("Noted as sent."))


@require_POST
@role_required("manager")
def was_not_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody looked: it is not there, so it leaves again."""

    def settle(outgoing: Outgoing, actor: audit.Actor) -> None:
        actions.resolve_unclear(outgoing, actor, False)

    return _act(request, pk, settle)
