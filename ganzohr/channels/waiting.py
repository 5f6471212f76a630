"""Why something has not left yet and when it is tried next, in words; a try is never shown as success."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.utils.translation import gettext, ngettext

from ganzohr.channels import health, holds
from ganzohr.channels.models import Channel, Hold, Outgoing
from ganzohr.core import times
from ganzohr.ui.templatetags.ui import clock

STATE = Outgoing.State
LONG = timedelta(minutes=1)
UNSEEN = ("whatsapp", "mail")  # a number of the Cloud API has no app, and what a server took lies in no folder of ours


def scope(hold: Hold) -> str:
    """What a hold keeps here, in words."""
    named = {"channel": hold.channel, "site": hold.site, "public_post": hold.public_post and hold.public_post.text[:60]}
    if hold.scope == Hold.Scope.KIND:
        return holds.kinds().get(hold.value, hold.value)
    return str(named.get(hold.scope) or hold.get_scope_display())


def held(outgoing: Outgoing, in_force: Collection[Hold]) -> str:
    """Why it is held, in words; '' when nothing holds it."""
    found = holds.holding(outgoing, in_force)
    if not found:
        return ""
    words = {"why": _ended(found[0].why), "since": clock(found[0].since)}
    who = found[0].set_by
    if who is None:
        return gettext("Held since %(since)s: %(why)s") % words
    return gettext("Held by %(name)s since %(since)s: %(why)s") % {**words, "name": who.name}


def can_be_seen(outgoing: Outgoing) -> bool:
    """Whether somebody of us can look up at the platform if it is there; else only the person can say."""
    return outgoing.channel is not None and outgoing.channel.kind not in UNSEEN


def look(outgoing: Outgoing) -> str:
    """How somebody finds out whether an unclear one is there."""
    if can_be_seen(outgoing):
        return gettext("Look on the platform whether it is there, then say so here.")
    return gettext("There is no place to look: ask the person whether it arrived, then say so here.")


def again(outgoing: Outgoing) -> str:
    """What happens now to something that was to leave once more."""
    if holds.holding(outgoing, holds.in_force()):
        return gettext("It stays here for now: it leaves once it is let go.")
    return gettext("It is sent once more.")


def _ended(sentence: str) -> str:
    """With a full stop, so that another sentence may follow."""
    return sentence if sentence.endswith((".", "!", "?", "…", ":")) else f"{sentence}."


def words(outgoing: Outgoing, in_force: Collection[Hold]) -> str:
    """What it waits for; '' for what waits no more."""
    if outgoing.state == STATE.SENDING:
        return gettext("Is leaving now. A hold does not stop it any more.") if in_force else gettext("Is leaving now.")
    if outgoing.state != STATE.WAITING:
        return ""
    return held(outgoing, in_force) or _channel(outgoing) or _next(outgoing)


def _channel(outgoing: Outgoing) -> str:
    channel, now = outgoing.channel, times.now()
    if channel is None:
        return ""
    if channel.state == Channel.State.PAUSED:
        return gettext("The channel is paused; it waits until somebody lets it go on.")
    if channel.state == Channel.State.DISCONNECTED and outgoing.kind != "standing":
        return gettext("The channel is disconnected; it does not leave.")
    if channel.rests_until and channel.rests_until > max(now, outgoing.not_before):
        reason = health.words(channel.problem).happened if channel.problem else ""
        return gettext("The channel rests until %(at)s. %(reason)s") % {
            "at": clock(channel.rests_until), "reason": reason,
        }  # fmt: skip
    return ""


def _next(outgoing: Outgoing) -> str:
    now, tried = times.now(), outgoing.attempts
    if outgoing.not_before <= now:
        late = now - outgoing.not_before > LONG
        return gettext("Waits for its turn.") if late else gettext("Leaves any moment.")
    if not tried:
        return gettext("Leaves %(at)s; until then it can be taken back.") % {"at": clock(outgoing.not_before)}
    again = ngettext("Tried once without success.", "Tried %(n)d times without success.", tried) % {"n": tried}
    return gettext("%(tried)s Next try %(at)s.") % {"tried": again, "at": clock(outgoing.not_before)}
