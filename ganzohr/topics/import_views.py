"""Importing a spreadsheet: bring it, look at what it would do, apply it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ganzohr.accounts.models import User
from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit.actions import by_user
from ganzohr.directory.permissions import whole_house
from ganzohr.topics import import_summary, importing_page, words
from ganzohr.topics.actions import imports
from ganzohr.topics.forms import BringForm
from ganzohr.topics.importing import sheets
from ganzohr.topics.importing.colleague_plan import ColleaguePlan
from ganzohr.topics.importing.topic_plan import TopicPlan
from ganzohr.topics.models import Sheet
from ganzohr.ui.pages import done, invalid, page

BACK = {Sheet.Kind.TOPICS: "topics:list", Sheet.Kind.COLLEAGUES: "directory:colleagues"}


@role_required("manager")
@whole_house
def topics(request: HttpRequest) -> HttpResponse:
    """Bring a sheet of who answers what where."""
    return _bring(request, Sheet.Kind.TOPICS)


@role_required("manager")
@whole_house
def colleagues(request: HttpRequest) -> HttpResponse:
    """Bring a list of colleagues."""
    return _bring(request, Sheet.Kind.COLLEAGUES)


def _bring(request: HttpRequest, kind: Sheet.Kind) -> HttpResponse:
    form = BringForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _kept(request, kind, form)
        except sheets.Unreadable as error:
            form.add_error(None, words.unreadable(error.code))
    context = {"form": form, "kind": kind, "back": reverse(BACK[kind])}
    return (invalid if form.errors else page)(request, "topics/bring.html", context)


def _kept(request: HttpRequest, kind: Sheet.Kind, form: BringForm) -> HttpResponse:
    file, is_header = form.cleaned_data["file"], importing_page.header_words(kind)
    table = sheets.read(file.read(), is_header) if file else sheets.read_text(form.cleaned_data["cells"], is_header)
    meanings = importing_page.guess(kind, table.header)
    sheet = imports.keep_sheet(kind, file.name if file else "", table, meanings, user_of(request))
    return done(request, reverse("topics:sheet", args=[sheet.pk]))


@role_required("manager")
@whole_house
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """What the sheet would do, and afterwards what it did; columns and names may be said differently before."""
    kept = get_object_or_404(Sheet.objects.select_related("user"), pk=pk, user=user_of(request))
    context = {"sheet": kept, "back": reverse(BACK[Sheet.Kind(kept.kind)])}
    if kept.result is not None:
        return page(request, "topics/imported.html", {**context, "did": import_summary.of(kept)})
    if request.method == "POST":
        imports.interpret(kept, *importing_page.chosen(kept, request.POST))
        return done(request, reverse("topics:sheet", args=[pk]) + "#rows")
    return page(request, "topics/sheet.html", {**context, "shown": importing_page.shown(kept)})


@require_POST
@role_required("manager")
@whole_house
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what was shown, all or nothing; what was chosen since is shown first."""
    user = user_of(request)
    kept = get_object_or_404(Sheet.objects.select_related("user"), pk=pk, user=user)
    to = reverse("topics:sheet", args=[pk])
    if kept.result is not None:
        return done(request, to)
    meanings, decisions = importing_page.chosen(kept, request.POST)
    if not importing_page.is_as_shown(kept, meanings, decisions):
        imports.interpret(kept, meanings, decisions)
        return done(request, to + "#rows", _("Your choices are taken over. Look once more, then import."))
    _import(kept, importing_page.plan(kept), user)
    return done(request, to)


def _import(kept: Sheet, plan: TopicPlan | ColleaguePlan, user: User) -> None:
    if isinstance(plan, ColleaguePlan):
        imports.import_colleagues(kept, plan, user.language, by_user(user))
    else:
        imports.import_topics(kept, plan, user.language, by_user(user))


@require_POST
@role_required("manager")
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the sheet."""
    kept = get_object_or_404(Sheet, pk=pk, user=user_of(request))
    imports.forget_sheet(kept)
    return done(request, reverse(BACK[Sheet.Kind(kept.kind)]), _("Forgotten; nothing was changed"))
