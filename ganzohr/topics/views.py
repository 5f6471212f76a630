"""Topics and people: who answers what, where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit.actions import by_user
from ganzohr.directory.fields import suggestions
from ganzohr.directory.models import Colleague
from ganzohr.directory.permissions import sites_of, whole_house
from ganzohr.topics import actions, overview
from ganzohr.topics.catalogue import LANGUAGES
from ganzohr.topics.forms import CatalogueForm, NewTopicForm
from ganzohr.topics.models import Topic
from ganzohr.topics.overview import Overview
from ganzohr.topics.topic_views import welcomed
from ganzohr.ui.pages import done, invalid, page

PARTS = {"topics": "topics/_topics.html"}


@require_safe
@role_required("reader")
def topics(request: HttpRequest) -> HttpResponse:
    """All topics with who answers them where; gaps and people are two more looks at the same."""
    user, show = user_of(request), request.GET.get("show", "")
    seen = overview.read(user, archived=show == "archived")
    context = {
        "seen": seen,
        "show": show,
        "archived": Topic.objects.exclude(archived_at=None).count(),
        "may_edit": user.has_role("manager") and sites_of(user) is None,
        "languages": CatalogueForm(initial={"languages": _first_languages()}),
        **(_people(seen) if show == "people" else _rows(request, seen, show)),
    }
    return page(request, "topics/list.html", context, partial="topics/_rows.html")


def _rows(request: HttpRequest, seen: Overview, show: str) -> Mapping[str, Any]:
    chosen = seen.with_gaps if show == "gaps" else seen.topics
    found = overview.search(chosen, request.GET.get("q", ""))
    part = overview.sliced(found, request.GET.get("after", ""))
    figures = overview.figures_of(part.rows)
    rows = [seen.row(topic, figures[topic.pk]) for topic in part.rows]
    return {"slice": part, "rows": rows, "found": len(found), "figures": overview.labels_of_figures()}


def _people(seen: Overview) -> Mapping[str, Any]:
    return {"duties": seen.duties()}


def _first_languages() -> list[str]:
    own = (get_language() or "en")[:2]
    return [own if own in LANGUAGES else "en"]


@require_POST
@role_required("manager")
@whole_house
def start(request: HttpRequest) -> HttpResponse:
    """Take over the starter catalogue."""
    form = CatalogueForm(request.POST)
    to = reverse("topics:list")
    if not form.is_valid():
        return done(request, to, _("Choose at least one language."))
    made = actions.start_with_catalogue(form.cleaned_data["languages"], by_user(user_of(request)))
    text = ngettext("%(n)d topic is there", "%(n)d topics are there", len(made)) % {"n": len(made)}
    return done(request, to, text)


@role_required("manager")
@whole_house
def new(request: HttpRequest) -> HttpResponse:
    """A topic of our own."""
    user = user_of(request)
    form = NewTopicForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data, actor = form.cleaned_data | welcomed(request, form), by_user(user)
        topic = actions.create_topic(_first_languages()[0], data["name"], data["description"], actor)
        if data["responsible"]:
            actions.set_responsible(topic, data["responsible"], None, actor)
        return done(request, reverse("topics:topic", args=[topic.pk]), _("Created: %(name)s") % {"name": data["name"]})
    context = {"form": form, "names": suggestions(Colleague.objects.visible_to(user).here())}
    return (invalid if form.errors else page)(request, "topics/new.html", context)


@require_POST
@role_required("manager")
@whole_house
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer a topic no more."""
    topic = get_object_or_404(Topic, pk=pk)
    actions.archive_topic(topic, by_user(user_of(request)))
    text = _("Archived: %(name)s") % {"name": topic.name_in(get_language() or "en")}
    return done(request, reverse("topics:list"), text, reverse("topics:unarchive", args=[pk]))


@require_POST
@role_required("manager")
@whole_house
def unarchive(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer it again."""
    topic = get_object_or_404(Topic, pk=pk)
    actions.unarchive_topic(topic, by_user(user_of(request)))
    text = _("Back again: %(name)s") % {"name": topic.name_in(get_language() or "en")}
    return done(request, reverse("topics:topic", args=[pk]), text)
