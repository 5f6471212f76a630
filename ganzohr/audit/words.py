"""What stands in the trail, in words of the reader's language. A verb that is missing here fails a test."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ganzohr.audit.models import Entry

MOVED = "moved to "

VERBS = {
    "added examples": _("added examples"),
    "answer did not leave": _("answer did not leave"),
    "answered late": _("answered late"),
    "approved an answer": _("approved an answer"),
    "archived": _("archived"),
    "archived a source": _("archived a source"),
    "asked again": _("asked again"),
    "asked back": _("asked back"),
    "asked for erasure": _("asked for erasure"),
    "assigned": _("assigned"),
    "attached": _("attached"),
    "attached a colleague's mail": _("attached a colleague's mail"),
    "automatic reply to a mail copy": _("automatic reply to a mail copy"),
    "began an inquiry": _("began an inquiry"),
    "came back": _("came back"),
    "changed": _("changed"),
    "role": _("changed the role"),
    "house": _("changed the house"),
    "changed the website's settings": _("changed the website's settings"),
    "changed the words": _("changed the words"),
    "chose the kind": _("chose the kind"),
    "chose the site": _("chose the site"),
    "chose the topic": _("chose the topic"),
    "closed": _("closed"),
    "closed the link": _("closed the link"),
    "connected": _("connected"),
    "created": _("created"),
    "deactivated": _("deactivated"),
    "deleted a message": _("deleted a message"),
    "detached": _("detached"),
    "discarded a draft": _("discarded a draft"),
    "edited a message": _("edited a message"),
    "reacted to a message": _("reacted to a message"),
    "took a reaction away": _("took a reaction away"),
    "took a gesture back": _("took a reaction or a hiding back before it left"),
    "hid a message": _("hid a comment at the platform"),
    "showed a message again": _("showed a comment at the platform again"),
    "ended private links": _("ended private links"),
    "entered": _("entered"),
    "mail came back": _("mail came back"),
    "empty mail came": _("empty mail came"),
    "auto-reply came": _("auto-reply came"),
    "erased a person": _("erased a person"),
    "exported a person": _("exported a person"),
    "found nobody to ask": _("found nobody to ask"),
    "imported": _("imported"),
    "held back": _("held back what leaves"),
    "gave another reason": _("gave another reason to hold it back"),
    "let go": _("let go what was held back"),
    "agreed that comments were deleted": _("agreed that comments were deleted"),
    "settled a wish for deletion": _("settled a wish for deletion"),
    "is away": _("is away"),
    "is back": _("is back"),
    "joined": _("joined"),
    "learnt": _("learnt"),
    "left": _("left"),
    "limited": _("limited"),
    "made usual": _("said they hold wherever none are chosen"),
    "mail copy did not arrive": _("mail copy did not arrive"),
    "linked a sign-in": _("linked a sign-in"),
    "named a source": _("named a source"),
    "new recovery codes": _("new recovery codes"),
    "opened": _("opened"),
    "passed a colleague's mail to the inbox": _("passed a colleague's mail to the inbox"),
    "promised": _("promised"),
    "promised an answer": _("promised an answer"),
    "put a colleague's mail aside": _("put a colleague's mail aside"),
    "put off": _("put off"),
    "queued a notice": _("queued a notice"),
    "queued a standing": _("queued a standing"),
    "reactivated": _("reactivated"),
    "removed a note": _("removed a note"),
    "removed an example": _("removed an example"),
    "renamed": _("renamed"),
    "replied to a question back": _("replied to a question back"),
    "restored": _("restored"),
    "restored a note": _("restored a note"),
    "restored an example": _("restored an example"),
    "revoked": _("revoked"),
    "said it is not theirs": _("said it is not theirs"),
    "second factor added": _("second factor added"),
    "second factor removed": _("second factor removed"),
    "second factor reset": _("second factor reset"),
    "secrets changed": _("secrets changed"),
    "sent": _("sent"),
    "sent a template": _("sent a template"),
    "sent again": _("sent again"),
    "set who answers": _("set who answers"),
    "set who needs a second factor": _("set who needs a second factor"),
    "signed out": _("signed out"),
    "started with the catalogue": _("started with the catalogue"),
    "took an answer back": _("took an answer back"),
    "took away who answers": _("took away who answers"),
    "took back from the archive": _("took back from the archive"),
    "took the topic back": _("took the topic back"),
    "withdrew consent": _("withdrew consent"),
    "wrote a note": _("wrote a note"),
    "wrote from another address": _("wrote from another address"),
}

STATES = {
    "accepted": _("sent"),
    "active": _("connected"),
    "answered": _("answered"),
    "approved": _("approved"),
    "asked": _("asked"),
    "asked_back": _("asked back"),
    "by_hand": _("to be posted by hand"),
    "closed": _("closed"),
    "declined": _("declined"),
    "disconnected": _("disconnected"),
    "done": _("understood"),
    "drafted": _("draft is here"),
    "failed": _("set aside"),
    "new": _("new"),
    "open": _("open"),
    "paused": _("paused"),
    "refused": _("not sent"),
    "sending": _("being sent"),
    "snoozed": _("later"),
    "taken_back": _("taken back"),
    "unclear": _("unclear"),
    "unsupported": _("unsupported"),
    "waiting": _("on its way"),
    "withdrawn": _("withdrawn"),
}

OBJECTS = {
    "inbox.conversation": _("conversation"),
    "inbox.message": _("message"),
    "inquiries.inquiry": _("inquiry"),
    "channels.channel": _("channel"),
    "channels.outgoing": _("outgoing message"),
    "channels.hold": _("hold"),
    "channels.platformrequest": _("request of a platform"),
    "channels.delivery": _("delivery"),
    "topics.sheet": _("spreadsheet"),
    "topics.topic": _("topic"),
    "topics.example": _("example"),
    "topics.responsibility": _("responsibility"),
    "directory.colleague": _("colleague"),
    "directory.absence": _("absence"),
    "directory.site": _("site"),
    "directory.department": _("department"),
    "directory.openinghours": _("opening hours"),
    "accounts.user": _("user"),
    "accounts.invitation": _("invitation"),
    "notifications.ask": _("request to a colleague"),
    "notifications.colleaguemail": _("mail from a colleague"),
    "knowledge.deeplink": _("link"),
    "knowledge.savedreply": _("saved reply"),
    "contacts.contact": _("person"),
    "contacts.handle": _("address of a person"),
    "contacts.consent": _("consent"),
    "website.visit": _("website conversation"),
    "website.source": _("source"),
    "privacy.erasure": _("erasure"),
}

ACTORS = {
    "round": _("the desk itself"),
    "candidate": _("somebody outside"),
    "connector": _("a channel"),
    "user": _("a user"),
    "colleague_link": _("a colleague"),
    "colleague_mail": _("a colleague, by mail"),
}
NAMED = frozenset({"user", "colleague_link", "colleague_mail"})


def verb(entry: Entry) -> str:
    """What was done."""
    if entry.verb.startswith(MOVED):
        state = entry.verb.removeprefix(MOVED)
        return gettext("set to “%(state)s”:") % {"state": STATES.get(state, state)}
    return str(VERBS.get(entry.verb, entry.verb))


def actor(entry: Entry) -> str:
    """Who did it: the name of a colleague or user, else what kind of doer it was."""
    if entry.actor_kind in NAMED and entry.actor_label:
        return entry.actor_label
    return str(ACTORS.get(entry.actor_kind, entry.actor_kind))


def thing(entry: Entry) -> str:
    """What it was done to, with its number."""
    return f"{OBJECTS.get(entry.object_kind, entry.object_kind)} {entry.object_id or ''}".strip()
