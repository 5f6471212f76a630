"""Who is asked, and why. Values in, values out.

The same person talks to the same expert about the same topic, unless that expert is away. Else the colleague who
answers the topic at this site, else the one who answers it everywhere; whoever is away is represented by a deputy,
whose deputy may represent them in turn. Where a deputy speaks the language asked for and the responsible colleague
does not, the deputy is asked. Whoever said that it is not theirs is left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Code = Literal["same", "site", "topic", "away", "language", "unreachable", "nobody", "all_away", "suggested", "chosen"]


@dataclass(frozen=True)
class Person:
    """A colleague as far as routing minds. No languages means: answers in any."""

    id: int
    languages: frozenset[str] = frozenset()
    deputy: int | None = None
    can_be_asked: bool = True


@dataclass(frozen=True)
class Post:
    """Who answers a topic, everywhere or at one site, and who stands in."""

    colleague: int | None
    deputy: int | None = None


@dataclass(frozen=True)
class Away:
    """A colleague is away on these days, both included."""

    colleague: int
    from_on: dt.date
    until_on: dt.date
    deputy: int | None = None


@dataclass(frozen=True)
class Route:
    """Whom to ask (nobody: a gap), for whom they stand in, until when that one is away, and why in codes."""

    colleague: int | None
    why: tuple[Code, ...]
    deputy_of: int | None = None
    until: dt.date | None = None


@dataclass(frozen=True)
class Facts:
    """Everything routing looks at."""

    today: dt.date
    language: str = ""
    site_post: Post | None = None
    topic_post: Post | None = None
    previous: int | None = None
    people: Mapping[int, Person] = field(default_factory=dict)
    absences: Sequence[Away] = ()
    without: frozenset[int] = frozenset()

    def absence_of(self, colleague: int) -> Away | None:
        """Today's absence; the one that ends last if there are several."""
        found = [a for a in self.absences if a.colleague == colleague and a.from_on <= self.today <= a.until_on]
        return max(found, key=lambda away: away.until_on, default=None)

    def is_here(self, colleague: int | None) -> bool:
        """Can be asked today."""
        person = self.people.get(colleague) if colleague is not None else None
        if person is None or not person.can_be_asked or person.id in self.without:
            return False
        return self.absence_of(person.id) is None

    def speaks(self, colleague: int) -> bool:
        """Answers in the language asked for, as far as we know."""
        languages = self.people[colleague].languages
        return not languages or not self.language or self.language in languages


def route(facts: Facts) -> Route:
    """Whom to ask today."""
    if facts.previous is not None and facts.is_here(facts.previous):
        return Route(facts.previous, ("same",))
    posts: list[tuple[Code, Post | None]] = [("site", facts.site_post), ("topic", facts.topic_post)]
    named = [(code, post) for code, post in posts if post and (post.colleague or post.deputy)]
    for code, post in named:
        found = _at(code, post, facts)
        if found:
            return found
    return Route(None, ("all_away",) if named else ("nobody",))


def stand_in(colleague: int, facts: Facts) -> Route | None:
    """Who answers for this colleague today: themselves, or the first deputy in their chain who is here."""
    return _at("topic", Post(colleague), facts)


def _at(code: Code, post: Post, facts: Facts) -> Route | None:
    if post.colleague is None:
        return Route(post.deputy, (code,)) if facts.is_here(post.deputy) else None
    if facts.is_here(post.colleague):
        return _speaking(code, post, facts)
    away = facts.absence_of(post.colleague)
    for deputy in _deputies(post.colleague, post.deputy, facts):
        if facts.is_here(deputy):
            why: Code = "away" if away else "unreachable"
            return Route(deputy, (code, why), post.colleague, away.until_on if away else None)
    return None


def _speaking(code: Code, post: Post, facts: Facts) -> Route:
    """The responsible colleague, unless only the deputy speaks the language."""
    assert post.colleague is not None
    deputy = post.deputy
    if deputy is not None and facts.is_here(deputy) and not facts.speaks(post.colleague) and facts.speaks(deputy):
        return Route(deputy, (code, "language"), post.colleague)
    return Route(post.colleague, (code,))


def _deputies(colleague: int, of_post: int | None, facts: Facts) -> Iterator[int]:
    """Everybody in the chain of deputies, nearest first, each once, however the chain runs in circles.

    The deputy named for the absence goes before the one of the post, and that one before the colleague's own.
    """
    seen, waiting = {colleague}, [_named_for_absence(colleague, facts), of_post, _own(colleague, facts)]
    while waiting:
        deputy = waiting.pop(0)
        if deputy is None or deputy in seen:
            continue
        seen.add(deputy)
        yield deputy
        waiting += [_named_for_absence(deputy, facts), _own(deputy, facts)]


def _named_for_absence(colleague: int, facts: Facts) -> int | None:
    away = facts.absence_of(colleague)
    return away.deputy if away else None


def _own(colleague: int, facts: Facts) -> int | None:
    person = facts.people.get(colleague)
    return person.deputy if person else None
