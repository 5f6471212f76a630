"""Templates the platforms approved, looked at every hour and whenever somebody asks; never inside a transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import cast

from django.db import transaction

from ganzohr.channels.accounts import account_of, connector_of
from ganzohr.channels.connectors.base import Template, Templated, Trouble
from ganzohr.channels.models import Channel, MessageTemplate
from ganzohr.core.times import now

log = logging.getLogger(__name__)
SHOWN = ["category", "body", "values", "is_approved", "seen_at"]


def look_everywhere() -> int:
    """Look at every connected channel whose platform has templates (round); how many answered."""
    channels = Channel.objects.active().select_related("app")
    return sum(look(channel) == "" for channel in channels if connector_of(channel).abilities.templates)


def look(channel: Channel) -> str:
    """Keep what the platform says of the channel's templates now; '' or a code of health.py when it does not say."""
    connector = connector_of(channel)
    if not connector.abilities.templates:
        return "not_possible"
    try:
        found = cast(Templated, connector).templates(account_of(channel))
    except Trouble as trouble:
        return trouble.code
    except Exception:  # one odd answer must not stop the others
        log.exception("channel %s: its templates could not be read", channel.pk)
        return "not_possible"
    _keep(channel, found)
    return ""


@transaction.atomic
def _keep(channel: Channel, found: Sequence[Template]) -> None:
    """What the platform no longer names is gone here too."""
    at = now()
    rows = {
        (one.name[:512], one.language[:20]): MessageTemplate(
            channel=channel, name=one.name[:512], language=one.language[:20], category=one.category[:40],
            body=one.body, values=list(one.values), is_approved=one.is_approved, seen_at=at,
        )
        for one in found
    }  # fmt: skip
    MessageTemplate.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["channel", "name", "language"], update_fields=SHOWN
    )
    MessageTemplate.objects.filter(channel=channel, seen_at__lt=at).delete()
