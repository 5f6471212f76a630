"""What the platform says of an account at this moment, in words. Speaks to the platform, briefly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ganzohr.channels import accounts, health
from ganzohr.channels.connectors.base import Trouble
from ganzohr.channels.connectors.facebook import setup as facebook
from ganzohr.channels.connectors.whatsapp import setup as whatsapp
from ganzohr.channels.models import Channel
from ganzohr.core import crypto

QUALITY: dict[str, str | Promise] = {
    "green": _("good"),
    "yellow": _("middling: some people blocked or reported the number"),
    "red": _("low: many people blocked or reported the number"),
    "unknown": _("not known yet"),
}
STANDING: dict[str, str | Promise] = {
    "connected": _("connected"),
    "pending": _("not confirmed yet"),
    "offline": _("not connected"),
    "disconnected": _("not connected"),
    "unverified": _("not confirmed yet"),
    "flagged": _("marked by the platform: its quality is low"),
    "restricted": _("restricted: it may answer, but not write first"),
    "banned": _("blocked by the platform"),
    "rate_limited": _("slowed down by the platform"),
}
SPEED: dict[str, str | Promise] = {"standard": _("80 messages a second"), "high": _("1,000 messages a second")}


@dataclass
class Status:
    """Facts with their names, what the page is subscribed to, or why the platform did not say."""

    facts: list[tuple[str | Promise, str | Promise]] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    words: health.Words | None = None


def status_of(channel: Channel) -> Status:
    """The account as the platform describes it now."""
    try:
        account = accounts.account_of(channel)
        if channel.kind == "whatsapp":
            code, said = whatsapp.standing(account)
            return Status(words=health.words(code)) if code else Status(_number(said))
        told = facebook.subscribed(account)
    except Trouble as trouble:
        return Status(words=health.words(trouble.code))
    except crypto.Unreadable:
        return Status(words=health.words("unreadable"))
    return Status(fields=told, missing=sorted(facebook.NEEDED - set(told)))


def _number(said: dict[str, str]) -> list[Any]:
    facts: list[tuple[str | Promise, str | Promise]] = [
        (_("Number"), said["number"]),
        (_("Name people see"), said["name"]),
        (_("Quality"), QUALITY.get(said["quality"], said["quality"])),
        (_("State"), STANDING.get(said["state"], said["state"])),
        (_("Speed"), SPEED.get(said["speed"], said["speed"])),
    ]
    return [(name, value) for name, value in facts if value]
