"""One topic: its words in each language, who answers it where, what was learnt about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts.models import User
from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit.actions import by_user
from ganzohr.directory.actions import enter
from ganzohr.directory.fields import suggestions
from ganzohr.directory.models import Colleague, Site
from ganzohr.directory.permissions import sites_of, whole_house
from ganzohr.topics import actions, overview
from ganzohr.topics.forms import LANGUAGES, ExamplesForm, NewcomerForm, PostForm, PromiseForm, SitePostForm, TextsForm
from ganzohr.topics.models import Example, Topic
from ganzohr.ui.keyset import keyset
from ganzohr.ui.pages import done, invalid, page

CODES = [code for code, _name in LANGUAGES]
EXAMPLES = 25


@require_safe
@role_required("reader")
def topic(request: HttpRequest, pk: int) -> HttpResponse:
    """The topic in one language (`?in=nl`)."""
    found = get_object_or_404(Topic.objects.select_related("responsible", "deputy"), pk=pk)
    return _show(request, found, {})


def _show(request: HttpRequest, found: Topic, wrong: dict[str, forms.Form]) -> HttpResponse:
    user, language = user_of(request), _language(request, found)
    sites = _sites(user)
    context = {
        "topic": found,
        **_who(found, sites),
        **_learnt(request, found, language),
        **_forms(found, language, sites),
        "may_edit": user.has_role("manager") and sites_of(user) is None,
        "may_edit_sites": user.has_role("manager"),
        "names": suggestions(Colleague.objects.visible_to(user).here()),
        **wrong,
    }
    return (invalid if wrong else page)(request, "topics/topic.html", context, "topics/_examples.html")


def _who(found: Topic, sites: list[Site]) -> dict[str, Any]:
    posts = overview.posts_of([found])
    seen = overview.Overview(sites, [found], posts, overview.people(), overview.away_today())
    apart = [site for site in sites if site.pk in posts[found.pk].at_site]
    return {"row": seen.row(found), "seen": seen, "apart": apart}


def _learnt(request: HttpRequest, found: Topic, language: str) -> dict[str, Any]:
    examples, after = _examples(request, found, language), request.GET.get("after", "")
    shown = keyset(examples, ("-id",), after, EXAMPLES)
    is_all = not after and not shown.after
    return {
        "language": language,
        "languages": [(code, name, code in found.names) for code, name in LANGUAGES],
        "slice": shown,
        "count": len(shown.rows) if is_all else examples.count(),
    }


def _forms(found: Topic, language: str, sites: list[Site]) -> dict[str, Any]:
    return {
        "texts": TextsForm(topic=found, language=language),
        "post": PostForm(initial={"responsible": found.responsible, "deputy": found.deputy}, prefix="everywhere"),
        "site_post": SitePostForm(sites=sites, prefix="site"),
        "promise": PromiseForm(minutes=found.promised_minutes),
        "examples": ExamplesForm(),
    }


def _examples(request: HttpRequest, found: Topic, language: str) -> Any:
    rows = Example.objects.kept().filter(topic=found, language=language)
    words = request.GET.get("q", "").split()
    for word in words:
        rows = rows.filter(text__icontains=word)
    return rows


def _language(request: HttpRequest, found: Topic) -> str:
    wanted = request.POST.get("in") or request.GET.get("in", "")
    own = (get_language() or "en")[:2]
    return wanted if wanted in CODES else next(iter(overview.reading_order(found.names)), own)


def _sites(user: User) -> list[Site]:
    return sorted(Site.objects.visible_to(user).in_use(), key=lambda site: site.name.casefold())


def _back(found: Topic, language: str = "", part: str = "") -> str:
    return reverse("topics:topic", args=[found.pk]) + (f"?in={language}" if language else "") + part


@require_POST
@role_required("manager")
@whole_house
def texts(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the words in one language."""
    found = get_object_or_404(Topic, pk=pk)
    language = _language(request, found)
    form = TextsForm(request.POST, topic=found, language=language)
    if not form.is_valid():
        return _show(request, found, {"texts": form})
    actions.change_texts(found, language, form.cleaned_data, by_user(user_of(request)))
    return done(request, _back(found, language), _("Saved"))


def welcomed(request: HttpRequest, form: NewcomerForm) -> dict[str, Colleague]:
    """Whoever the form brings anew, entered, by field."""
    user = user_of(request)
    return {name: enter(*person, user.language, by_user(user)) for name, person in form.newcomers.items()}


@require_POST
@role_required("manager")
@whole_house
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """Who answers everywhere."""
    found = get_object_or_404(Topic, pk=pk)
    form = PostForm(request.POST, prefix="everywhere")
    if not form.is_valid():
        return _show(request, found, {"post": form})
    actor = by_user(user_of(request))
    data = form.cleaned_data | welcomed(request, form)
    actions.set_responsible(found, data["responsible"], data["deputy"], actor)
    return done(request, _back(found, part="#who"), _("Saved"))


@require_POST
@role_required("manager")
def site_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Who answers at one site."""
    found, user = get_object_or_404(Topic, pk=pk), user_of(request)
    form = SitePostForm(request.POST, sites=_sites(user), prefix="site")
    if not form.is_valid():
        return _show(request, found, {"site_post": form})
    data = form.cleaned_data | welcomed(request, form)
    actions.set_responsible(found, data["responsible"], data["deputy"], by_user(user), site=data["site"])
    undo = reverse("topics:same", args=[pk, data["site"].pk])
    return done(request, _back(found, part="#who"), _("Saved for %(site)s") % {"site": data["site"].name}, undo)


@require_POST
@role_required("manager")
def same(request: HttpRequest, pk: int, site: int) -> HttpResponse:
    """At this site as everywhere."""
    found, user = get_object_or_404(Topic, pk=pk), user_of(request)
    place = get_object_or_404(Site.objects.visible_to(user), pk=site)
    actions.same_as_everywhere(found, place, by_user(user))
    return done(request, _back(found, part="#who"), _("%(site)s: as everywhere") % {"site": place.name})


@require_POST
@role_required("manager")
@whole_house
def promise(request: HttpRequest, pk: int) -> HttpResponse:
    """By when an answer is promised."""
    found = get_object_or_404(Topic, pk=pk)
    form = PromiseForm(request.POST, minutes=found.promised_minutes)
    if not form.is_valid():
        return _show(request, found, {"promise": form})
    actions.promise(found, form.cleaned_data["minutes"], by_user(user_of(request)))
    return done(request, _back(found, part="#who"), _("Saved"))


@require_POST
@role_required("manager")
@whole_house
def add_examples(request: HttpRequest, pk: int) -> HttpResponse:
    """More questions to learn from."""
    found = get_object_or_404(Topic, pk=pk)
    language, form = _language(request, found), ExamplesForm(request.POST)
    if not form.is_valid():
        return _show(request, found, {"examples": form})
    count = actions.add_examples(found, language, form.cleaned_data["texts"], by_user(user_of(request)))
    text = ngettext("%(n)d question learnt", "%(n)d questions learnt", count) % {"n": count}
    return done(request, _back(found, language, "#examples"), text if count else _("Nothing new: these are known."))


@require_POST
@role_required("manager")
@whole_house
def remove_example(request: HttpRequest, pk: int) -> HttpResponse:
    """Learn no longer from one question."""
    example = get_object_or_404(Example.objects.exclude(topic=None).select_related("topic"), pk=pk)
    assert example.topic is not None
    actions.remove_example(example, by_user(user_of(request)))
    undo = reverse("topics:restore_example", args=[pk])
    return done(request, _back(example.topic, example.language, "#examples"), _("No longer learnt from"), undo)


@require_POST
@role_required("manager")
@whole_house
def restore_example(request: HttpRequest, pk: int) -> HttpResponse:
    """Learn from it again."""
    example = get_object_or_404(Example.objects.exclude(topic=None).select_related("topic"), pk=pk)
    assert example.topic is not None
    actions.restore_example(example, by_user(user_of(request)))
    return done(request, _back(example.topic, example.language, "#examples"), _("Learnt from again"))
