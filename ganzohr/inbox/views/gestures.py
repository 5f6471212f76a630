"""Gestures: react to a message, hide a comment, show it again, keep any of it here before it leaves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit.actions import Actor, NotAllowed
from ganzohr.channels.models import Outgoing
from ganzohr.directory.models import Colleague
from ganzohr.inbox import undoing
from ganzohr.inbox.actions import gestures
from ganzohr.inbox.models import Conversation, Message
from ganzohr.inbox.people import actor_of, colleague_of
from ganzohr.inbox.views.acts import GET_OR_POST, back, choice
from ganzohr.ui.numbers import number
from ganzohr.ui.pages import done


@require_POST
@role_required("lead")
def reacting(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a reaction, or with an empty one take ours away; `closes` thanks by it."""
    message, (by, actor) = _message(request, pk), _who(request)
    reaction, closes = request.POST.get("reaction", ""), "closes" in request.POST
    try:
        if reaction:
            begun = gestures.react(message, reaction, by, actor, closes=closes)
        else:
            begun = gestures.unreact(message, by, actor)
    except NotAllowed:
        return _impossible(request, message)
    said = _("It leaves in ten seconds and closes as thanked.") if closes else _("It leaves in ten seconds.")
    return _begun(request, message, begun, said)


@require_http_methods(GET_OR_POST)
@role_required("lead")
def hiding(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide a comment, after one look at what that means."""
    message, (by, actor) = _message(request, pk), _who(request)
    if request.method != "POST":
        return choice(request, "hide", message.conversation, message=message)
    try:
        begun = gestures.hide(message, by, actor)
    except NotAllowed:
        return _impossible(request, message)
    return _begun(request, message, begun, _("It is hidden in ten seconds."))


@require_POST
@role_required("lead")
def unhiding(request: HttpRequest, pk: int) -> HttpResponse:
    """Show it to everybody again."""
    message, (by, actor) = _message(request, pk), _who(request)
    try:
        begun = gestures.unhide(message, by, actor)
    except NotAllowed:
        return _impossible(request, message)
    return _begun(request, message, begun, _("Everybody sees it again in ten seconds."))


@require_POST
@role_required("lead")
def keeping(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a gesture here before it leaves."""
    message, (_by, actor) = _message(request, pk), _who(request)
    kept = gestures.take_back(message.conversation, number(request.POST.get("gesture")), actor)
    return done(request, back(request, message.conversation), _("Taken back.") if kept else _("Too late: it has left."))


def _message(request: HttpRequest, pk: int) -> Message:
    mine = Conversation.objects.visible_to(user_of(request))
    rows = Message.objects.select_related(
        "conversation__contact", "conversation__handle", "conversation__channel", "channel"
    )
    return get_object_or_404(rows, pk=pk, direction=Message.Direction.IN, conversation__in=mine)


def _who(request: HttpRequest) -> tuple[Colleague, Actor]:
    by = colleague_of(user_of(request))
    assert by is not None
    return by, actor_of(user_of(request))


def _begun(request: HttpRequest, message: Message, gesture: Outgoing | None, said: str) -> HttpResponse:
    place = message.conversation
    if gesture is None:
        return done(request, back(request, place), _("It stands like that already."))
    return done(request, back(request, place), said, undoing.address(place, "gesture", after=gesture.pk))


def _impossible(request: HttpRequest, message: Message) -> HttpResponse:
    return done(request, back(request, message.conversation), _("The platform does not offer this for this message."))
