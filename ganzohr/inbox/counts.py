"""How many conversations each view holds: capped, so that they cost the same on a desk of a million."""

from __future__ import annotations

from typing import Any

from django.db import connection

from ganzohr.accounts.models import User
from ganzohr.directory.models import sites_of
from ganzohr.ui.counted import CAP, Count

OPEN = "state = 'open'"
VIEWS = {
    "all": OPEN,
    "mine": f"{OPEN} AND assignee_id = %(colleague)s",
    "nobody": f"{OPEN} AND assignee_id IS NULL AND waits_for_id IS NULL",
    "waits": f"{OPEN} AND waits_for_id IS NOT NULL",
    "later": "state = 'snoozed'",
    "unread": f"{OPEN} AND last_message_id > read_until_id",
    "any": "true",
}
HOLDS = "SELECT count(*) FROM channels_hold WHERE lifted_at IS NULL"


def counts(user: User, colleague_id: int | None) -> dict[str, Count]:
    """For each view, for the unread ones, and how many holds are in force; one query per request."""
    known: dict[str, Count] | None = getattr(user, "_inbox_counts", None)
    if known is None:
        known = _ask({"colleague": colleague_id or 0, "sites": sites_of(user)})
        user._inbox_counts = known  # type: ignore[attr-defined]
    return known


def unread(user: User) -> int:
    """For the rail: unread conversations on the desk."""
    from ganzohr.inbox.people import colleague_id_of

    return counts(user, colleague_id_of(user))["unread"].number


def _ask(values: dict[str, Any]) -> dict[str, Count]:
    sites = " AND site_id = ANY(%(sites)s)" if values["sites"] is not None else ""
    parts = ", ".join(
        f"(SELECT count(*) FROM (SELECT 1 FROM inbox_conversation WHERE {where}{sites} LIMIT {CAP}) capped)"  # noqa: S608
        for where in VIEWS.values()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {parts}, ({HOLDS})", values)
        row = cursor.fetchone()
    return {name: Count(number) for name, number in zip((*VIEWS, "holds"), row, strict=True)}
