"""What the pages of this room show; reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Count, QuerySet
from django.utils.translation import gettext, ngettext

from ganzohr.accounts.models import User
from ganzohr.channels import health, holds, networks, signature, unread, waiting
from ganzohr.channels.models import Channel, Hold, Outgoing, Reconciliation
from ganzohr.channels.whose import Talk
from ganzohr.directory.models import Colleague
from ganzohr.ui import counted

STATE = Outgoing.State


@dataclass(frozen=True)
class Card:
    """A channel as its card shows it."""

    channel: Channel
    words: health.Words | None
    set_aside: counted.Count
    waiting: int
    hands: counted.Count
    is_held: bool = False

    @property
    def lacks(self) -> str:
        """What visitors of a website must know and nobody entered: `employer`, `privacy` or nothing."""
        if self.channel.kind != "website":
            return ""
        settings: dict[str, Any] = self.channel.settings
        if not settings.get("title"):
            return "employer"
        return "" if settings.get("privacy_url") else "privacy"

    @property
    def needs_somebody(self) -> bool:
        """Something here will not mend itself."""
        return self.words is not None or bool(self.set_aside)


def cards(channels: Sequence[Channel], in_force: Sequence[Hold] = ()) -> list[Card]:
    """The cards of these channels beside the holds there are; three queries however many there are."""
    aside = unread.aside_of_channels(channels)
    on_their_way, hands = _on_their_way(channels), _hands(channels)
    return [
        Card(
            channel,
            health.words(channel.problem) if channel.problem and channel.state == Channel.State.ACTIVE else None,
            aside.get(channel.pk, counted.Count(0)),
            on_their_way.get(channel.pk, 0),
            counted.Count(hands[channel.pk]),
            is_held=holds.stops(channel, in_force),
        )
        for channel in channels
    ]


def _on_their_way(channels: Sequence[Channel]) -> dict[int, int]:
    rows = Outgoing.objects.without_marks().on_their_way().filter(channel__in=channels).order_by()
    return dict(rows.values_list("channel_id").annotate(n=Count("pk")))


def _hands(channels: Sequence[Channel]) -> Counter[int]:
    """Of what was ever refused on each, as much as is worth counting."""
    parts = [Outgoing.objects.filter(channel=one).a_few().values_list("channel_id", flat=True) for one in channels]
    return Counter(parts[0].union(*parts[1:], all=True)) if parts else Counter()


def sentence(found: Sequence[Card], aside: counted.Count | None = None, held: int = 0) -> tuple[str, str]:
    """The page's first words: how the channels are, and what waits. `aside` deliveries of an app nobody could read."""
    ill = sum(card.needs_somebody for card in found)
    if not found:
        return gettext("No channel yet."), gettext("Three ways work right now, without any key.")
    if ill:
        first = ngettext("One channel needs a hand.", "%(n)d channels need a hand.", ill) % {"n": ill}
    elif aside:
        words = ngettext("One delivery could not be read.", "%(n)s deliveries could not be read.", aside.number)
        first = words % {"n": aside}
    else:
        first = gettext("All channels are well.")
    if held:
        return first, ngettext("One thing is held.", "%(n)d things are held.", held) % {"n": held}
    waiting = sum(card.waiting for card in found)
    rest = ngettext("One thing is on its way out.", "%(n)d things are on their way out.", waiting) % {"n": waiting}
    return first, rest if waiting else gettext("Nothing waits to leave.")


def comparisons(channel: Channel) -> list[Reconciliation]:
    """The newest comparisons with the platform; those that failed with why."""
    rows = list(channel.reconciliations.all()[:6])
    for one in rows:
        one.words = health.words(one.problem)  # type: ignore[attr-defined]
    return rows


def signatures(channel: Channel, me: Colleague | None) -> dict[str, str]:
    """Signature choice → what would stand under an answer of mine to an expert who agreed; '' for none."""
    expert = Colleague.objects.filter(may_be_named=True, left_at=None).exclude(role_title="").first()
    expert = expert or Colleague(
        name="Karin Wöhlert", role_title=gettext("Head of the nursing school"), may_be_named=True
    )
    me = me or Colleague(name="Sophie Brandt")
    language = channel.languages[0] if channel.languages else "de"
    kinds = Channel.Signature
    return {
        kind: signature.line(channel=Channel(signature=kind), colleague=me, expert=expert, language=language)
        for kind in (kinds.EXPERT, kinds.INITIALS, kinds.NONE)
    }


@dataclass(frozen=True)
class Row:
    """One outgoing thing as the list shows it. Words of mails to colleagues stay out: they hold private links."""

    outgoing: Outgoing
    kind: str
    to: str
    text: str
    network: str
    words: health.Words | None
    waits: str = ""
    is_held: bool = False
    talk: Talk | None = None

    @property
    def look(self) -> str:
        """How to find out whether an unclear one is there; '' for all others."""
        return waiting.look(self.outgoing) if self.outgoing.state == STATE.UNCLEAR else ""

    @property
    def post_link(self) -> str:
        """Where an unclear one would stand, if it is a web address."""
        post = self.outgoing.public_post if self.look else None
        return post.permalink if post and post.permalink.startswith(("https://", "http://")) else ""

    @property
    def link(self) -> str:
        """Where a person posts it; only a web address is ever opened."""
        link = str(self.outgoing.target.get("link", ""))
        return link if link.startswith(("https://", "http://")) else ""

    @property
    def mark(self) -> str:
        """The sign of its network or channel."""
        return self.network or (self.outgoing.channel.kind if self.outgoing.channel else "mail")


def row(outgoing: Outgoing, in_force: Sequence[Hold] = (), talk: Talk | None = None) -> Row:
    """One thing, ready to show, beside the holds there are and the talk it belongs to."""
    target: dict[str, Any] = outgoing.target
    text = str(outgoing.payload.get("text", "")) if outgoing.channel_id else ""
    network = str(target.get("network", ""))
    to = str(target.get("name") or target.get("to") or (networks.NAMES.get(network) if network else "") or "")
    has_words = bool(outgoing.outcome) and outgoing.state not in (STATE.ACCEPTED, STATE.TAKEN_BACK, STATE.BY_HAND)
    words = health.words(outgoing.outcome) if has_words else None
    is_held = outgoing.state == STATE.WAITING and bool(holds.holding(outgoing, in_force))
    waits = "" if is_held and len(in_force) == 1 else waiting.words(outgoing, in_force)  # the one stands above
    return Row(outgoing, networks.kind_name(outgoing.kind), to, text, network, words, waits, is_held, talk)


@dataclass(frozen=True)
class Kept:
    """A hold as the page tells it, and whether this user may lift it."""

    hold: Hold
    what: str
    may_lift: bool


def kept(in_force: Sequence[Hold], user: User) -> list[Kept]:
    """The holds there are; at most one query."""
    mine = set()
    if in_force and user.has_role("lead"):
        mine = set(Hold.objects.in_force().may_be_changed_by(user).values_list("pk", flat=True))
    return [Kept(one, waiting.scope(one), one.pk in mine) for one in in_force]


@dataclass(frozen=True)
class Notice:
    """What every page says in one line while something is kept here: the widest hold, and how many more there are."""

    MOST: ClassVar = 999
    hold: Hold
    what: str
    more: int
    count: int

    @property
    def said(self) -> str:
        """As many as it is worth counting."""
        return f"{self.MOST}+" if self.count > self.MOST else str(self.count)


def notice(in_force: Sequence[Hold], user: User) -> Notice | None:
    """The line about these holds, None without any; one query when there are some."""
    if not in_force:
        return None
    count = holds.kept_here(Outgoing.objects.visible_to(user))[: Notice.MOST + 1].count()
    return Notice(in_force[0], waiting.scope(in_force[0]), len(in_force) - 1, count)


def hands_waiting(user: User) -> counted.Count:
    """How many outgoing things this user may see need somebody, as many as it is worth counting."""
    return counted.Count(Outgoing.objects.visible_to(user).a_few().count())


def hand_channels(user: User) -> QuerySet[Channel]:
    """Connected channels into which this user may copy things by hand."""
    return Channel.objects.visible_to(user).active().filter(kind="hand")
