"""The three roads upwards, and every table that joins rooms which do not know each other.

Functions are named by dotted paths and imported when first needed; `tests/test_house.py` checks that each exists.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from ganzohr.accounts import events as accounts
from ganzohr.core import events, jobs
from ganzohr.core.events import Listeners, later, now
from ganzohr.core.jobs import Round
from ganzohr.inbox import events as inbox
from ganzohr.ui.navigation import Entry

# Claims: asked in this order whose an incoming value is; the first that takes it ends the list.
CLAIMS: list[str] = [
    "ganzohr.notifications.actions.claim_answer",
    "ganzohr.website.copies.claim",
]

# Events: {MessagesReceived: [now("ganzohr.room.actions.function"), later("…")]}
LISTENERS: Listeners = {
    accounts.UserJoined: [now("ganzohr.directory.joining.user_joined"), now("ganzohr.audit.users.joined")],
    accounts.UserRenamed: [now("ganzohr.directory.joining.user_renamed")],
    accounts.UserChanged: [now("ganzohr.audit.users.changed")],
    accounts.InvitationChanged: [now("ganzohr.audit.users.invited")],
    inbox.MessagesUnderstood: [now("ganzohr.inbox.notices.tell")],
    inbox.AnswersDelivered: [later("ganzohr.website.copies.send_copies")],
}

# Doorbells: queue → function that claims rows in batches and returns how many it did
DOORBELLS: dict[str, str] = {
    "events": "ganzohr.audit.pending.run_pending",
    "deliveries": "ganzohr.channels.intake.process_deliveries",
    "outbox": "ganzohr.channels.outbox.send_waiting",
}

# Rounds: (name, seconds, function)
ROUNDS: list[Round] = [
    Round("unclear", 30, "ganzohr.channels.outbox.look_again"),
    Round("untold-outcomes", 30, "ganzohr.channels.outcomes.tell_again"),
    Round("old-deliveries", 600, "ganzohr.channels.intake.tidy"),
    Round("channel-health", 60, "ganzohr.channels.health.check_channels"),
    Round("old-jobs", 60, "ganzohr.config.rounds.tidy_jobs"),
    Round("old-knocks", 3600, "ganzohr.website.limits.forget_knocks"),
    Round("old-revisions", 600, "ganzohr.ui.live.forget_revisions"),
]

# Long readers: kept running for the life of the worker, one thread each: function(stop: threading.Event) -> None
KEEPERS: list[str] = ["ganzohr.channels.readers.keep"]

# Said in the terminal when web starts: function() -> str, empty if there is nothing to say
GREETINGS: list[str] = ["ganzohr.accounts.actions.greeting"]

# Raw ASGI beside Django: path prefix → application
RAW: dict[str, str] = {"/hooks/": "ganzohr.channels.hooks.application"}

# What the outer address serves: path prefixes
DOORS: tuple[str, ...] = ("/hooks/", "/w/", "/v/", "/ask/", "/g/", "/static/")

# Pages behind private links: kind of ask → function(request, ask)
ASK_PAGES: dict[str, str] = {"inquiry": "ganzohr.inquiries.ask_page.answer"}

# Rooms that hold data about people outside, top to bottom: module with export(person) and erase(person)
PERSONAL_DATA: list[str] = [
    "ganzohr.website.personal_data",
    "ganzohr.inquiries.personal_data",
    "ganzohr.inbox.personal_data",
    "ganzohr.contacts.personal_data",
    "ganzohr.notifications.personal_data",
    "ganzohr.channels.personal_data",
]

# Encrypted columns, for the rotation of keys: (model, column)
ENCRYPTED: list[tuple[str, str]] = [("channels.Channel", "secrets")]

# The rail (its first four stand in the phone's bar) and the settings page
NAVIGATION: list[Entry] = [
    Entry("desk:today", _("Today"), "today"),
    Entry("inbox:list", _("Inbox"), "inbox"),
    Entry("topics:list", _("Topics"), "topics"),
    Entry("knowledge:list", _("Knowledge"), "know"),
    Entry("directory:colleagues", _("People"), "users"),
    Entry("insights:people_ask", _("Questions"), "ask"),
    Entry("desk:month", _("Month"), "month"),
    Entry("channels:list", _("Channels"), "channels"),
    Entry(
        "directory:sites",
        _("Sites and opening hours"),
        "house",
        "manager",
        "settings",
        _("Where you are, and when somebody is there."),
    ),
    Entry(
        "directory:departments",
        _("Departments"),
        "topics",
        "manager",
        "settings",
        _("Who leads them and how many work there."),
    ),
    Entry("accounts:users", _("Users"), "key", "admin", "settings", _("Who may sign in, with which role.")),
    Entry("audit:list", _("Audit trail"), "clock", "admin", "settings", _("Who did what when.")),
    Entry(
        "privacy:erasures", _("Erased people"), "person", "admin", "settings", _("Proof of erasure, without a name.")
    ),
]


def tie() -> None:
    """Called once, when every room is loaded."""
    from ganzohr.channels import arrivals
    from ganzohr.privacy import actions as privacy

    events.tie(LISTENERS, keep=_keep)
    jobs.tie(DOORBELLS, ROUNDS)
    arrivals.tie(CLAIMS)
    privacy.ROOMS[:] = PERSONAL_DATA


def _keep(event: events.Event, listeners: Sequence[str]) -> None:
    from ganzohr.audit.pending import keep

    keep(event, listeners)
