"""Deep links and their short links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit.actions import by_user
from ganzohr.channels.models import Channel
from ganzohr.core.addresses import outside
from ganzohr.core.sorting import by_name
from ganzohr.knowledge import actions, codes, counts
from ganzohr.knowledge.forms import DeepLinkForm
from ganzohr.knowledge.models import DeepLink, ShortLink
from ganzohr.topics.models import Topic
from ganzohr.ui.keyset import keyset
from ganzohr.ui.numbers import number
from ganzohr.ui.pages import done, invalid, page

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@require_safe
def go(request: HttpRequest, code: str) -> HttpResponse:
    """Follow a short link. Counted as one click of a day; no address, no cookie, no referrer is kept."""
    found = ShortLink.objects.select_related("deep_link").filter(code=code.lower()).first()
    if found is None or found.deep_link.archived_at:
        body = render_to_string("knowledge/gone.html", {"LANGUAGE_CODE": get_language()})
        return HttpResponse(body, status=410 if found else 404, headers=PRIVATE)
    if codes.is_click(str(request.method), request.headers):
        actions.count_click(found)
    return HttpResponse(status=302, headers={**PRIVATE, "Location": found.deep_link.url})


@require_safe
@role_required("reader")
def show_list(request: HttpRequest) -> HttpResponse:
    """Every deep link, with clicks of the last 30 days."""
    partial = {"rows": "knowledge/_rows.html", "more-rows": "knowledge/_rows.html"}
    return page(request, "knowledge/list.html", _listed(request.GET), partial)


def _listed(query: QueryDict) -> dict[str, Any]:
    is_archived, language = query.get("show") == "archived", get_language() or "en"
    links = _found(query, is_archived).select_related("topic")
    piece = keyset(links.annotate(sort=by_name()), ["sort", "id"], query.get("after", ""))
    clicks, addresses = counts.clicks_by_link(piece.rows, actions.today()), actions.links_for(piece.rows, None)
    for link in piece.rows:
        link.clicks, link.short = clicks.get(link.pk, 0), addresses[link.pk]  # type: ignore[attr-defined]
        link.about = link.topic.name_in(language) if link.topic else ""  # type: ignore[attr-defined]
    return {
        "slice": piece,
        "topics": [(topic.pk, topic.name_in(language)) for topic in Topic.objects.filter(archived_at=None)],
        "chosen": query.get("topic", ""),
        "q": query.get("q", ""),
        "is_archived": is_archived,
        "has_any": bool(piece.rows) or DeepLink.objects.exists(),
    }


def _found(query: Mapping[str, str], is_archived: bool) -> QuerySet[DeepLink]:
    links = DeepLink.objects.filter(archived_at__isnull=not is_archived)
    if query.get("q"):
        links = links.filter(name__icontains=query["q"].replace("\0", ""))
    if topic := number(query.get("topic")):
        links = links.filter(topic_id=topic)
    return links


@role_required("manager")
def create(request: HttpRequest) -> HttpResponse:
    """A new deep link."""
    return _edit(request, DeepLink())


@require_safe
@role_required("reader")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One deep link: its short links by channel, its clicks by day."""
    link = get_object_or_404(DeepLink.objects.select_related("topic"), pk=pk)
    today = actions.today()
    days = counts.days_of(link, today)
    context = {
        "link": link,
        "topic": link.topic.name_in(get_language() or "en") if link.topic else "",
        "chart": counts.chart(days),
        "places": _places(request, link),
        "days": [(day, clicks) for day, clicks in reversed(days) if clicks],
    }
    return page(request, "knowledge/link.html", context)


def _places(request: HttpRequest, link: DeepLink) -> list[counts.Place]:
    seen = set(Channel.objects.visible_to(user_of(request)).values_list("pk", flat=True))
    clicks = counts.clicks_by_place(link, actions.today())
    rows = ShortLink.objects.filter(deep_link=link).select_related("channel").order_by(by_name("channel__name"), "id")
    return [
        counts.Place(row, outside("knowledge:go", row.code), clicks.get(row.pk, 0))
        for row in rows
        if row.channel_id is None or row.channel_id in seen
    ]


@role_required("manager")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a deep link; its codes stay, so what was posted before leads to the new address."""
    return _edit(request, get_object_or_404(DeepLink, pk=pk))


def _edit(request: HttpRequest, link: DeepLink) -> HttpResponse:
    initial = {} if link.pk else {"topic": request.GET.get("topic"), "language": get_language()}
    form = DeepLinkForm(request.POST or None, instance=link, initial=initial)
    context: dict[str, Any] = {"form": form, "link": link}
    if request.method == "POST" and form.is_valid():
        actions.save_link(link, form.values(), by_user(user_of(request)))
        return done(request, reverse("knowledge:link", args=[link.pk]), gettext("Saved"))
    return (invalid if form.errors else page)(request, "knowledge/edit.html", context)


@require_POST
@role_required("manager")
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Off the list; can be undone."""
    link = get_object_or_404(DeepLink, pk=pk)
    actions.archive(link, by_user(user_of(request)))
    text = gettext("“%(name)s” is off the list; its short links lead to a friendly page.") % {"name": link.name}
    return done(request, reverse("knowledge:list"), text, undo=reverse("knowledge:restore", args=[pk]))


@require_POST
@role_required("manager")
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Back on the list."""
    link = get_object_or_404(DeepLink, pk=pk)
    actions.restore(link, by_user(user_of(request)))
    return done(request, reverse("knowledge:link", args=[pk]), gettext("“%(name)s” works again.") % {"name": link.name})


@require_GET
@role_required("reader")
def pick(request: HttpRequest) -> HttpResponse:
    """For the composer: links of a topic, ready to insert, for the channel they will be posted on."""
    query = request.GET
    links = DeepLink.objects.filter(archived_at=None, language__in=["", query.get("language", "")[:5]])
    if topic := number(query.get("topic")):
        links = links.filter(topic_id=topic)
    found = list(links[:20])
    channel = Channel.objects.visible_to(user_of(request)).filter(pk=number(query.get("channel"))).first()
    addresses = actions.links_for(found, channel)
    context = {"links": [(link, addresses[link.pk]) for link in found], "topic": query.get("topic", "")}
    return page(request, "knowledge/pick_page.html", context, partial="knowledge/pick.html")
