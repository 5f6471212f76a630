"""What a platform's rules keep here, and how long there is, in words beside the box."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext

from ganzohr.channels.connectors.base import Abilities
from ganzohr.inbox import places, windows
from ganzohr.inbox.models import Conversation
from ganzohr.inbox.private_ways import Way
from ganzohr.inbox.windows import Window
from ganzohr.ui import formats


@dataclass(frozen=True)
class Line:
    """How long there is: the words now, and what a page needs to go on counting by itself."""

    words: str
    seconds: int
    is_low: bool
    counts: bool


def line(window: Window, at: datetime) -> Line | None:
    """The line beside the box; None once it is closed."""
    state, until = window.state(at), window.until(at)
    if state == "closed":
        return None
    counts = state == "free"
    words = left(until - at) if counts else only_by_people(until, at)
    return Line(words, max(1, int((until - at).total_seconds())), window.is_low(at), counts)


def left(span: timedelta) -> str:
    """`3 h 12 min left to answer freely`."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    if hours:
        return hours_words() % {"hours": hours, "minutes": minutes}
    return minutes_words() % {"minutes": minutes} if minutes else soon_words()


def hours_words() -> str:
    """With its places open, for the page that counts."""
    return gettext("%(hours)s h %(minutes)s min left to answer freely")


def minutes_words() -> str:
    """As `hours_words`, in the last hour."""
    return gettext("%(minutes)s min left to answer freely")


def soon_words() -> str:
    """In the last minute."""
    return gettext("less than a minute left to answer freely")


def only_by_people(until: datetime, at: datetime) -> str:
    """Between the window and the one for people."""
    return gettext("only answers written by a person, until %(moment)s") % {"moment": formats.clock(until, at)}


def one_private(way: Way, at: datetime) -> str:
    """What a public comment allows."""
    if way.kind != "comment" or way.until is None:
        return ""
    return gettext("one private answer, until %(moment)s") % {"moment": formats.clock(way.until, at)}


def why(code: str, conversation: Conversation, abilities: Abilities, at: datetime) -> str:
    """Why nothing may leave like this."""
    names: dict[str, object] = {"name": conversation.person, "network": places.network_name(conversation)}
    if code == "window_closed":
        return _closed(conversation, abilities, names, at)
    return {
        "gone": gettext("%(name)s deleted what was said here. There is nothing to answer any more."),
        "private_used": gettext(
            "The one private answer to this comment has left. The next follows when %(name)s writes."
        ),
        "private_leaving": gettext(
            "The one private answer to this comment is on its way. The next follows when %(name)s writes."
        ),
        "private_late": gettext("%(network)s takes a private answer for %(days)s days after a comment. They are over."),
        "private_none": gettext("%(network)s takes no private answer here."),
        "stopped": gettext("%(name)s wants no more messages."),
        "too_long": gettext("Nothing left yet: the text is too long for %(network)s."),
        "not_approved": gettext("%(network)s has not approved this template."),
    }.get(code, "") % {**names, "days": abilities.private_reply_days}


def _closed(conversation: Conversation, abilities: Abilities, names: dict[str, object], at: datetime) -> str:
    window = windows.window(abilities, conversation.last_inbound_at)
    if conversation.last_inbound_at is None or window is None:
        return gettext("%(network)s lets us write only once %(name)s has written here.") % names
    span = formats.duration(window.human_until - conversation.last_inbound_at)
    told = {**names, "moment": formats.clock(window.human_until, at), "span": span}
    return gettext("%(network)s takes answers for %(span)s after the last message; that was over %(moment)s.") % told


def stopped(conversation: Conversation, at: datetime) -> str:
    """What a stop means here; '' without one."""
    if not conversation.has_stopped or conversation.handle.stopped_at is None:
        return ""
    told = {"name": conversation.person, "moment": formats.clock(conversation.handle.stopped_at, at)}
    return gettext("%(name)s said stop (%(moment)s). Nothing automatic and no template leaves until they write.") % told
