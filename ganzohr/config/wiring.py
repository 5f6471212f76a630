"""The three roads upwards, and every table that joins rooms which do not know each other.

Functions are named by dotted paths and imported when first needed; `tests/test_house.py` checks that each exists.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts import events as accounts
from ganzohr.channels import events as channels
from ganzohr.contacts import events as contacts
from ganzohr.core import events, jobs, reach
from ganzohr.core.events import Listeners, later, now
from ganzohr.core.jobs import Round
from ganzohr.directory import events as directory
from ganzohr.inbox import events as inbox
from ganzohr.notifications import events as notifications
from ganzohr.ui.navigation import Entry

# Claims: asked in this order whose an incoming value is; the first that takes it ends the list.
CLAIMS: list[str] = [
    "ganzohr.channels.statuses.claim",
    "ganzohr.contacts.claims.claim",
    "ganzohr.notifications.actions.claim_answer",
    "ganzohr.privacy.claims.claim",
    "ganzohr.website.copies.claim",
    "ganzohr.inbox.actions.receive",
]

# Events: {MessagesReceived: [now("ganzohr.room.actions.function"), later("…")]}
LISTENERS: Listeners = {
    accounts.UserJoined: [now("ganzohr.directory.joining.user_joined"), now("ganzohr.audit.users.joined")],
    accounts.UserRenamed: [now("ganzohr.directory.joining.user_renamed")],
    accounts.UserChanged: [now("ganzohr.audit.users.changed")],
    accounts.RulesChanged: [now("ganzohr.audit.users.ruled")],
    accounts.InvitationChanged: [now("ganzohr.audit.users.invited")],
    directory.HoursMadeUsual: [now("ganzohr.channels.joining.hours_made_usual")],
    channels.OutgoingAccepted: [
        now("ganzohr.inbox.actions.outcomes.accepted"),
        now("ganzohr.inbox.actions.gestures.accepted"),
        later("ganzohr.channels.statuses.catch_up"),
    ],
    channels.StatusesChanged: [now("ganzohr.inbox.actions.outcomes.statuses_changed")],
    channels.DeletionAsked: [later("ganzohr.privacy.platform_requests.erase")],
    channels.OutgoingRefused: [
        now("ganzohr.inbox.actions.outcomes.refused"),
        now("ganzohr.inbox.actions.gestures.settled_otherwise"),
    ],
    channels.OutgoingUnclear: [
        now("ganzohr.inbox.actions.outcomes.unclear"),
        now("ganzohr.inbox.actions.gestures.settled_otherwise"),
    ],
    channels.OutgoingByHand: [now("ganzohr.inbox.actions.outcomes.by_hand")],
    channels.OutgoingTakenBack: [
        now("ganzohr.inbox.actions.outcomes.taken_back"),
        now("ganzohr.inbox.actions.gestures.settled_otherwise"),
    ],
    channels.OutgoingWaitsAgain: [now("ganzohr.inbox.actions.outcomes.waits_again")],
    inbox.MessagesUnderstood: [now("ganzohr.inbox.notices.tell"), later("ganzohr.inquiries.actions.understood")],
    inbox.MessagesDeleted: [now("ganzohr.inquiries.actions.deleted")],
    inbox.AnswersQueued: [now("ganzohr.inquiries.actions.queued"), now("ganzohr.inbox.actions.unasked.answered")],
    inbox.MessagesReceived: [now("ganzohr.inbox.actions.unasked.received")],
    contacts.PeopleJoined: [now("ganzohr.inbox.actions.people.joined")],
    contacts.PeopleStopped: [now("ganzohr.inbox.actions.unasked.stopped")],
    inbox.AnswersTakenBack: [now("ganzohr.inquiries.actions.taken_back")],
    inbox.AnswersFailed: [now("ganzohr.inquiries.actions.failed")],
    inbox.AnswersDelivered: [
        now("ganzohr.inquiries.actions.delivered"),
        later("ganzohr.inquiries.actions.tell_experts"),
        later("ganzohr.website.copies.send_copies"),
    ],
    notifications.ColleagueMailsArrived: [later("ganzohr.inquiries.actions.arrived")],
}

# Doorbells: queue → function that claims rows in batches and returns how many it did
DOORBELLS: dict[str, str] = {
    "examples": "ganzohr.topics.understanding.learn_again",
    "events": "ganzohr.audit.pending.run_pending",
    "deliveries": "ganzohr.channels.intake.process_deliveries",
    "outbox": "ganzohr.channels.outbox.send_waiting",
    "understand": "ganzohr.inbox.actions.understand_waiting",
    "media": "ganzohr.inbox.actions.media.fetch_waiting",
}

# Rounds: (name, seconds, function)
ROUNDS: list[Round] = [
    Round("forgotten-examples", 3600, "ganzohr.topics.understanding.forget_removed"),
    Round("unclear", 30, "ganzohr.channels.outbox.look_again"),
    Round("untold-outcomes", 30, "ganzohr.channels.outcomes.tell_again"),
    Round("old-deliveries", 600, "ganzohr.channels.intake.tidy"),
    Round("reconcile", 60, "ganzohr.channels.reconcile.compare_due"),
    Round("channel-health", 60, "ganzohr.channels.health.check_channels"),
    Round("message-templates", 3600, "ganzohr.channels.message_templates.look_everywhere"),
    Round("mail-sign-ins", 120, "ganzohr.channels.signins.renew_signins"),
    Round("fold-clicks", 300, "ganzohr.knowledge.actions.fold_clicks"),
    Round("old-jobs", 60, "ganzohr.config.rounds.tidy_jobs"),
    Round("wake-put-off", 20, "ganzohr.inbox.actions.wake"),
    Round("closed-inquiries", 20, "ganzohr.inquiries.actions.withdraw_closed"),
    Round("old-parked", 3600, "ganzohr.inbox.actions.parked.forget_parked"),
    Round("old-presences", 3600, "ganzohr.inbox.actions.forget_presences"),
    Round("old-knocks", 3600, "ganzohr.website.limits.forget_knocks"),
    Round("silent-visits", 86400, "ganzohr.website.actions.forget_silent_visits"),
    Round("old-invitations", 86400, "ganzohr.accounts.actions.forget_invitations"),
    Round("old-absences", 86400, "ganzohr.directory.actions.forget_absences"),
    Round("old-colleague-mails", 86400, "ganzohr.notifications.actions.forget_mails"),
    Round("old-limits", 3600, "ganzohr.accounts.limits.forget_limits"),
    Round("old-failures", 86400, "ganzohr.accounts.factors.forget_failures"),
    Round("old-sessions", 3600, "ganzohr.accounts.actions.forget_sessions"),
    Round("erasures-written", 600, "ganzohr.privacy.erasures.write_down"),
    Round("stray-files", 86400, "ganzohr.config.strays.delete_strays"),
    Round("old-revisions", 600, "ganzohr.ui.live.forget_revisions"),
]

# Kept running for the life of every worker, one thread each, begun again when it ends: function(stop: threading.Event)
KEEPERS: list[str] = ["ganzohr.channels.readers.keep", "ganzohr.topics.understanding.stay_fresh"]

# Done before web or worker begins, once the tables are there: function()
BEFORE: list[str] = ["ganzohr.channels.days.make", "ganzohr.privacy.erasures.erase_again"]

# Said in the terminal when web starts: function() -> str, empty if there is nothing to say
GREETINGS: list[str] = ["ganzohr.accounts.actions.greeting"]

# Raw ASGI beside Django: path prefix → application
RAW: dict[str, str] = {"/hooks/": "ganzohr.config.metrics.intake"}  # channels.hooks, counted

# What the outer address serves: path prefixes
DOORS: tuple[str, ...] = ("/hooks/", "/w/", "/v/", "/ask/", "/g/", "/d/", "/static/")

# Pages behind private links: kind of ask → function(request, ask)
ASK_PAGES: dict[str, str] = {"inquiry": "ganzohr.inquiries.ask_page.answer"}

# Places on pages that rooms above fill: place → functions (request, thing) -> SafeString
SLOTS: dict[str, list[str]] = {
    "colleague.duties": ["ganzohr.topics.slots.duties"],
    "conversation.context": ["ganzohr.website.context.asked_erasure", "ganzohr.inquiries.slots.context"],
    "conversation.draft": ["ganzohr.inquiries.slots.draft"],
    "conversation.ask": ["ganzohr.inquiries.slots.ask"],
    "conversation.triage": ["ganzohr.inquiries.slots.triage"],
    "conversation.events": ["ganzohr.inquiries.slots.events"],
    "topic.waiting": ["ganzohr.inquiries.slots.waiting"],
    "contact.conversations": ["ganzohr.inbox.slots.conversations_of"],
}

# Who answers something and has no deputy, for the page of people: function(user) -> colleague ids
WITHOUT_DEPUTY = "ganzohr.topics.overview.people_without_deputy"

# Columns of the topics page that rooms above fill: label → function(topic ids) -> {topic id: count}
TOPIC_FIGURES: list[tuple[object, str]] = [
    (_("Questions in 90 days"), "ganzohr.insights.topic_figures.asked"),
]

# Rooms that hold data about people outside, top to bottom: module with export(person) and erase(person)
PERSONAL_DATA: list[str] = [
    "ganzohr.website.personal_data",
    "ganzohr.inquiries.personal_data",
    "ganzohr.inbox.personal_data",
    "ganzohr.contacts.personal_data",
    "ganzohr.notifications.personal_data",
    "ganzohr.channels.personal_data",
]

# Why something that did not leave must not leave any more: function(outgoing) -> words, or '' if it may
STAYS_HERE: list[str] = ["ganzohr.inbox.actions.answering.why_not_again"]

# What the inbox holds of what was said in public on a channel since a moment: function(channel id, since) -> {id: Held}
HELD = "ganzohr.inbox.held.public"

# What belongs to conversations at some sites, for users limited to them: kind → function(site ids) -> ids
SEEN: dict[str, str] = {"contact": "ganzohr.inbox.sight.contacts_at", "outgoing": "ganzohr.inbox.sight.outgoing_at"}

# Whom something that leaves is for: function(user, ids of outgoing things) -> {id: (person, address of their talk)}
TALKS = "ganzohr.inbox.sight.talks"

# Encrypted columns, for the rotation of keys: (model, column)
RENEWED: list[str] = ["ganzohr.accounts.factors.renew_secrets"]  # encrypted inside a column
ENCRYPTED: list[tuple[str, str]] = [
    ("channels.Channel", "secrets"),
    ("channels.App", "secrets"),
    ("notifications.Ask", "sealed_token"),
]

# The rail (its first four stand in the phone's bar) and the settings page
NAVIGATION: list[Entry] = [
    Entry("desk:today", _("Today"), "today"),
    Entry("inbox:list", _("Inbox"), "inbox", count="ganzohr.inbox.counts.unread", count_words=_("unread")),
    Entry("topics:list", _("Topics"), "tag"),
    Entry("inquiries:list", _("Inquiries"), "wait"),
    Entry("knowledge:list", _("Knowledge"), "know"),
    Entry("directory:colleagues", _("People"), "topics"),
    Entry("insights:people_ask", _("Trends"), "ask"),
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
        "tree",
        "manager",
        "settings",
        _("Who leads them and how many work there."),
    ),
    Entry(
        "channels:hold",
        _("Hold back"),
        "stop",
        "lead",
        "settings",
        _("Keep everything that leaves here, or a part of it, until somebody lets it go."),
    ),
    Entry("accounts:users", _("Users"), "key", "admin", "settings", _("Who may sign in, with which role.")),
    Entry("audit:list", _("Audit trail"), "clock", "admin", "settings", _("Who did what when.")),
    Entry("privacy:erasures", _("Erased people"), "trash", "admin", "settings", _("Proof of erasure, without a name.")),
]


def tie() -> None:
    """Called once, when every room is loaded."""
    from ganzohr.accounts import middleware
    from ganzohr.channels import again, arrivals, reconcile, whose
    from ganzohr.directory import people, sight
    from ganzohr.notifications import private_page
    from ganzohr.privacy import actions as privacy
    from ganzohr.topics import overview
    from ganzohr.ui import navigation
    from ganzohr.ui.templatetags import slots

    events.tie(LISTENERS, keep=_keep)
    jobs.tie(DOORBELLS, ROUNDS)
    arrivals.tie(CLAIMS)
    again.tie(STAYS_HERE)
    reconcile.tie(HELD)
    whose.tie(TALKS)
    navigation.tie(NAVIGATION)
    slots.tie(SLOTS)
    overview.tie(TOPIC_FIGURES)
    people.tie(WITHOUT_DEPUTY)
    sight.tie(SEEN)
    private_page.tie(ASK_PAGES)
    privacy.ROOMS[:] = PERSONAL_DATA
    middleware.DOORS[:] = DOORS
    reach.tie(settings.REACH)


def _keep(event: events.Event, listeners: Sequence[str]) -> None:
    from ganzohr.audit.pending import keep

    keep(event, listeners)
