"""Who answers a topic at a site, who stands in, and where nobody does. Values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Why = Literal["site", "topic", "nobody"]


@dataclass(frozen=True)
class Post:
    """A responsible colleague and who stands in for them there; None is nobody."""

    colleague: int | None = None
    deputy: int | None = None


@dataclass(frozen=True)
class Responsible:
    """A topic's colleague everywhere, and the sites where it differs."""

    everywhere: Post = Post()
    at_site: Mapping[int, Post] = field(default_factory=dict)


@dataclass(frozen=True)
class Answers:
    """Who answers, with the deputy that counts, and why it is them."""

    colleague: int | None
    deputy: int | None
    why: Why


@dataclass(frozen=True)
class Group:
    """Sites next to each other where the same colleague answers."""

    sites: tuple[int, ...]
    answers: Answers


def who_answers(topic: Responsible, site: int | None, usual: Mapping[int, int | None]) -> Answers:
    """What stands for the site goes before what stands for everywhere, also when it says that nobody answers there.

    The deputy of the post goes before the one of the same colleague everywhere, and that one before the colleague's
    usual deputy (`usual`). Nobody is their own deputy.
    """
    own = topic.at_site.get(site) if site is not None else None
    post = own if own is not None else topic.everywhere
    if post.colleague is None:
        return Answers(None, None, "nobody")
    same = topic.everywhere.deputy if topic.everywhere.colleague == post.colleague else None
    named = (post.deputy, same, usual.get(post.colleague))
    deputy = next((one for one in named if one is not None and one != post.colleague), None)
    return Answers(post.colleague, deputy, "site" if own is not None else "topic")


def groups(topic: Responsible, sites: Sequence[int], usual: Mapping[int, int | None]) -> list[Group]:
    """The sites in their order, neighbours with the same answer together; without any site one group for everywhere."""
    if not sites:
        return [Group((), who_answers(topic, None, usual))]
    found: list[Group] = []
    for site in sites:
        answers = who_answers(topic, site, usual)
        if found and _same(found[-1].answers, answers):
            found[-1] = Group((*found[-1].sites, site), found[-1].answers)
        else:
            found.append(Group((site,), answers))
    return found


def exceptions(topic: Responsible, sites: Sequence[int], usual: Mapping[int, int | None]) -> list[Group]:
    """The sites where somebody else answers than everywhere, or nobody; all with the same answer together."""
    common = who_answers(topic, None, usual)
    by_answer: dict[tuple[int | None, int | None], list[int]] = {}
    for site in sites:
        answers = who_answers(topic, site, usual)
        if not _same(common, answers):
            by_answer.setdefault((answers.colleague, answers.deputy), []).append(site)
    return [Group(tuple(own), who_answers(topic, own[0], usual)) for own in by_answer.values()]


def open_sites(topic: Responsible, sites: Sequence[int]) -> list[int | None]:
    """The sites where nobody answers; [None] when there are no sites and nobody answers at all."""
    places: Sequence[int | None] = sites or [None]
    return [site for site in places if who_answers(topic, site, {}).colleague is None]


def without_deputy(topics: Iterable[Responsible], sites: Sequence[int], usual: Mapping[int, int | None]) -> set[int]:
    """The colleagues who answer somewhere and whom nobody stands in for."""
    places: Sequence[int | None] = sites or [None]
    answers = (who_answers(topic, site, usual) for topic in topics for site in places)
    return {one.colleague for one in answers if one.colleague is not None and one.deputy is None}


def _same(one: Answers, other: Answers) -> bool:
    return (one.colleague, one.deputy) == (other.colleague, other.deputy)
