"""The app at Meta, once for Facebook and WhatsApp: its secrets, the addresses Meta wants, what came for nobody."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit import actions as audit
from ganzohr.channels import connecting, homeless, platform_requests, unread
from ganzohr.channels.connectors.facebook.setup import FIELDS
from ganzohr.channels.meta_forms import AppForm, SecretForm
from ganzohr.channels.models import App, Channel, Delivery, PlatformRequest
from ganzohr.core.addresses import whole_outside
from ganzohr.directory.models import sites_of
from ganzohr.ui.pages import confirm, done, invalid, page

KINDS = (("facebook", "Facebook"), ("whatsapp", "WhatsApp"))
WHATSAPP_FIELDS = (
    *("messages", "message_template_status_update", "message_template_quality_update", "template_category_update"),
    *("phone_number_quality_update", "account_update", "account_alerts", "user_preferences", "user_id_update", "calls"),
)


def app_or_404() -> App:
    """The app; its parts have no pages before it is there."""
    app = connecting.the_app()
    if app is None:
        raise Http404
    return app


def whole_house(request: HttpRequest) -> None:
    """The app serves every site: whoever is limited to some does not change it."""
    if sites_of(user_of(request)) is not None:
        raise PermissionDenied


@role_required("manager")
def app(request: HttpRequest) -> HttpResponse:
    """Name and secret once; then everything Meta wants to know, and how far it has come."""
    whole_house(request)
    known = connecting.the_app()
    form = AppForm(request.POST or None)
    if known is None and request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        connecting.create_app(data["name"], data["secret"], audit.by_user(user_of(request)))
        return done(request, reverse("channels:meta_app"), gettext("Saved"))
    if known is None:
        return (invalid if form.errors else page)(request, "channels/meta_new.html", {"form": form})
    return page(request, "channels/meta_app.html", _shown(known), partial={"heard": "channels/_meta_heard.html"})


def _shown(known: App) -> dict[str, Any]:
    hooks = {one.kind: one for one in known.hooks.all()}
    return {
        "app": known,
        "secrets": connecting.valid_secrets(known),
        "verify_token": connecting.verify_token(known),
        "doors": [
            {"kind": kind, "name": name, "hook": hooks.get(kind), "address": _address(kind, known.key)}
            for kind, name in KINDS
        ],
        "fields": {"facebook": FIELDS, "whatsapp": WHATSAPP_FIELDS},
        "deletion": _address("meta", known.key, "deletion"),
        "deauthorise": _address("meta", known.key, "deauthorise"),
        "homeless": homeless.accounts(known),
        "aside": unread.aside_of(Delivery.objects.filter(app=known)),
        "wishes": platform_requests.open_wishes(known),
        "channels": list(Channel.objects.filter(app=known)),
        "form": SecretForm(),
    }


def _address(kind: str, key: str, more: str = "") -> str:
    return whole_outside(f"/hooks/{kind}/{key}/{more}")


@require_POST
@role_required("manager")
def add_secret(request: HttpRequest) -> HttpResponse:
    """One more secret counts; for the days in which Meta changes from one to the other."""
    whole_house(request)
    known, form = app_or_404(), SecretForm(request.POST)
    if not form.is_valid():
        return invalid(request, "channels/meta_app.html", {**_shown(known), "form": form})
    connecting.add_secret(known, form.cleaned_data["secret"], audit.by_user(user_of(request)))
    return done(request, reverse("channels:meta_app"), gettext("Both count from now on. Retire the old one later."))


@role_required("manager")
def retire_secret(request: HttpRequest, mark: str) -> HttpResponse:
    """Asks first: deliveries signed with it are refused from then on."""
    whole_house(request)
    known, back = app_or_404(), reverse("channels:meta_app")
    end = dict(connecting.valid_secrets(known)).get(mark)
    if end is None:
        raise Http404
    if request.method != "POST":
        question = gettext("Retire the secret that ends in %(end)s?") % {"end": end}
        effects = [gettext("What Meta signs with it is refused from now on. Meta sends it again once it signs anew.")]
        return confirm(request, question, gettext("Retire it"), back, effects)
    was = connecting.retire_secret(known, mark, audit.by_user(user_of(request)))
    return done(request, back, gettext("Retired.") if was else gettext("The last one stays: add the new one first."))


@require_POST
@role_required("manager")
def ignore(request: HttpRequest) -> HttpResponse:
    """An account that is not ours to answer is not spoken of again."""
    whole_house(request)
    kind, account = request.POST.get("kind", "")[:30], request.POST.get("account", "")[:120]
    homeless.ignore(app_or_404(), kind, account, audit.by_user(user_of(request)))
    return done(request, reverse("channels:meta_app"), gettext("It is not spoken of again."))


@require_POST
@role_required("manager")
def wish(request: HttpRequest, pk: int) -> HttpResponse:
    """A person looked for whoever wants to be forgotten: they were erased by hand, or nobody can be meant."""
    whole_house(request)
    asked = get_object_or_404(PlatformRequest, pk=pk, app=app_or_404())
    platform_requests.conclude(asked.pk, int(request.POST.get("found") == "1"), audit.by_user(user_of(request)))
    return done(request, reverse("channels:meta_app"), gettext("Noted. Whoever asked can read it."))
