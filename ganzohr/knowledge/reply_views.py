"""Saved replies: the list, one of them, writing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts.models import User
from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit.actions import by_user
from ganzohr.core.sorting import by_name
from ganzohr.directory.models import colleague_of, sites_of
from ganzohr.knowledge import actions, choosing, placeholders, preview, starters
from ganzohr.knowledge.models import DeepLink, SavedReply, SavedText, ShortLink
from ganzohr.knowledge.reply_forms import SavedReplyForm, kind_name
from ganzohr.topics.models import Topic
from ganzohr.ui.keyset import keyset
from ganzohr.ui.numbers import number
from ganzohr.ui.pages import done, invalid, page

LINKS = 30


@require_safe
@role_required("reader")
def show_list(request: HttpRequest) -> HttpResponse:
    """Every saved reply this user may see, by name."""
    partial = {"rows": "knowledge/_reply_rows.html", "more-rows": "knowledge/_reply_rows.html"}
    return page(request, "knowledge/replies.html", _listed(user_of(request), request.GET), partial)


def _listed(user: User, query: QueryDict) -> dict[str, Any]:
    seen, language = SavedReply.objects.visible_to(user), get_language() or "en"
    rows = _found(seen, query).select_related("topic", "site").prefetch_related("texts")
    piece = keyset(rows.annotate(sort=by_name()), ["sort", "id"], query.get("after", ""))
    for reply in piece.rows:
        _tell(reply, language)
    return {
        "slice": piece,
        "topics": [(topic.pk, topic.name_in(language)) for topic in Topic.objects.in_use()],
        "languages": settings.LANGUAGES,
        "chosen": {name: query.get(name, "") for name in ("topic", "language", "show", "q")},
        "has_any": bool(piece.rows) or seen.exists(),
        "can_write": user.has_role("manager"),
        "starters": [(one.names.get(language, one.names["en"]), one.in_words(language)) for one in starters.read()],
        "can_start": user.has_role("manager") and sites_of(user) is None,
    }


def _found(rows: QuerySet[SavedReply], query: Mapping[str, str]) -> QuerySet[SavedReply]:
    rows = choosing.matching(rows.filter(archived_at__isnull=query.get("show") != "archived"), query.get("q", ""))
    if topic := number(query.get("topic")):
        rows = rows.filter(topic_id=topic)
    if language := query.get("language"):
        rows = rows.filter(Exists(SavedText.objects.filter(reply=OuterRef("pk"), language=language[:5])))
    return rows


def _tell(reply: SavedReply, language: str) -> None:
    """What the pages say about one: its topic and channels in words, the languages it speaks, its first words."""
    reply.about = reply.topic.name_in(language) if reply.topic else ""  # type: ignore[attr-defined]
    reply.made_for = [kind_name(kind) for kind in reply.kinds]  # type: ignore[attr-defined]
    names = dict(settings.LANGUAGES)
    spoken = dict.fromkeys(row.language for row in reply.texts.all())
    reply.spoken = [(code, names.get(code, code)) for code in spoken]  # type: ignore[attr-defined]
    reply.sample = choosing.text_of(reply, language, "informal")  # type: ignore[attr-defined]


@require_safe
@role_required("reader")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One saved reply as it reads, in every language."""
    user = user_of(request)
    rows = SavedReply.objects.visible_to(user).select_related("topic", "site", "changed_by")
    reply = get_object_or_404(rows, pk=pk)
    _tell(reply, get_language() or "en")
    texts = {(row.language, row.address): row.text for row in reply.texts.all()}
    context = {
        "reply": reply,
        "shown": preview.shown(texts, reply.topic, reply.site, reply.kinds),
        "can_write": user.has_role("manager") and SavedReply.objects.changeable_by(user).filter(pk=pk).exists(),
    }
    return page(request, "knowledge/reply.html", context)


@role_required("manager")
def create(request: HttpRequest) -> HttpResponse:
    """A new one."""
    return _edit(request, SavedReply())


@role_required("manager")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one."""
    return _edit(request, _mine(request, pk))


def _mine(request: HttpRequest, pk: int) -> SavedReply:
    return get_object_or_404(SavedReply.objects.changeable_by(user_of(request)).prefetch_related("texts"), pk=pk)


def _edit(request: HttpRequest, reply: SavedReply) -> HttpResponse:
    topic = request.GET.get("topic", "")
    form = SavedReplyForm(request.POST or None, user=user_of(request), reply=reply, topic=topic)
    is_look = "look" in request.POST
    if request.method == "POST" and not is_look and form.is_valid() and _saved(request, form, reply):
        return done(request, reverse("knowledge:reply", args=[reply.pk]), gettext("Saved"))
    context = {"form": form, "reply": reply, "hints": placeholders.hints(), "links": _links(), "shown": _shown(form)}
    answer = invalid if form.is_bound and form.errors and not is_look else page
    return answer(request, "knowledge/reply_edit.html", context, {"preview": "knowledge/_preview.html"})


def _saved(request: HttpRequest, form: SavedReplyForm, reply: SavedReply) -> bool:
    user = user_of(request)
    reply.revision = form.cleaned_data["revision"] or 0
    try:
        actions.save_reply(reply, form.values(), form.texts(), colleague_of(user), by_user(user))
    except actions.NameTaken:
        form.add_error("name", gettext("Another saved reply has this name already."))
    except actions.ChangedByOthers:
        text = gettext(
            "Somebody else changed it meanwhile. Your words are still here; saving once more replaces theirs."
        )
        form.add_error(None, text)
        form.knows(SavedReply.objects.values_list("revision", flat=True).get(pk=reply.pk))
    return not form.errors


def _links() -> list[tuple[str, str]]:
    """Short links that can stand in a reply: code, name. The code of none of the channels stands for all of them."""
    links = list(DeepLink.objects.filter(archived_at=None)[:LINKS])
    actions.links_for(links, None)
    rows = ShortLink.objects.filter(deep_link__in=links, channel=None).select_related("deep_link")
    return sorted(((row.code, row.deep_link.name) for row in rows), key=lambda pair: pair[1].casefold())


def _shown(form: SavedReplyForm) -> list[preview.Shown]:
    topic = Topic.objects.filter(pk=_chosen(form, "topic")).first()
    site = None
    if "site" in form.fields:
        site = form.fields["site"].queryset.filter(pk=_chosen(form, "site")).first()  # type: ignore[attr-defined]
    return preview.shown(form.typed(), topic, site, form["kinds"].value() or [])


def _chosen(form: SavedReplyForm, name: str) -> int:
    return number(str(form[name].value() or ""))


@require_POST
@role_required("manager")
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """The same once more, to be changed."""
    user = user_of(request)
    made = actions.copy_reply(_mine(request, pk), colleague_of(user), by_user(user))
    text = gettext("This is the copy; the first one stays as it is.")
    return done(request, reverse("knowledge:reply_edit", args=[made.pk]), text)


@require_POST
@role_required("manager")
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Off the list; can be undone."""
    reply = _mine(request, pk)
    actions.archive_reply(reply, by_user(user_of(request)))
    text = gettext("“%(name)s” is off the list.") % {"name": reply.name}
    return done(request, reverse("knowledge:replies"), text, undo=reverse("knowledge:reply_restore", args=[pk]))


@require_POST
@role_required("manager")
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Back on the list."""
    reply = _mine(request, pk)
    text = gettext("“%(name)s” is back on the list.")
    try:
        actions.restore_reply(reply, by_user(user_of(request)))
    except actions.NameTaken:
        text = gettext("Another saved reply is called “%(name)s” by now. Rename one of them first.")
    return done(request, reverse("knowledge:reply", args=[pk]), text % {"name": reply.name})


@require_POST
@role_required("manager")
def start(request: HttpRequest) -> HttpResponse:
    """Take the first eight."""
    user = user_of(request)
    if sites_of(user) is not None:
        raise PermissionDenied
    made = actions.take_starters(get_language() or "en", colleague_of(user), by_user(user))
    text = gettext("%(made)s saved replies are here. Change them until they sound like you.") % {"made": made}
    return done(request, reverse("knowledge:replies"), text if made else gettext("They are here already."))
