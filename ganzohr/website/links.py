"""Private links: which visit they open, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta

from ganzohr.core.crypto import token_hash
from ganzohr.core.times import now
from ganzohr.website.models import Visit, VisitLink
from ganzohr.website.setup import Setup


def setup_of(visit: Visit) -> Setup:
    """The settings of the channel the visit came in by."""
    return Setup.of(visit.channel.name, visit.channel.languages, visit.channel.settings)


def find(token: str) -> Visit | None:
    """The visit behind a private link that still works."""
    rows = VisitLink.objects.select_related("visit__channel__hours", "visit__channel__site__hours")
    link = rows.filter(token_hash=token_hash(token)).first()
    return link.visit if link and works(link) else None


def works(link: VisitLink) -> bool:
    """Neither ended nor run out."""
    return link.revoked_at is None and now() <= max(works_until(link.visit), link.created_at + _kept(link.visit))


def works_until(visit: Visit) -> datetime:
    """When the private links of a visit stop working unless somebody writes again."""
    return visit.last_letter_at + _kept(visit)


def _kept(visit: Visit) -> timedelta:
    return timedelta(days=setup_of(visit).link_days)
