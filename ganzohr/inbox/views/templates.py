"""Templates: fill one in, read it whole, send it; ask the platform again which there are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.channels import health, message_templates
from ganzohr.core.crypto import new_token
from ganzohr.inbox import actions
from ganzohr.inbox.composing import Composer
from ganzohr.inbox.models import Conversation
from ganzohr.inbox.opened import Opened
from ganzohr.inbox.people import actor_of, colleague_of
from ganzohr.inbox.template_box import TemplateBox
from ganzohr.inbox.views.acts import GET_OR_POST, back, or_back
from ganzohr.inbox.views.answers import REFUSED, why
from ganzohr.inbox.views.pages import PARTS, talk, visible
from ganzohr.ui.pages import done, page


@require_http_methods(GET_OR_POST)
@role_required("lead")
@or_back
def filling(request: HttpRequest, pk: int) -> HttpResponse:
    """The box with what was chosen and filled in so far, and the text as the person would read it."""
    return _shown(request, visible(user_of(request), pk), _composer(request, pk))


@require_http_methods(GET_OR_POST)
@role_required("lead")
@or_back
def sending(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the text that was read, and no other."""
    held, composer = visible(user_of(request), pk), _composer(request, pk)
    box = composer.template
    if box is None or not box.is_whole or not box.was_read:
        composer.problem = _("Nothing left yet. Fill everything in and read the whole text first.")
        return _shown(request, held, composer, 422)
    try:
        _send(request, held, box)
    except actions.CannotLeave as error:
        return done(request, back(request, held), why(held, error.code))
    except (actions.NobodyToAnswer, actions.NothingToSend) as error:
        return done(request, back(request, held), REFUSED[type(error)]())
    return done(request, back(request, held), composer.approved_words)


@require_POST
@role_required("lead")
def looking(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the platform now which templates there are."""
    held = visible(user_of(request), pk)
    problem = message_templates.look(held.channel)
    said = str(health.words(problem).happened) if problem else _("This is what there is now.")
    return done(request, back(request, held), said)


def _send(request: HttpRequest, held: Conversation, box: TemplateBox) -> None:
    user, key = user_of(request), request.POST.get("key", "")[:40] or new_token()[:20]
    by = colleague_of(user)
    assert by is not None and box.chosen is not None
    actions.send_template(held, box.chosen, box.values, by=by, actor=actor_of(user), key=key)


def _composer(request: HttpRequest, pk: int) -> Composer:
    user = user_of(request)
    return Composer(Opened(user, visible(user, pk)), request.POST.get("mode", "reply"), given=request.POST)


def _shown(request: HttpRequest, held: Conversation, composer: Composer, status: int = 200) -> HttpResponse:
    parts = PARTS | {"filled": "inbox/template_filled.html"}
    context = talk(request, held) | {"composer": composer}
    return page(request, "inbox/talk_page.html", context, parts, status=status)
