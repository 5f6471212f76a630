"""Saved replies for one conversation: the best first, filled with what is known there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import User
from ganzohr.channels.models import Channel
from ganzohr.core.sorting import by_name
from ganzohr.knowledge import actions, filling, placeholders
from ganzohr.knowledge.models import SavedReply, SavedText, SavedUse, ShortLink

SHOWN = 12
LATELY = timedelta(weeks=8)
WORDS = 8
TAKEN = _("It lies in the box. Read it once more.")


@dataclass(frozen=True)
class Place:
    """Where a reply will be written: what decides the order, and the values of the placeholders."""

    channel: Channel
    language: str
    topic_id: int | None = None
    site_id: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """One saved reply as it would stand in the box."""

    reply: SavedReply
    language: str
    parts: tuple[filling.Part, ...]
    fits_language: bool

    @property
    def text(self) -> str:
        """The words to insert."""
        return "".join(part.text for part in self.parts)


def matching(rows: QuerySet[SavedReply], query: str) -> QuerySet[SavedReply]:
    """Those with every word of the query in their name or words."""
    for word in query.replace("\0", "").split()[:WORDS]:
        spoken = SavedText.objects.filter(reply=OuterRef("pk"), text__icontains=word)
        rows = rows.filter(Q(name__icontains=word) | Exists(spoken))
    return rows


def best(user: User, place: Place, query: str = "") -> list[Choice]:
    """Same topic first, then this language and kind of channel, then what was used most lately; in seven queries."""
    rows = SavedReply.objects.visible_to(user).in_use().filter(Q(site=None) | Q(site_id=place.site_id))
    ordered = _in_order(matching(rows, query), place)
    return filled(list(ordered.select_related("topic").prefetch_related("texts")[:SHOWN]), place)


def one(user: User, place: Place, pk: int) -> Choice | None:
    """This saved reply as it would stand in the box; None when this user may not see it."""
    rows = SavedReply.objects.visible_to(user).in_use().filter(pk=pk).prefetch_related("texts")
    return next(iter(filled(list(rows), place)), None)


def _in_order(rows: QuerySet[SavedReply], place: Place) -> QuerySet[SavedReply]:
    since = actions.monday() - LATELY
    used = SavedUse.objects.filter(reply=OuterRef("pk"), week__gte=since).order_by().values("reply")
    speaks = Exists(SavedText.objects.filter(reply=OuterRef("pk"), language=place.language))
    about = Case(
        *([When(topic_id=place.topic_id, then=Value(0))] if place.topic_id else []),
        When(topic=None, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    kind = place.channel.kind
    fits = Case(When(kinds__contains=[kind], then=Value(0)), When(kinds=[], then=Value(1)), default=Value(2))
    lately = Coalesce(used.values(n=Sum("count")), Value(0))
    return rows.annotate(about=about, speaks=speaks, fits=fits, lately=lately, sort=by_name()).order_by(
        "about", "-speaks", "fits", "-lately", "sort", "pk"
    )


def filled(replies: Sequence[SavedReply], place: Place) -> list[Choice]:
    """Each reply in the language and form of address of the place, its placeholders filled."""
    chosen = [(reply, text_of(reply, place.language, place.channel.address)) for reply in replies]
    links = addresses([row.text for _reply, row in chosen if row], place.channel)
    found = []
    for reply, row in chosen:
        if row:
            parts = filling.parts(row.text, place.values, links, placeholders.open_words(row.language))
            found.append(Choice(reply, row.language, parts, row.language == place.language))
    return found


def text_of(reply: SavedReply, language: str, address: str) -> SavedText | None:
    """The words in this language and form; else in its other form; else in any language."""
    rows = list(reply.texts.all())
    order = [
        [row for row in rows if row.language == language and row.address == address],
        [row for row in rows if row.language == language],
        [row for row in rows if row.address == address],
        rows,
    ]
    return next((group[0] for group in order if group), None)


def addresses(texts: Sequence[str], channel: Channel | None) -> dict[str, str]:
    """Code of a short link in these texts → its address for this channel, so that its clicks tell where it was read."""
    named = filling.codes(texts)
    if not named:
        return {}
    rows = ShortLink.objects.filter(code__in=named, deep_link__archived_at=None).select_related("deep_link")
    found = {row.code: row.deep_link for row in rows}
    known = actions.links_for(list({link.pk: link for link in found.values()}.values()), channel)
    return {code: known[link.pk] for code, link in found.items()}
