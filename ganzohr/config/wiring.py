"""The three roads upwards, and every table that joins rooms which do not know each other.

Functions are named by dotted paths and imported when first needed; `tests/test_house.py` checks that each exists.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ganzohr.core import events, jobs
from ganzohr.core.events import Listeners
from ganzohr.core.jobs import Round
from ganzohr.ui.navigation import Entry

# Claims: asked in this order whose an incoming value is; the first that takes it ends the list.
CLAIMS: list[str] = []

# Events: {MessagesReceived: [now("ganzohr.room.actions.function"), later("…")]}
LISTENERS: Listeners = {}

# Doorbells: queue → function that claims rows in batches and returns how many it did
DOORBELLS: dict[str, str] = {
    "events": "ganzohr.audit.pending.run_pending",
}

# Rounds: (name, seconds, function)
ROUNDS: list[Round] = [
    Round("old-jobs", 60, "ganzohr.config.rounds.tidy_jobs"),
    Round("old-revisions", 600, "ganzohr.ui.live.forget_revisions"),
]

# Long readers: kept running for the life of the worker, one thread each: function(stop: threading.Event) -> None
KEEPERS: list[str] = []

# Raw ASGI beside Django: path prefix → application
RAW: dict[str, str] = {}

# What the outer address serves: path prefixes
DOORS: tuple[str, ...] = ("/hooks/", "/widget/", "/ask/", "/visit/", "/g/", "/static/")

# Pages behind private links: kind of ask → function(request, ask)
ASK_PAGES: dict[str, str] = {}

# Encrypted columns, for the rotation of keys: (model, column)
ENCRYPTED: list[tuple[str, str]] = [("channels.Channel", "secrets")]

# The rail (its first four stand in the phone's bar) and the settings page
NAVIGATION: list[Entry] = [
    Entry("desk:today", _("Today"), "today"),
    Entry("inbox:list", _("Inbox"), "inbox"),
    Entry("topics:list", _("Topics"), "topics"),
    Entry("knowledge:list", _("Knowledge"), "know"),
    Entry("directory:colleagues", _("People"), "users"),
    Entry("insights:asked", _("Questions"), "ask"),
    Entry("insights:month", _("Month"), "month"),
    Entry("channels:list", _("Channels"), "channels"),
]


def tie() -> None:
    """Called once, when every room is loaded."""
    events.tie(LISTENERS, keep=_keep)
    jobs.tie(DOORBELLS, ROUNDS)


def _keep(event: events.Event, listeners: list[str]) -> None:
    from ganzohr.audit.pending import keep

    keep(event, listeners)
