"""For managers: the script tag, the settings of a website channel, and named ways in with links and QR codes."""

from __future__ import annotations

import io
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit.actions import by_user
from ganzohr.channels import actions as channels
from ganzohr.channels.models import Channel
from ganzohr.core.addresses import outside
from ganzohr.directory.models import sites_of
from ganzohr.ui.pages import done, invalid, page
from ganzohr.website import actions, counts
from ganzohr.website.forms import ConnectForm, SetupForm, SourceForm
from ganzohr.website.models import Source
from ganzohr.website.setup import LANGUAGES, Setup

TEMPLATE = "website/sources.html"


def _channel(request: HttpRequest, channel_id: int) -> Channel:
    rows = counts.websites_visible_to(user_of(request))
    return get_object_or_404(rows, pk=channel_id)


def _link(channel: Channel, code: str) -> str:
    return f"{outside('website:contact', channel.key)}?src={code}"


def _context(channel: Channel, **more: Any) -> dict[str, Any]:
    setup = Setup.of(channel.name, channel.languages, channel.settings)
    held: dict[str, Any] = channel.settings
    values = {name: held.get(name, "") for name in ("title", "privacy_url", "without_privacy")}
    values |= {"link_days": setup.link_days, "origins": "\n".join(setup.origins)}
    sources = [(row, _link(channel, row.code)) for row in counts.sources_with_counts(channel)]
    return {
        "channel": channel,
        "setup": setup,
        "script": f'<script type="module" src="{outside("website:script", channel.key)}" async></script>',
        "contact": outside("website:contact", channel.key),
        "sources": sources,
        "unnamed": counts.without_source(channel),
        "form": SourceForm(),
        "setup_form": SetupForm(initial=values),
        **_seen(channel, setup),
        **more,
    }


def _seen(channel: Channel, setup: Setup) -> dict[str, Any]:
    """Whether the line works: where the widget was seen, and where it was seen but may not stand."""
    sightings = list(channel.sightings.all())
    return {
        "seen": [one for one in sightings if one.was_let_in and one.origin in setup.origins],
        "strange": [one for one in sightings if not one.was_let_in and one.origin not in setup.origins],
    }


@role_required("manager")
def connect(request: HttpRequest) -> HttpResponse:
    """Set up a website: what visitors must know first, then the line for the website on the next page."""
    form = ConnectForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return (invalid if form.errors else page)(request, "website/connect.html", {"form": form})
    user = user_of(request)
    values = {
        "name": gettext("Website"),
        "languages": list(LANGUAGES),
        "site_id": next(iter(sites_of(user) or ()), None),
        "hours": form.cleaned_data["hours"],
        "address": form.cleaned_data["address"],
        "settings": form.settings(),
    }
    channel = channels.connect("website", values, by_user(user))
    said = gettext("The chat is ready. Put this line into your website, or use the link.")
    return done(request, reverse("website:sources", args=[channel.pk]), said)


@role_required("manager")
def page_of_sources(request: HttpRequest, channel_id: int) -> HttpResponse:
    """The page; POST names a new source."""
    channel = _channel(request, channel_id)
    if request.method != "POST":
        return page(request, TEMPLATE, _context(channel), partial={"seen": "website/_seen.html"})
    form = SourceForm(request.POST)
    if not form.is_valid():
        return invalid(request, TEMPLATE, _context(channel, form=form))
    source = actions.add_source(
        channel, form.cleaned_data["name"], form.cleaned_data["code"], by_user(user_of(request))
    )
    said = gettext("“%(name)s” has its link and QR code.") % {"name": source.name}
    return done(request, reverse("website:sources", args=[channel.pk]), said)


@role_required("manager")
@require_POST
def setup(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Save the settings of the website."""
    channel = _channel(request, channel_id)
    form = SetupForm(request.POST)
    if not form.is_valid():
        return invalid(request, TEMPLATE, _context(channel, setup_form=form))
    actions.save_setup(channel, form.cleaned_data, by_user(user_of(request)))
    return done(request, reverse("website:sources", args=[channel.pk]), gettext("Saved."))


@role_required("manager")
@require_POST
def archive(request: HttpRequest, channel_id: int, source_id: int) -> HttpResponse:
    """Take a source off the list."""
    channel = _channel(request, channel_id)
    source = get_object_or_404(Source, pk=source_id, channel=channel)
    actions.archive_source(source, by_user(user_of(request)))
    said = gettext("“%(name)s” is off the list; its link keeps working.") % {"name": source.name}
    return done(request, reverse("website:sources", args=[channel.pk]), said)


@role_required("manager")
@require_safe
def preview(request: HttpRequest, channel_id: int) -> HttpResponse:
    """An empty page that shows the real widget."""
    channel = _channel(request, channel_id)
    return page(
        request, "website/preview.html", {"channel": channel, "script": reverse("website:script", args=[channel.key])}
    )


QR = {"svg": "image/svg+xml", "png": "image/png"}


@role_required("manager")
@require_safe
def qr(request: HttpRequest, channel_id: int, source_id: int, form: str) -> HttpResponse:
    """The QR code of a source, to print (SVG) or to paste (PNG)."""
    channel = _channel(request, channel_id)
    source = get_object_or_404(Source, pk=source_id, channel=channel)
    if form not in QR:
        raise Http404
    out = io.BytesIO()
    import segno  # slow to load, and rarely needed

    segno.make(_link(channel, source.code), error="m", micro=False).save(out, kind=form, scale=16, border=4)
    name = f"qr-{source.code}.{form}"
    disposition = "inline" if "show" in request.GET else f'attachment; filename="{name}"'
    return HttpResponse(out.getvalue(), content_type=QR[form], headers={"Content-Disposition": disposition})
