"""All that the page of all topics shows, in a handful of queries however many topics, sites and people there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from ganzohr.accounts.models import User
from ganzohr.core.times import now
from ganzohr.directory.models import Absence, Colleague, Site
from ganzohr.topics import responsible
from ganzohr.topics.models import Responsibility, Topic
from ganzohr.topics.responsible import Answers, Post, Responsible
from ganzohr.ui.keyset import Slice

FEW_SITES = 4  # up to here each site has a column
SIZE = 25


@dataclass(frozen=True)
class Cell:
    """Who answers at some sites. `span` columns wide; `is_everywhere` when these are all."""

    sites: Sequence[Site]
    colleague: Colleague | None
    deputy: Colleague | None
    away: Absence | None
    span: int
    is_everywhere: bool

    @property
    def named_sites(self) -> str:
        """The sites by name, the first three of many."""
        names = [site.name for site in self.sites]
        return ", ".join(names[:3]) + (f" +{len(names) - 3}" if len(names) > 3 else "")

    @property
    def stands_in(self) -> Colleague | None:
        """Who answers while the colleague is away."""
        return (self.away.deputy if self.away else None) or self.deputy


@dataclass(frozen=True)
class Row:
    """A topic with its cells: one for each group of neighbouring sites, or the common one and those that differ."""

    topic: Topic
    cells: Sequence[Cell]
    is_open: bool
    figures: Sequence[tuple[object, int]] = ()


@dataclass(frozen=True)
class Duty:
    """Somebody who answers or stands in, and for how many topics."""

    colleague: Colleague
    answers: int
    stands_in: int
    has_deputy: bool
    away: Absence | None


@dataclass
class Overview:
    """All topics as one user sees them."""

    sites: list[Site]
    topics: list[Topic]
    posts: Mapping[int, Responsible]
    people: Mapping[int, Colleague]
    away: Mapping[int, Absence]
    usual: Mapping[int, int | None] = field(init=False)

    def __post_init__(self) -> None:
        self.usual = {pk: person.deputy_id for pk, person in self.people.items()}

    @property
    def has_columns(self) -> bool:
        """Few enough sites for a column each."""
        return 0 < len(self.sites) <= FEW_SITES

    @property
    def site_ids(self) -> list[int]:
        """The sites in the order of the columns."""
        return [site.pk for site in self.sites]

    @property
    def with_gaps(self) -> list[Topic]:
        """The topics nobody answers somewhere."""
        return [topic for topic in self.topics if self.is_open(topic)]

    @property
    def without_deputy(self) -> set[int]:
        """Whoever answers and has no deputy; behind a shared mailbox sit several anyway."""
        alone = responsible.without_deputy(self.posts.values(), self.site_ids, self.usual)
        return {pk for pk in alone if pk in self.people and self.people[pk].kind == Colleague.Kind.PERSON}

    def is_open(self, topic: Topic) -> bool:
        """Nobody answers the topic at some site."""
        return bool(responsible.open_sites(self.posts[topic.pk], self.site_ids))

    def row(self, topic: Topic, figures: Sequence[tuple[object, int]] = ()) -> Row:
        """The topic as a row of the table."""
        post = self.posts[topic.pk]
        if self.has_columns:
            groups = responsible.groups(post, self.site_ids, self.usual)
            cells = [self._cell(group.sites, group.answers, len(group.sites)) for group in groups]
        else:
            common = responsible.who_answers(post, None, self.usual)
            apart = responsible.exceptions(post, self.site_ids, self.usual)
            cells = [self._cell((), common, 1), *(self._cell(group.sites, group.answers, 1) for group in apart)]
        return Row(topic, cells, self.is_open(topic), figures)

    def duties(self) -> list[Duty]:
        """Everybody who answers or stands in, by department and name: not a ranking."""
        answering: dict[int, set[int]] = {}
        standing: dict[int, set[int]] = {}
        for topic in self.topics:
            for answers in self._answers(topic):
                _note(answering, answers.colleague, topic)
                _note(standing, answers.deputy, topic)
        alone = self.without_deputy
        found = [
            Duty(
                self.people[pk],
                len(answering.get(pk, ())),
                len(standing.get(pk, ())),
                pk not in alone,
                self.away.get(pk),
            )
            for pk in {*answering, *standing}
            if pk in self.people
        ]
        return sorted(found, key=lambda duty: (_department(duty.colleague), duty.colleague.name.casefold()))

    def _answers(self, topic: Topic) -> list[Answers]:
        post = self.posts[topic.pk]
        places: Sequence[int | None] = self.site_ids or [None]
        return [responsible.who_answers(post, site, self.usual) for site in places]

    def _cell(self, sites: Iterable[int], answers: Answers, span: int) -> Cell:
        by_id = {site.pk: site for site in self.sites}
        chosen = [by_id[site] for site in sites]
        return Cell(
            chosen,
            self.people.get(answers.colleague or 0),
            self.people.get(answers.deputy or 0),
            self.away.get(answers.colleague or 0),
            max(span, 1),
            not chosen or len(chosen) == len(self.sites),
        )


def read(user: User, *, archived: bool = False) -> Overview:
    """All topics in use (or those archived), at the sites this user may see."""
    topics = list(Topic.objects.exclude(archived_at=None) if archived else Topic.objects.in_use())
    return Overview(_sites(user), topics, posts_of(topics), people(), away_today())


def _sites(user: User) -> list[Site]:
    return sorted(Site.objects.visible_to(user).in_use(), key=lambda site: site.name.casefold())


def people_without_deputy(user: User) -> set[int]:
    """Who answers a topic in use and whom nobody stands in for, as this user's page of topics counts them."""
    topics = list(Topic.objects.in_use())
    return Overview(_sites(user), topics, posts_of(topics), people(), {}).without_deputy if topics else set()


def posts_of(topics: Iterable[Topic]) -> dict[int, Responsible]:
    """Who answers these topics, as values."""
    chosen = list(topics)
    at_site: dict[int, dict[int, Post]] = {topic.pk: {} for topic in chosen}
    rows = Responsibility.objects.filter(topic__in=chosen)
    for topic, site, colleague, deputy in rows.values_list("topic_id", "site_id", "colleague_id", "deputy_id"):
        at_site[topic][site] = Post(colleague, deputy)
    return {topic.pk: Responsible(Post(topic.responsible_id, topic.deputy_id), at_site[topic.pk]) for topic in chosen}


def people() -> dict[int, Colleague]:
    """Everybody who has not left, with site and department."""
    return {person.pk: person for person in Colleague.objects.here().select_related("site", "department")}


def away_today() -> dict[int, Absence]:
    """Who is away today; of several absences the one that ends last."""
    on = today()
    rows = Absence.objects.filter(from_on__lte=on, until_on__gte=on).select_related("deputy").order_by("until_on")
    return {absence.colleague_id: absence for absence in rows}


def today() -> date:
    """The date in the time zone of the desk."""
    return now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def search(topics: Sequence[Topic], words: str) -> list[Topic]:
    """The topics whose name or description, in any language, contains every word."""
    wanted = words.casefold().split()
    return [topic for topic in topics if all(word in _text(topic) for word in wanted)]


def sliced(topics: Sequence[Topic], after: str) -> Slice[Topic]:
    """One page of topics, after the one whose number is given."""
    numbers = [str(topic.pk) for topic in topics]
    start = numbers.index(after) + 1 if after in numbers else 0
    shown = list(topics[start : start + SIZE])
    return Slice(shown, str(shown[-1].pk) if shown and start + SIZE < len(topics) else "")


_figures: list[tuple[object, str]] = []


def labels_of_figures() -> list[object]:
    """The names of the columns that rooms above fill."""
    return [label for label, _function in _figures]


def figures_of(topics: Sequence[Topic]) -> dict[int, list[tuple[object, int]]]:
    """For each topic what rooms above count, with its name; one query for each column."""
    ids = [topic.pk for topic in topics]
    columns = [(label, import_string(function)(ids)) for label, function in _figures]
    return {pk: [(label, column.get(pk, 0)) for label, column in columns] for pk in ids}


def tie(figures: Sequence[tuple[object, str]]) -> None:
    """Set once at start which columns rooms above fill: label and function."""
    _figures[:] = figures


def _text(topic: Topic) -> str:
    return " ".join([*topic.names.values(), *topic.descriptions.values()]).casefold()


def _note(found: dict[int, set[int]], colleague: int | None, topic: Topic) -> None:
    if colleague is not None:
        found.setdefault(colleague, set()).add(topic.pk)


def _department(colleague: Colleague) -> str:
    return colleague.department.name.casefold() if colleague.department else "\uffff"


def reading_order(languages: Iterable[str]) -> list[str]:
    """Languages of texts, the reader's own first."""
    own = (get_language() or "en")[:2]
    return sorted(languages, key=lambda language: (language != own, language))
