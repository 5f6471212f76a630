"""How a saved reply would read, language by language, and where it would be too long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ganzohr.channels.accounts import connector_of
from ganzohr.channels.models import Channel
from ganzohr.directory.models import Site
from ganzohr.knowledge import choosing, filling, placeholders
from ganzohr.knowledge.reply_forms import FORMS, form_name, kind_name
from ganzohr.topics.models import Topic


@dataclass(frozen=True)
class TooLong:
    """It would not fit there."""

    where: str
    length: int
    limit: int
    is_public: bool


@dataclass(frozen=True)
class Shown:
    """One language and form of address."""

    language: str
    label: str
    parts: tuple[filling.Part, ...]
    too_long: tuple[TooLong, ...]


def limits(channels: Sequence[Channel], kinds: Sequence[str]) -> dict[tuple[str, bool], int]:
    """(kind, is public) → how long an answer may be, for the kinds this reply is for among the channels we have."""
    found: dict[tuple[str, bool], int] = {}
    for channel in channels:
        if not kinds or channel.kind in kinds:
            abilities = connector_of(channel).abilities
            found[channel.kind, False] = abilities.max_length
            if abilities.max_public_length:
                found[channel.kind, True] = abilities.max_public_length
    return found


def shown(
    texts: Mapping[tuple[str, str], str], topic: Topic | None, site: Site | None, kinds: Sequence[str]
) -> list[Shown]:
    """Every text with example values, in the order of the form."""
    channels = list(Channel.objects.exclude(state=Channel.State.DISCONNECTED))
    most, links = limits(channels, kinds), choosing.addresses(list(texts.values()), None)
    found = []
    for language, address in FORMS:
        if text := texts.get((language, address), ""):
            values = placeholders.sample(language, topic.name_in(language) if topic else "", site.name if site else "")
            parts = filling.parts(text, values, links, placeholders.open_words(language))
            found.append(Shown(language, form_name(language, address), parts, too_long(parts, most)))
    return found


def too_long(parts: Sequence[filling.Part], most: Mapping[tuple[str, bool], int]) -> tuple[TooLong, ...]:
    """Where these words would not fit."""
    length = sum(len(part.text) for part in parts)
    return tuple(
        TooLong(kind_name(kind), length, limit, is_public)
        for (kind, is_public), limit in sorted(most.items())
        if length > limit
    )
