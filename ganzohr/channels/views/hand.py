"""By hand: copying in what was written on a network without a connector, and posting what was answered."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit import actions as audit
from ganzohr.channels import actions, networks, shown
from ganzohr.channels.forms import HandForm, PostedForm
from ganzohr.channels.models import Outgoing
from ganzohr.core import times
from ganzohr.directory.models import colleague_of
from ganzohr.ui.pages import done, invalid, page

PREFILLED = ("network", "link", "name", "text", "post_link", "post_text", "person", "is_public")


@role_required("manager")
def by_hand(request: HttpRequest) -> HttpResponse:
    """Paste a comment or message; below it, what waits to be posted."""
    channels = shown.hand_channels(user_of(request))
    form = HandForm(channels, request.POST or None, initial=_prefilled(request))
    if request.method == "POST" and form.is_valid():
        return _taken(request, form)
    rows = Outgoing.objects.visible_to(user_of(request)).posted_by_hand().select_related("channel")[:20]
    context = {"form": form, "channels": channels, "rows": [shown.row(one) for one in rows]}
    context["taken"] = dict(zip(("channel", "entry"), request.GET.get("taken", "").split("/"), strict=False))
    return (invalid if form.errors else page)(request, "channels/by_hand.html", context)


def _prefilled(request: HttpRequest) -> dict[str, Any]:
    """What a link or a share sheet brought along; the network is read from the link."""
    given = {name: request.GET[name][:2000] for name in PREFILLED if request.GET.get(name)}
    given |= {name: networks.completed(given[name]) for name in ("link", "post_link") if name in given}
    known = networks.network_of(given.get("link", "")) or networks.network_of(given.get("post_link", ""))
    return {**({"network": known} if known else {}), **given}


def _taken(request: HttpRequest, form: HandForm) -> HttpResponse:
    channel, entry = form.cleaned_data["channel"], form.entry()
    is_new = actions.store(channel, "entry", {"by-user": str(user_of(request).pk)}, entry.to_bytes())
    told = {"taken": f"{channel.pk}/{entry.external_id()}", **({} if is_new else {"again": "1"})}
    return done(request, f"{reverse('channels:by_hand')}?{urlencode(told)}")


@require_safe
@role_required("manager")
def share(request: HttpRequest) -> HttpResponse:
    """From the phone's share sheet: title, text and address become the form."""
    text, url = request.GET.get("text", "").strip(), request.GET.get("url", "").strip()
    if not url:
        text, url = _address_in(text)
    query = request.GET.copy()
    query.clear()
    query.update({"text": text or request.GET.get("title", ""), "link": url})
    return done(request, f"{reverse('channels:by_hand')}?{query.urlencode()}")


def _address_in(text: str) -> tuple[str, str]:
    """Android puts the address at the end of the text."""
    for word in reversed(text.split()):
        link = networks.completed(word)
        if word.startswith(("https://", "http://", "www.")) or networks.network_of(link):
            return text.replace(word, "").strip(), link
    return text, ""


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to know to offer this desk in its share sheet; holds nothing private."""
    return JsonResponse(_manifest(), content_type="application/manifest+json")


def _manifest() -> dict[str, Any]:
    return {
        "name": "ganzohr",
        "short_name": "ganzohr",
        "lang": get_language(),
        "start_url": reverse("channels:by_hand"),
        "scope": reverse("channels:list").removesuffix("channels/"),
        "display": "standalone",
        "background_color": "#fefdfb",
        "theme_color": "#f7f5f0",
        "icons": [{"src": static("ui/ear.svg"), "sizes": "any", "type": "image/svg+xml"}],
        "share_target": {
            "action": reverse("channels:share"),
            "method": "GET",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }


def _waiting(request: HttpRequest, pk: int) -> Outgoing:
    rows = Outgoing.objects.visible_to(user_of(request)).select_related("channel", "finished_by")
    return get_object_or_404(rows.filter(channel__isnull=False), pk=pk)


@require_safe
@role_required("manager")
def post_by_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """Copy the answer, open the post, confirm."""
    outgoing = _waiting(request, pk)
    context = {"row": shown.row(outgoing), "form": PostedForm(), "now": times.now(), "states": Outgoing.State}
    return page(request, "channels/post_by_hand.html", context)


@require_POST
@role_required("manager")
def posted(request: HttpRequest, pk: int) -> HttpResponse:
    """A person says that they posted it."""
    outgoing = _waiting(request, pk)
    form = PostedForm(request.POST)
    if not form.is_valid():
        context = {"row": shown.row(outgoing), "form": form, "now": times.now(), "states": Outgoing.State}
        return invalid(request, "channels/post_by_hand.html", context)
    me = user_of(request)
    text = gettext("Noted as posted by you. Thank you.")
    try:
        colleague = colleague_of(me)
        actions.confirm_by_hand(outgoing, audit.by_user(me), colleague, form.cleaned_data["permalink"])
    except audit.NotAllowed:
        text = gettext("Somebody else was faster. Nothing was changed.")
    return done(request, reverse("channels:by_hand"), text)
