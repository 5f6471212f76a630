"""What a sheet of topics would do, row by row. Values in, values out; nothing is saved here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ganzohr.topics.importing.columns import AT_SITE, DEPUTY_AT_SITE, folded
from ganzohr.topics.importing.people import Index, Written, read_name, says_nobody, tidy_name
from ganzohr.topics.importing.sheets import BROKEN, Table
from ganzohr.topics.promises import DAY
from ganzohr.topics.responsible import Post, Responsible

Noun = Literal["topic", "site", "colleague"]
Outcome = Literal["new", "changed", "same", "wrong", "left"]
NEW, SKIP = "new", "skip"
EVERYWHERE = frozenset(
    [
        "alle",
        "alles",
        "all",
        "everywhere",
        "uberall",
        "overal",
        "*",
        "gesamt",
        "konzern",
        "konzernweit",
        "standortubergreifend",
        "zentral",
    ]
) | {
    "alle standorte",
    "alle hauser",
    "alle filialen",
    "all sites",
    "all locations",
    "alle locaties",
    "alle vestigingen",
}
_TIME = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(werktag|arbeitstag|tag|day|dag|werkdag|stunde|std|hour|uur|h|minut|min)?", re.I
)


@dataclass(frozen=True)
class Ref:
    """A thing that is here (`id`), or one to be made (`name`, perhaps `email`)."""

    id: int | None
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Problem:
    """Why something of a row is left out: a code and the words in the cell."""

    code: str
    value: str = ""


@dataclass(frozen=True)
class Line:
    """One row of the sheet: what it would do and why not."""

    number: int
    outcome: Outcome
    cells: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


@dataclass
class Known:
    """What is here already."""

    topics: Index
    sites: Index
    colleagues: Index
    posts: Mapping[int, Responsible] = field(default_factory=dict)
    promises: Mapping[int, int] = field(default_factory=dict)


@dataclass
class TopicPlan:
    """Everything the sheet would do. `unknown` are the names nobody here has, by noun and key."""

    lines: list[Line] = field(default_factory=list)
    unknown: dict[Noun, dict[str, Written]] = field(default_factory=lambda: {"topic": {}, "site": {}, "colleague": {}})
    posts: dict[tuple[Ref, Ref | None], tuple[Ref | None, Ref | None]] = field(default_factory=dict)
    promises: dict[Ref, int] = field(default_factory=dict)


MOST_DAYS, FEWEST_MINUTES = 10, 30  # of numbers without a unit


@dataclass(frozen=True)
class _Said:
    """One statement of a row: who answers at a site (None: everywhere), with a deputy."""

    site: str | None
    responsible: str
    deputy: str


def plan_topics(
    table: Table, meanings: Sequence[str], known: Known, decisions: Mapping[str, Mapping[str, str]]
) -> TopicPlan:
    """Row by row what would become of the sheet, with the names decided on as in `decisions` (noun → key → choice).

    A choice is `new`, `skip`, or the number of somebody known; without one an unknown name is to be made.
    """
    return _Planner(known, decisions).plan(table, meanings)


def minutes(cell: str) -> int | None:
    """`2 Werktage`, `4 h`, `480` as minutes of opening hours; None if it says no time.

    Without a unit, 1 to 10 are working days, as everybody writes them, 30 and more are minutes; between is unclear.
    """
    found = _TIME.fullmatch(cell.strip().rstrip(".").rstrip("enrs") or cell) or _TIME.search(cell)
    if not found:
        return None
    number, unit = float(found[1].replace(",", ".")), (found[2] or "").casefold()
    if not unit and number < FEWEST_MINUTES:
        return round(number * DAY) if 0 < number <= MOST_DAYS else None
    factor = DAY if unit[:3] in {"wer", "arb", "tag", "day", "dag"} else 60 if unit[:1] in {"s", "h", "u"} else 1
    return max(1, round(number * factor)) if number and number * factor <= 40 * DAY else None


class _Planner:
    def __init__(self, known: Known, decisions: Mapping[str, Mapping[str, str]]):
        self.known, self.decisions, self.result = known, decisions, TopicPlan()
        self.indexes: dict[Noun, Index] = {"topic": known.topics, "site": known.sites, "colleague": known.colleagues}
        self.problems: list[Problem] = []

    def plan(self, table: Table, meanings: Sequence[str]) -> TopicPlan:
        above = ""
        for number, cells in table.rows:
            self.problems = []
            topic = _cell(cells, meanings, "topic")
            said = list(_said(cells, meanings))
            if not topic and said and above:
                topic = above  # cells merged over several rows hold their text in the first
            above = topic or above
            outcome = self._row(topic, said, cells, meanings)
            self.result.lines.append(Line(number, outcome, tuple(cells), tuple(self.problems)))
        self._share()
        return self.result

    def _row(self, name: str, said: list[_Said], cells: Sequence[str], meanings: Sequence[str]) -> Outcome:
        if name in BROKEN:
            self.problems.append(Problem("formula", name))
            return "wrong"
        if not name:
            self.problems.append(Problem("no_topic"))
            return "wrong"
        topic = self._ref("topic", Written(name))
        if topic is None:
            return "left"
        outcomes = {self._statement(topic, one) for one in said}
        outcomes |= self._promise(topic, _cell(cells, meanings, "promise"))
        if topic.id is None and (not said or outcomes - {"wrong", "left"}):
            outcomes.add("new")
        order: tuple[Outcome, ...] = ("new", "changed", "same", "wrong", "left")
        return next((one for one in order if one in outcomes), "wrong" if self.problems else "same")

    def _statement(self, topic: Ref, said: _Said) -> Outcome:
        site = None if said.site is None else self._site(said.site)
        if said.site is not None and site is None:
            return "left"
        colleague, deputy = self._person(said.responsible), self._person(said.deputy)
        if colleague is None and not says_nobody(said.responsible):
            return "wrong" if self.problems else "left"
        if colleague and deputy == colleague:
            self.problems.append(Problem("own_deputy", said.deputy))
            deputy = None
        key, value = (topic, site), (colleague, deputy)
        if self.result.posts.get(key, value) != value:
            self.problems.append(Problem("twice", said.site or ""))
            return "wrong"
        self.result.posts[key] = value
        return self._compare(topic, site, colleague, deputy)

    def _compare(self, topic: Ref, site: Ref | None, colleague: Ref | None, deputy: Ref | None) -> Outcome:
        before = self.known.posts.get(topic.id or 0)
        if before is None or (site and site.id is None) or any(one and one.id is None for one in (colleague, deputy)):
            return "new"
        wanted = Post(colleague.id if colleague else None, deputy.id if deputy else None)
        if site is None:
            return "same" if before.everywhere == wanted else "changed"
        own = before.at_site.get(site.id or 0)
        return "same" if (own or before.everywhere) == wanted else "changed" if own else "new"

    def _promise(self, topic: Ref, cell: str) -> set[Outcome]:
        if not cell:
            return set()
        wanted = None if cell in BROKEN else minutes(cell)
        if wanted is None:
            self.problems.append(Problem("no_time", cell))
            return {"wrong"}
        self.result.promises[topic] = wanted
        return {"same" if self.known.promises.get(topic.id or 0) == wanted else "changed"}

    def _site(self, name: str) -> Ref | None:
        if name in BROKEN:
            self.problems.append(Problem("formula", name))
            return None
        return self._ref("site", Written(name))

    def _person(self, cell: str) -> Ref | None:
        if cell in BROKEN:
            self.problems.append(Problem("formula", cell))
            return None
        named = read_name(cell)
        if len(named) > 1 and not self.known.colleagues.find(Written(cell)):
            self.problems.append(Problem("several", cell))
            return None
        return self._ref("colleague", Written(cell) if len(named) > 1 else named[0]) if named else None

    def _ref(self, noun: Noun, written: Written) -> Ref | None:
        found = self.indexes[noun].find(written)
        if found:
            return Ref(found.id)
        self.result.unknown[noun].setdefault(written.key, written)
        choice = self.decisions.get(noun, {}).get(written.key, NEW)
        if choice == SKIP:
            self.problems.append(Problem(f"left_{noun}", written.name))
            return None
        if choice.isdecimal():
            return Ref(int(choice))
        first = self.result.unknown[noun][written.key]
        return Ref(None, tidy_name(first.name) if noun == "colleague" else first.name, first.email)

    def _share(self) -> None:
        """Where a sheet names somebody for every site but nobody for everywhere, the most frequent stands there."""
        places = {site for _topic, site in self.result.posts if site is not None}
        all_sites = {Ref(one.id) for one in self.known.sites.known} | places
        for topic in {topic for topic, _site in self.result.posts}:
            own = {site: post for (one, site), post in self.result.posts.items() if one == topic}
            if None in own or len(all_sites) < 2 or set(own) != all_sites:
                continue
            counted = Counter(post for post in own.values() if post[0]).most_common(1)
            if counted and counted[0][1] > 1:
                self.result.posts[(topic, None)] = counted[0][0]


def _said(cells: Sequence[str], meanings: Sequence[str]) -> Iterable[_Said]:
    responsible, deputy = _cell(cells, meanings, "responsible"), _cell(cells, meanings, "deputy")
    if responsible:
        site = _cell(cells, meanings, "site")
        everywhere = not site or folded(site) in EVERYWHERE
        yield _Said(None if everywhere else site, responsible, deputy)
    for index, meaning in enumerate(meanings):
        if meaning.startswith(AT_SITE) and cells[index]:
            site = meaning.removeprefix(AT_SITE)
            named = _cell(cells, meanings, f"{DEPUTY_AT_SITE}{site}") or ("" if responsible else deputy)
            yield _Said(None if folded(site) in EVERYWHERE else site, cells[index], named)


def _cell(cells: Sequence[str], meanings: Sequence[str], meaning: str) -> str:
    return cells[meanings.index(meaning)] if meaning in meanings else ""
