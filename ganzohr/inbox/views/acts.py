"""Doing: each door reads a form, calls one action, and goes back to the conversation with a way to undo."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit.actions import NotAllowed
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague, Site, sites_of
from ganzohr.inbox import actions, undoing
from ganzohr.inbox.filters import Filter
from ganzohr.inbox.forms import LaterForm, colleagues, presets, topics
from ganzohr.inbox.models import Conversation, Kind, Note
from ganzohr.inbox.people import actor_of, colleague_id_of, colleague_of
from ganzohr.inbox.views.pages import visible
from ganzohr.topics.models import Topic
from ganzohr.ui.numbers import number
from ganzohr.ui.pages import done, page
from ganzohr.ui.templatetags.ui import until as until_words

GET_OR_POST = ["GET", "HEAD", "POST"]


def back(request: HttpRequest, held: Conversation) -> str:
    """The conversation, in the list it was opened from."""
    return reverse("inbox:conversation", args=[held.pk]) + query(request)


def query(request: HttpRequest) -> str:
    """The list it was opened from, as its address writes it."""
    return Filter.read(request.GET).query()


def or_back(view: Callable[[HttpRequest, int], HttpResponse]) -> Callable[[HttpRequest, int], HttpResponse]:
    """After a refused form its page has this address: loaded again, it is the conversation."""

    @wraps(view)
    def shown(request: HttpRequest, pk: int) -> HttpResponse:
        if request.method == "POST":
            return view(request, pk)
        return redirect(back(request, visible(user_of(request), pk)))

    return shown


def choice(request: HttpRequest, part: str, held: Conversation, status: int = 200, **context: Any) -> HttpResponse:
    """A small choice about one conversation: a dialog, or a page of its own without JavaScript."""
    context |= {
        "conversation": held,
        "part": f"inbox/{part}.html",
        "back": back(request, held),
        "query": query(request),
    }
    return page(request, "inbox/choice_page.html", context, {"dialog": f"inbox/{part}.html"}, status=status)


def gone(request: HttpRequest, held: Conversation) -> HttpResponse:
    """Somebody was faster."""
    return done(request, back(request, held), _("Somebody else was faster. This is how it stands now."))


@require_http_methods(GET_OR_POST)
@role_required("lead")
def assignee(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has it."""
    held = visible(user_of(request), pk)
    me = colleague_id_of(user_of(request))
    if request.method != "POST":
        return choice(request, "assign", held, colleagues=colleagues(user_of(request)), me=me)
    before, wanted = held.assignee_id, request.POST.get("colleague", "")
    colleague = get_object_or_404(Colleague, pk=me if wanted == "me" else number(wanted)) if wanted else None
    actions.assign(held, colleague, actor_of(user_of(request)))
    said = _("Now with %(name)s") % {"name": colleague.name} if colleague else _("Now with nobody")
    return done(request, back(request, held), said, undoing.address(held, "assign", before, held.assignee_id))


@require_http_methods(GET_OR_POST)
@role_required("lead")
def topic(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is about."""
    held = visible(user_of(request), pk)
    if request.method != "POST":
        best = {str(row[0]): round(float(row[1]) * 100) for row in held.topic_choices[:3]}
        return choice(request, "topic", held, topics=topics(), best=best, kinds=Kind.choices)
    before, wanted = held.topic_id, request.POST.get("topic", "")
    chosen = get_object_or_404(Topic, pk=number(wanted), archived_at=None) if wanted else None
    actions.choose_topic(held, chosen, actor_of(user_of(request)))
    said = _("Topic chosen and learnt")
    return done(request, back(request, held), said, undoing.address(held, "topic", before, held.topic_id))


@require_http_methods(GET_OR_POST)
@role_required("lead")
def site(request: HttpRequest, pk: int) -> HttpResponse:
    """Which site it is about; who is limited to sites chooses among theirs and never none."""
    user = user_of(request)
    held, sites = visible(user, pk), Site.objects.visible_to(user).in_use()
    is_limited = sites_of(user) is not None
    if request.method != "POST":
        return choice(request, "site", held, sites=sites, may_be_none=not is_limited)
    before, wanted = held.site_id, request.POST.get("site", "")
    chosen = get_object_or_404(sites, pk=number(wanted)) if wanted or is_limited else None
    actions.choose_site(held, chosen, actor_of(user))
    said = _("Site chosen: %(name)s") % {"name": chosen.name} if chosen else _("No particular site")
    return done(request, back(request, held), said, undoing.address(held, "site", before, held.site_id))


@require_POST
@role_required("lead")
def kind(request: HttpRequest, pk: int) -> HttpResponse:
    """What the message does."""
    held = visible(user_of(request), pk)
    wanted, before = request.POST.get("kind", ""), held.kind
    if wanted in Kind.values:
        actions.choose_kind(held, wanted, actor_of(user_of(request)))
    return done(
        request, back(request, held), _("Kind chosen and learnt"), undoing.address(held, "kind", before, held.kind)
    )


@require_http_methods(GET_OR_POST)
@role_required("lead")
def later(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it off."""
    held = visible(user_of(request), pk)
    form = LaterForm(request.POST) if request.method == "POST" else LaterForm()
    if not form.is_bound or not form.is_valid():
        status = 422 if form.is_bound else 200
        return choice(request, "later", held, status, form=form, presets=presets(now()))
    try:
        actions.snooze(held, form.cleaned_data["until"], actor_of(user_of(request)))
    except NotAllowed:
        return gone(request, held)
    said = _("Put off %(until)s") % {"until": until_words(form.cleaned_data["until"])}
    return done(request, back(request, held), said, undoing.address(held, "state", "open", held.state))


@require_http_methods(GET_OR_POST)
@role_required("lead")
def closing(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it, for a reason."""
    held = visible(user_of(request), pk)
    if request.method != "POST":
        return choice(request, "close", held, reasons=Conversation.Reason.choices)
    try:
        actions.close(held, request.POST.get("reason", ""), actor_of(user_of(request)))
    except NotAllowed:
        return gone(request, held)
    said = _("Closed: %(reason)s") % {"reason": held.get_reason_display()}
    return done(request, back(request, held), said, undoing.address(held, "state", "open", held.state))


@require_POST
@role_required("lead")
def reopening(request: HttpRequest, pk: int) -> HttpResponse:
    """Back on the desk."""
    held = visible(user_of(request), pk)
    reason = held.reason
    try:
        actions.reopen(held, actor_of(user_of(request)))
    except NotAllowed:
        return gone(request, held)
    undo = undoing.address(held, "close", reason, held.state) if reason else ""
    return done(request, back(request, held), _("Open again"), undo)


@require_POST
@role_required("lead")
def unread(request: HttpRequest, pk: int) -> HttpResponse:
    """Show it as unread again, and go back to the list."""
    held = visible(user_of(request), pk)
    actions.mark_unread(held)
    return done(request, reverse("inbox:list") + query(request), _("Unread again"))


@require_POST
@role_required("lead")
def notes(request: HttpRequest, pk: int) -> HttpResponse:
    """Words among ourselves."""
    user = user_of(request)
    held = visible(user, pk)
    note = actions.write_note(held, request.POST.get("text", ""), colleague_of(user), actor_of(user))
    undo = undoing.address(held, "note", after=note.pk) if note else ""
    return done(request, back(request, held), _("Note kept") if note else _("Nothing was written"), undo)


@require_POST
@role_required("lead")
def note_removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a note of one's own away."""
    user = user_of(request)
    mine = Conversation.objects.visible_to(user)
    note = get_object_or_404(Note, pk=pk, author__user=user, conversation__in=mine)
    actions.remove_note(note, actor_of(user))
    undo = undoing.address(note.conversation, "restore", after=note.pk)
    return done(request, back(request, note.conversation), _("Note removed"), undo)


@require_POST
@role_required("lead")
def undo(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """Put back what was just done."""
    held = visible(user_of(request), pk)
    try:
        undoing.undo(held, token, actor_of(user_of(request)))
    except NotAllowed:
        return done(request, back(request, held), _("That could not be undone: somebody changed it since."))
    return done(request, back(request, held), _("Undone"))
