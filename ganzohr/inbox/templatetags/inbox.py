"""What the inbox's templates say."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from ganzohr.accounts.models import User
from ganzohr.channels import health, holds, networks, waiting
from ganzohr.channels.connectors.base import Abilities
from ganzohr.channels.models import Outgoing, PublicPost
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague
from ganzohr.inbox import around, check_words, files, form_words, people, places, proposing, rows
from ganzohr.inbox import facts as known_facts
from ganzohr.inbox.actions.presence import STOPPED
from ganzohr.inbox.listing import WORDS
from ganzohr.inbox.models import Conversation, Message
from ganzohr.inbox.opened import Entry, Opened, with_days
from ganzohr.ui import formats

register = template.Library()
LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")

register.filter("network", places.network_of)
register.filter("network_name", places.network_name)
register.filter("place", places.place)
register.filter("may_be_shown", files.may_be_shown)
register.filter("plays", files.plays)
register.filter("words_of_row", rows.words)
register.filter("without_greeting", proposing.without_greeting)


@register.filter
def about(conversation: Conversation) -> str:
    """The topic, else what kind of message it is."""
    return rows.about(conversation, (get_language() or "en")[:2])


@register.filter
def another_address(message: Message, conversation: Conversation) -> str:
    """Where an answer to this mail goes when that is not the address the person is known by here."""
    wanted = str(message.target.get("to") or "") if conversation.channel.kind == "mail" else ""
    return wanted if wanted.lower() != conversation.handle.external_id.lower() else ""


@register.filter
def with_whom(conversation: Conversation, user: User) -> str:
    """`with you`, `with Jonas`, `with nobody`; whoever was asked, when nobody of us has it."""
    if conversation.assignee is None and conversation.waits_for:
        return gettext("with %(name)s") % {"name": people.short_name(conversation.waits_for)}
    if conversation.assignee is None:
        return gettext("with nobody")
    me = people.colleague_id_of(user)
    return gettext("with you") if conversation.assignee_id == me else gettext("with %(name)s") % {
        "name": conversation.assignee.first_name
    }  # fmt: skip


@register.filter
def written_by(message: Message, user: User) -> str:
    """Who of us approved it."""
    if message.author is None:
        return gettext("We")
    return gettext("You") if message.author_id == people.colleague_id_of(user) else message.author.name


@register.filter
def day_words(at: datetime) -> str:
    """`Today, Tue, 24 Nov 2026`."""
    on, today = formats.local(at).date(), formats.local(now()).date()
    named = {0: gettext("today"), -1: gettext("yesterday")}.get((on - today).days)
    return f"{named.capitalize()}, {formats.day(on)}" if named else formats.day(on)


@register.filter
def paragraphs(text: str) -> SafeString:
    """Words as they were written: paragraphs, lines, and addresses one can follow."""
    parts = [part for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]
    return format_html_join("", "<p>{}</p>", ((_lines(part),) for part in parts))


def _lines(part: str) -> SafeString:
    return mark_safe("<br>".join(_linked(line) for line in part.strip().splitlines()))  # noqa: S308  escaped below


def _linked(line: str) -> str:
    out, last = [], 0
    for found in LINK.finditer(line):
        out.append(conditional_escape(line[last : found.start()]))
        out.append(
            format_html('<a href="{0}" rel="noreferrer noopener nofollow" target="_blank">{0}</a>', found.group())
        )
        last = found.end()
    out.append(conditional_escape(line[last:]))
    return "".join(out)


@register.filter
def bubble(message: Message) -> str:
    """How a message of ours is drawn: leaving, automatic, or said."""
    if message.outgoing and message.outgoing.state in ("waiting", "sending", "by_hand", "refused", "unclear"):
        return "bubble--leaving"
    return "bubble--auto" if message.is_automatic else "bubble--us"


@register.filter
def form(message: Message) -> form_words.Form | None:
    """What it was beside words; None when its words or files say it all."""
    return form_words.form_of(message.form, has_words=bool(message.text), has_files=bool(message.files))  # type: ignore[attr-defined]


@register.filter
def facts(message: Message) -> list[known_facts.Line]:
    """What it brought beside words: a place, cards, stars, links."""
    return known_facts.lines(message.more)


@register.filter
def under(message: Message, opened: Opened) -> around.Under:
    """What stands under a message and what can be done to it."""
    return around.under(message, opened.conversation, opened.abilities, opened.doings.get(message.pk, []))


@register.filter
def first_reaction(abilities: Abilities) -> around.Offer:
    """The reaction that thanks."""
    return around.offers(abilities)[0]


@register.filter
def delivered(message: Message) -> SafeString:
    """How far it came: sent, delivered, read; the whole moment as its title."""
    told = message.state or {"status": "sent", "at": ""}  # type: ignore[attr-defined]
    at = datetime.fromisoformat(told["at"]) if told["at"] else message.provider_at
    words = {
        "delivered": gettext("delivered"),
        "read": gettext("read %(at)s") % {"at": formats.clock(at, now())},
        "played": gettext("listened to %(at)s") % {"at": formats.clock(at, now())},
        "deleted": gettext("deleted on the platform"),
    }.get(told["status"], gettext("sent"))
    return format_html('<span title="{}">{}</span>', formats.moment(at), words)


@register.filter
def post_author(post: PublicPost, conversation: Conversation) -> str:
    """Who published it; never us when it was somebody else."""
    if post.author:
        return post.author
    if post.author_is_us:
        return conversation.channel.name
    return gettext("Somebody on %(channel)s") % {"channel": places.network_name(conversation)}


@register.filter
def seconds_left(outgoing: Outgoing) -> int:
    """How long it can still be taken back."""
    return max(0, math.ceil((outgoing.not_before - now()).total_seconds())) if not outgoing.attempts else 0


@register.filter
def reason(outgoing: Outgoing) -> str:
    """Why it did not leave, in words."""
    return str(health.words(outgoing.outcome).happened)


@register.filter
def can_be_seen(outgoing: Outgoing) -> bool:
    """Whether somebody of us can look up at the platform if it is there."""
    return waiting.can_be_seen(outgoing)


@register.filter
def held(outgoing: Outgoing) -> str:
    """Why it is held back, in words; '' when it is not."""
    return waiting.held(outgoing, holds.in_force())


@register.filter
def is_link(value: object) -> bool:
    """A web address that may be followed."""
    return urlsplit(str(value or "")).scheme in ("http", "https")


@register.filter
def first(who: Mapping[str, Any]) -> str:
    """The given name of who is here too; titles are skipped."""
    return Colleague(name=who["name"] or who["email"]).first_name


@register.filter
def is_typing(who: Mapping[str, Any]) -> bool:
    """Typed a moment ago."""
    typed = who["typed_at"]
    return bool(typed) and datetime.fromisoformat(typed) > now() - STOPPED


@register.filter
def clock_badge(conversation: Conversation) -> rows.Badge | None:
    """How long there is until the promise runs out."""
    return rows.clock(conversation, now())


@register.filter
def kind_name(handle: Mapping[str, Any]) -> str:
    """What a handle's network is called; one entered by hand knows the real one."""
    kind = str(handle["external_id"]).partition(":")[0] if handle["kind"] == "hand" else handle["kind"]
    return str(places.NETWORKS.get(kind) or handle["channel"])


@register.filter
def handle_name(handle: Mapping[str, Any]) -> str:
    """How the channel knows the person, as far as it says something to people."""
    known = str(handle["external_id"])
    if handle["kind"] == "hand":
        known = known.partition(":")[2]
    says_something = "@" in known or handle["kind"] not in ("website", "hand")
    return known if says_something else str(handle["name"] or gettext("without a name"))


@register.filter
def language_words(conversation: Conversation) -> str:
    """`German, du`."""
    name = str(WORDS.get(conversation.language, conversation.language)).capitalize()
    forms = check_words.ADDRESSES.get(conversation.language)
    return f"{name}, {forms[conversation.channel.address]}" if forms else name


@register.filter
def consent_words(conversation: Conversation) -> str:
    """What was agreed to and when, or that nothing was asked."""
    given = [one for handle in conversation.handles_held for one in handle["consents"]]  # type: ignore[attr-defined]
    standing = next((one for one in given if not one["withdrawn_at"]), None)
    if standing:
        at = formats.day(datetime.fromisoformat(standing["at"]))
        return gettext("given on %(day)s") % {"day": at}
    return gettext("given, then withdrawn") if given else gettext("not asked")


@register.filter
def get(values: Mapping[str, Any], key: str) -> Any:
    """A value by its key."""
    return values.get(key)


@register.simple_tag
def ways_in() -> tuple[networks.Way, ...]:
    """The ways to connect that work now, as the channels page tells them."""
    return networks.WAYS


@register.filter
def among(entries: Sequence[Entry], told: Sequence[tuple[datetime, SafeString]]) -> list[Entry]:
    """The thread with what rooms above tell, at its time; what is older than all that is shown stands first."""
    events = [Entry("event", at, words=words) for at, words in told]
    return list(with_days([*(entry for entry in entries if entry.kind != "day"), *events])) if events else [*entries]
