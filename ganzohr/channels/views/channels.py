"""Channels: their cards, their settings, pausing and leaving them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts.models import User
from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit import actions as audit
from ganzohr.channels import actions, connecting, health, holds, networks, reconcile, shown, unread
from ganzohr.channels.forms import ChannelForm
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.directory.models import colleague_of, sites_of
from ganzohr.ui.pages import confirm, done, invalid, page

STATE = Channel.State


def seen_channel(request: HttpRequest, pk: int) -> Channel:
    """The channel, if this user may see it; 404 otherwise."""
    rows: QuerySet[Channel] = Channel.objects.visible_to(user_of(request)).select_related("site", "hours", "app")
    return get_object_or_404(rows, pk=pk)


def own_site(request: HttpRequest) -> int | None:
    """Where a new channel of this user belongs: whoever is limited to sites must see what they connect."""
    return next(iter(sites_of(user_of(request)) or ()), None)


def here(channel: Channel) -> str:
    """The page of a channel."""
    return reverse("channels:channel", args=[channel.pk])


@require_safe
@role_required("reader")
def show_list(request: HttpRequest) -> HttpResponse:
    """Every channel with its health, and the ways to connect another."""
    partial = {"channels": "channels/_cards.html"}
    return page(request, "channels/list.html", _listed(user_of(request)), partial=partial)


def _listed(user: User) -> dict[str, Any]:
    in_force = holds.seen_by(user)
    cards = shown.cards(list(Channel.objects.visible_to(user).select_related("site")), in_force)
    aside, notice = unread.aside_of_apps(user), shown.notice(in_force, user)
    first, rest = shown.sentence(cards, aside, notice.count if notice else 0)
    has_hand = any(card.channel.kind == "hand" and card.channel.state == STATE.ACTIVE for card in cards)
    return {
        "cards": cards,
        "first": first,
        "rest": rest,
        "aside": aside,
        "notice": notice,
        "ways": [way for way in networks.WAYS if way.kind != "hand" or not has_hand],
        "others": networks.without_connector(),
        "hands": shown.hands_waiting(user),
    }


@require_safe
@role_required("reader")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One channel: how it is, what it is for, how it speaks."""
    channel = seen_channel(request, pk)
    (card,) = shown.cards([channel], holds.in_force())
    mine = shown.signatures(channel, colleague_of(user_of(request)))
    context = {
        "channel": channel,
        "card": card,
        "signature": mine[channel.signature],
        "states": STATE,
        "standing": list(channel.standing_answer.items()),
        "comparisons": shown.comparisons(channel),
        "is_platforms": channel.kind in connecting.SETUPS and bool(channel.external_id),
    }
    return page(request, "channels/channel.html", context, partial={"health": "channels/_health.html"})


@role_required("manager")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Name, purpose, site, hours, languages, address, signature, standing answer."""
    channel = seen_channel(request, pk)
    form = ChannelForm(user_of(request), request.POST or None, instance=channel)
    if request.method == "POST" and form.is_valid():
        actions.change(seen_channel(request, pk), form.values(), audit.by_user(user_of(request)))
        return done(request, here(channel), gettext("Saved"))
    previews = shown.signatures(channel, colleague_of(user_of(request)))
    context = {"channel": channel, "form": form, "signatures": _signature_choices(form, previews)}
    return (invalid if form.errors else page)(request, "channels/edit.html", context)


def _signature_choices(form: ChannelForm, previews: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"value": value, "label": label, "line": previews[value], "checked": form["signature"].value() == value}
        for value, label in Channel.Signature.choices
    ]


@require_POST
@role_required("manager")
def connect(request: HttpRequest, kind: str) -> HttpResponse:
    """A channel by hand needs nothing more than to be begun; every other kind has a page of its own for that."""
    if kind != "hand":
        raise Http404
    values = {"name": gettext("By hand"), "site_id": own_site(request)}
    actions.connect(kind, values, audit.by_user(user_of(request)))
    said = gettext("Connected. You can change its name and words any time.")
    return done(request, reverse("channels:by_hand"), said)


@require_POST
@role_required("manager")
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the platform now whether the channel works."""
    channel = seen_channel(request, pk)
    code = health.check(channel)
    health.note(channel.pk, code)
    return done(request, here(channel), gettext("It works.") if not code else str(health.words(code).happened))


@require_POST
@role_required("manager")
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing leaves for a while; what comes is still kept."""
    text = gettext("Paused. What comes in is kept, nothing leaves.")
    return _move(request, pk, STATE.PAUSED, text, undo=reverse("channels:resume", args=[pk]))


@require_POST
@role_required("manager")
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Connected again, after a pause or after leaving; what waited leaves now."""
    return _move(request, pk, STATE.ACTIVE, gettext("Connected again. What waited leaves now."))


def _move(request: HttpRequest, pk: int, state: str, text: str, undo: str = "") -> HttpResponse:
    channel = seen_channel(request, pk)
    was_left = channel.state == STATE.DISCONNECTED
    try:
        actions.move_to(channel, state, audit.by_user(user_of(request)))
    except audit.NotAllowed:
        return done(request, here(channel), gettext("Somebody else was faster. Nothing was changed."))
    if was_left and (code := connecting.come_back(channel)):
        text = str(health.words(code).happened)
    return done(request, here(channel), text, undo)


@require_POST
@role_required("manager")
def remove_gone(request: HttpRequest, pk: int) -> HttpResponse:
    """A person looked: what the platform does not show any more was deleted there, so it goes here too."""
    channel = seen_channel(request, pk)
    n = reconcile.remove_gone(channel, audit.by_user(user_of(request)))
    text = ngettext("%(n)d comment is deleted here too.", "%(n)d comments are deleted here too.", n) % {"n": n}
    return done(request, here(channel), text)


@role_required("manager")
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first and says what will happen; everything stays readable, and it can be connected again."""
    channel = seen_channel(request, pk)
    if request.method != "POST":
        question = gettext("Disconnect %(name)s?") % {"name": channel.name}
        return confirm(request, question, gettext("Disconnect"), here(channel), _effects(channel))
    try:
        actions.disconnect(channel, audit.by_user(user_of(request)))
    except audit.NotAllowed:
        return done(request, here(channel), gettext("Somebody else was faster. Nothing was changed."))
    still = gettext("Disconnected here. The platform did not take it; our app still stands in the account's settings.")
    text = still if connecting.leave(channel) else gettext("Disconnected.")
    return done(request, here(channel), text, undo=reverse("channels:resume", args=[pk]))


def _effects(channel: Channel) -> list[str]:
    waiting = Outgoing.objects.without_marks().filter(channel=channel).on_their_way().count()
    standing = gettext("Whoever writes finds your standing answer.")
    silent = gettext("There is no standing answer: whoever writes next week hears nothing. Better write one first.")
    stay = ngettext(
        "%(n)d thing on its way out stays here until you connect again.",
        "%(n)d things on their way out stay here until you connect again.",
        waiting,
    )
    return [
        standing if channel.standing_answer else silent,
        stay % {"n": waiting} if waiting else gettext("Nothing is on its way out."),
        gettext("Conversations, people and figures stay. You can connect again with one press."),
    ]
