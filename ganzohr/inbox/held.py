"""What we hold of what was said in public, for comparing it with the platform."""

from __future__ import annotations

from datetime import datetime

from ganzohr.channels.reconcile import Held
from ganzohr.inbox.models import GIVEN, Message


def public(channel_id: int, since: datetime) -> dict[str, Held]:
    """Every public message of a channel since then, ours and theirs, by its id at the platform."""
    rows = Message.objects.filter(channel_id=channel_id, visibility="public", provider_at__gte=since)
    rows = rows.exclude(external_id=None).exclude(GIVEN)
    columns = ("external_id", "text", "edited_at", "deleted_at", "hidden_at", "direction", "form")
    return {
        str(id_): Held(text, edited_at, deleted_at is not None, hidden_at is not None, direction == "out", form)
        for id_, text, edited_at, deleted_at, hidden_at, direction, form in rows.values_list(*columns)
    }
