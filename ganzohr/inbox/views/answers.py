"""Answering: drafts, checks, approving, taking back, and what to do when something did not leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit.actions import NotAllowed
from ganzohr.channels import actions as channels
from ganzohr.channels import waiting
from ganzohr.channels.accounts import connector_of
from ganzohr.core.crypto import new_token
from ganzohr.core.times import now
from ganzohr.inbox import actions, limits, tomorrow
from ganzohr.inbox.composing import MODES, Composer
from ganzohr.inbox.models import Conversation, Draft, Message
from ganzohr.inbox.opened import Opened
from ganzohr.inbox.people import actor_of, colleague_of
from ganzohr.inbox.views.acts import GET_OR_POST, back, or_back, query
from ganzohr.inbox.views.pages import PARTS, talk, visible
from ganzohr.ui.numbers import number
from ganzohr.ui.pages import done, page


def _number(request: HttpRequest, name: str) -> int:
    return number(request.POST.get(name))


@require_http_methods(GET_OR_POST)
@role_required("lead")
@or_back
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve the text in the box: it leaves in ten seconds unless taken back."""
    held = visible(user_of(request), pk)
    composer = _composer(request, held)
    if composer.is_blocked:
        return _again(request, held, composer, _blocked(composer))
    if composer.warns_beyond(request.POST.get("anyway", "")):
        composer.asks_twice = True
        return _again(request, held, composer)
    try:
        _approve(request, held, composer)
    except KEPT_HERE as error:
        return _again(request, held, composer, _refused(held, error))
    return done(request, back(request, held), composer.approved_words)


KEPT_HERE = (
    actions.NewerMessage, actions.AnsweredMeanwhile, actions.SavedByOthers, actions.NobodyToAnswer,
    actions.NothingToSend, actions.CannotLeave,
)  # fmt: skip
REFUSED: dict[type[Exception], Callable[[], str]] = {
    actions.NewerMessage: lambda: _("Nothing left yet: there is a newer message. Read it first."),
    actions.AnsweredMeanwhile: lambda: _("Nothing left: somebody of you answered meanwhile. Read it first."),
    actions.SavedByOthers: lambda: _(
        "Nothing left yet: somebody else saved other words here. Choose first which to go on with."
    ),
    actions.NobodyToAnswer: lambda: _("There is no message here that could be answered."),
    actions.NothingToSend: lambda: _("Nothing is written yet."),
}


def _blocked(composer: Composer) -> str:
    if composer.kept:
        return _("Nothing left. The text is kept here.")
    if not composer.text.strip() and not composer.files:
        return REFUSED[actions.NothingToSend]()
    return _("Nothing left yet. Look at the line above the button.")


def _refused(held: Conversation, error: Exception) -> str:
    return why(held, error.code) if isinstance(error, actions.CannotLeave) else REFUSED[type(error)]()


def _composer(request: HttpRequest, held: Conversation, mode: str = "") -> Composer:
    mode = mode or request.POST.get("mode", "reply")
    opened = Opened(user_of(request), held)
    typed = request.POST.get("text", "").replace("\r\n", "\n")  # as it leaves, and as it is counted
    return Composer(opened, mode, typed=typed, knows=_number(request, "knows"))


def why(held: Conversation, code: str) -> str:
    """The rule that kept it here, in words."""
    return limits.why(code, held, connector_of(held.channel).abilities, now())


def _approve(request: HttpRequest, held: Conversation, composer: Composer) -> Message:
    user = user_of(request)
    by = colleague_of(user)
    assert by is not None
    return actions.answer(
        held,
        text=composer.text,
        by=by,
        actor=actor_of(user),
        knows_message_id=composer.knows,
        key=request.POST.get("key", "")[:40] or composer.key,
        mode="private" if composer.mode == "private" else "reply",
        attachment_ids=[file.pk for file in composer.files],
        expert=composer.expert,
        seen_message_id=_number(request, "newest") if "newest" in request.POST else None,
        revision=_number(request, "revision") if "revision" in request.POST else None,
    )


def _again(request: HttpRequest, held: Conversation, composer: Composer, problem: str = "") -> HttpResponse:
    """Nothing left; the words stay in the box, saved."""
    known = _number(request, "revision")
    try:
        saved = actions.save_draft(held, composer.mode, composer.text, colleague_of(user_of(request)), known)
        composer.revision = saved.revision if saved else 0
    except actions.SavedByOthers as error:
        composer.revision, composer.others = known, error.draft
    composer.problem = problem
    context: dict[str, Any] = talk(request, held) | {"composer": composer}
    return page(request, "inbox/talk_page.html", context, PARTS, status=422)


@require_POST
@role_required("lead")
def drafts(request: HttpRequest, pk: int, mode: str) -> HttpResponse:
    """Keep what is typed, and say its revision; 409 with the words that somebody else saved meanwhile."""
    user = user_of(request)
    held = visible(user, pk)
    if mode not in MODES:
        return HttpResponse(status=404)
    try:
        saved = _keep(request, held, mode)
    except actions.SavedByOthers as error:
        context = {"others": error.draft, "conversation": held, "list": {"query": query(request)}}
        return page(request, "inbox/others.html", context, status=409)
    actions.note_presence(held, user, is_typing=True)
    return HttpResponse(status=204, headers={"Draft-Revision": str(saved.revision if saved else 0)})


def _keep(request: HttpRequest, held: Conversation, mode: str) -> Draft | None:
    text, by, knows = request.POST.get("text", ""), colleague_of(user_of(request)), _number(request, "knows")
    return actions.save_draft(held, mode, text, by, _number(request, "revision"), knows_message_id=knows)


@require_POST
@role_required("lead")
def choosing(request: HttpRequest, pk: int, mode: str) -> HttpResponse:
    """Of what two people typed one stands in the box; the other is kept beside it."""
    held = visible(user_of(request), pk)
    if mode not in MODES:
        return HttpResponse(status=404)
    try:
        _choose(request, held, mode)
    except actions.SavedByOthers:
        return _again(request, held, _composer(request, held, mode))
    place = back(request, held)
    return done(request, place if mode == "reply" else f"{place}{'&' if '?' in place else '?'}mode={mode}")


def _choose(request: HttpRequest, held: Conversation, mode: str) -> None:
    text, by, choice = request.POST.get("text", ""), colleague_of(user_of(request)), request.POST.get("choice", "")
    if choice == "theirs":
        actions.take_theirs(held, mode, text, by)
    elif choice == "mine":
        actions.save_draft(held, mode, text, by, _number(request, "theirs"), knows_message_id=_number(request, "knows"))
    else:
        actions.bring_back(held, mode, choice, text, by, _number(request, "revision"))


@require_POST
@role_required("lead")
def discarding(request: HttpRequest, pk: int, mode: str) -> HttpResponse:
    """Empty the box on purpose."""
    held = visible(user_of(request), pk)
    actions.discard_draft(held, mode, actor_of(user_of(request)))
    return done(request, back(request, held), _("Draft discarded"))


@require_POST
@role_required("lead")
def checking(request: HttpRequest, pk: int) -> HttpResponse:
    """What to look at in the text typed so far; `seen` says the newer message was read."""
    held = visible(user_of(request), pk)
    composer = _composer(request, held)
    if "seen" in request.POST:
        composer = Composer(
            composer.opened, composer.mode, typed=composer.text, knows=composer.opened.newest_inbound_id
        )
    shown = request.POST.get("shown", "")
    composer.asks_twice = bool(shown and composer.warnings) and not composer.warns_beyond(shown)
    before = {"was_blocked": "blocked" in request.POST, "was_shown": bool(shown)}
    return page(request, "inbox/checks_live.html", {"composer": composer, "conversation": held, **before})


@require_POST
@role_required("lead")
def taking_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep an answer here; its words lie in the box again."""
    message = _message(request, pk)
    taken = actions.take_back(message, actor_of(user_of(request)))
    said = _("Taken back. The text lies in the box again.") if taken else _("Too late: it has left already.")
    return done(request, _place_of(request, message), said)


@require_POST
@role_required("lead")
def outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """A person looked at the platform: sent or not; posted by hand; or send it once more."""
    message, user = _message(request, pk), user_of(request)
    said = request.POST.get("outcome", "")
    try:
        _settle(message, said, user, request.POST.get("permalink", ""))
    except NotAllowed:
        return done(request, _place_of(request, message), _("Somebody else was faster. This is how it stands now."))
    except channels.StaysHere as why:
        return done(request, _place_of(request, message), str(why))
    return done(request, _place_of(request, message), OUTCOMES[said](message.outgoing))


OUTCOMES = {
    "sent": lambda _outgoing: _("Noted: it arrived."),
    "not_sent": waiting.again,
    "posted": lambda _outgoing: _("Noted: posted by you."),
    "again": waiting.again,
}


def _settle(message: Message, said: str, user: Any, permalink: str) -> None:
    outgoing, actor, colleague = message.outgoing, actor_of(user), colleague_of(user)
    if outgoing is None or said not in OUTCOMES:
        raise NotAllowed(said)
    if said == "sent":
        channels.resolve_unclear(outgoing, actor, was_sent=True, colleague=colleague)
    elif said == "not_sent":
        channels.resolve_unclear(outgoing, actor, was_sent=False, colleague=colleague)
    elif said == "posted":
        channels.confirm_by_hand(outgoing, actor, colleague, permalink if permalink.startswith("https://") else "")
    else:
        channels.send_again(outgoing, actor)


@require_POST
@role_required("lead")
def promise(request: HttpRequest, pk: int) -> HttpResponse:
    """One human sentence now, the answer tomorrow: sent like any answer, put off until the morning."""
    held = visible(user_of(request), pk)
    try:
        _promise(request, held)
    except (actions.NobodyToAnswer, NotAllowed):
        return done(request, back(request, held), REFUSED[actions.NobodyToAnswer]())
    except actions.CannotLeave as error:
        return done(request, back(request, held), why(held, error.code))
    said = _("“I'll come back tomorrow” leaves in ten seconds. It is back here tomorrow at 8:00.")
    return done(request, back(request, held), said)


def _promise(request: HttpRequest, held: Conversation) -> None:
    user = user_of(request)
    by = colleague_of(user)
    assert by is not None
    words, key = tomorrow.words(held, by.first_name), request.POST.get("key", "")[:40] or new_token()[:20]
    actions.promise(held, words, by=by, actor=actor_of(user), key=key)


def _message(request: HttpRequest, pk: int) -> Message:
    mine = Conversation.objects.visible_to(user_of(request))
    rows = Message.objects.select_related("outgoing", "conversation", "answers").filter(conversation__in=mine)
    return get_object_or_404(rows, pk=pk, outgoing__isnull=False)


def _place_of(request: HttpRequest, message: Message) -> str:
    """The conversation the answer was written in."""
    asked = message.answers
    place = asked.conversation if asked else message.conversation
    return back(request, place)
