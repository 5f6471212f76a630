"""What a sheet of topics would do, row by row. Values in, values out; nothing is saved here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ganzohr.topics.importing.columns import AT_SITE, DEPUTY_AT_SITE
from ganzohr.topics.importing.people import (
    Index,
    Written,
    no_mail_in,
    places_in,
    read_name,
    says_everywhere,
    says_nobody,
    tidy_name,
)
from ganzohr.topics.importing.sheets import BROKEN, Table
from ganzohr.topics.promises import DAY
from ganzohr.topics.responsible import Post, Responsible

Noun = Literal["topic", "site", "colleague", "department"]
Outcome = Literal["new", "changed", "same", "wrong", "open", "left"]
NEW, SKIP, OPEN = "new", "skip", "open"
ROW = "row"  # decisions about rows: line number → SKIP
FEW_PEOPLE = 3  # whoever set the desk up: a sheet then brings everybody else
_ONLY_SAID = frozenset({"from_above", "own_deputy", "time_twice", "text_twice", "no_such_person", "more_mails"})
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
    """What is to be said about a row: a code and the words in the cell, perhaps a second word."""

    code: str
    value: str = ""
    other: str = ""

    @property
    def weight(self) -> Literal["error", "question", "remark"]:
        """An error or an open question keeps the whole row out; a remark only says what becomes of it."""
        if self.code.startswith("open_"):
            return "question"
        return "remark" if self.code in _ONLY_SAID or self.code.startswith("left_") else "error"


@dataclass(frozen=True)
class Line:
    """One row of the sheet: what it would do and why not."""

    number: int
    outcome: Outcome
    cells: tuple[str, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def takes_from_above(self) -> bool:
        """The row names no topic and takes the one above it."""
        return any(one.code in ("from_above", "left_row") for one in self.problems)


@dataclass
class Known:
    """What is here already; `descriptions` in the language of whoever imports."""

    topics: Index
    sites: Index
    colleagues: Index
    posts: Mapping[int, Responsible] = field(default_factory=dict)
    promises: Mapping[int, int] = field(default_factory=dict)
    descriptions: Mapping[int, str] = field(default_factory=dict)


@dataclass
class TopicPlan:
    """Everything the sheet would do. `unknown` are the names nobody here has, by noun and key."""

    lines: list[Line] = field(default_factory=list)
    unknown: dict[Noun, dict[str, Written]] = field(default_factory=lambda: {"topic": {}, "site": {}, "colleague": {}})
    topics: set[Ref] = field(default_factory=set)
    changed: set[Ref] = field(default_factory=set)
    posts: dict[tuple[Ref, Ref | None], tuple[Ref | None, Ref | None]] = field(default_factory=dict)
    promises: dict[Ref, int] = field(default_factory=dict)
    descriptions: dict[Ref, str] = field(default_factory=dict)


MOST_DAYS, FEWEST_MINUTES = 10, 30  # of numbers without a unit
CLOCK_DAY = 24  # hours


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

    A choice is `new`, `skip`, or the number of somebody known; without one see `usual_choice`.
    """
    return _Planner(known, decisions).plan(table, meanings)


def minutes(cell: str) -> int | None:
    """`2 Werktage`, `4 h`, `480` as minutes of opening hours; None if it says no time.

    Without a unit, 1 to 10 are working days, as everybody writes them, 30 and more are minutes; between is unclear.
    Whoever writes 24 or 48 hours means one or two days by the clock, not three or six days of work.
    """
    found = _TIME.fullmatch(cell.strip().rstrip(".").rstrip("enrs") or cell) or _TIME.search(cell)
    if not found:
        return None
    number, unit = float(found[1].replace(",", ".")), (found[2] or "").casefold()
    if not unit and number < FEWEST_MINUTES:
        return round(number * DAY) if 0 < number <= MOST_DAYS else None
    if unit[:1] in {"s", "h", "u"} and number >= CLOCK_DAY and number % CLOCK_DAY == 0:
        number, unit = number / CLOCK_DAY, "day"
    factor = DAY if unit[:3] in {"wer", "arb", "tag", "day", "dag"} else 60 if unit[:1] in {"s", "h", "u"} else 1
    return max(1, round(number * factor)) if number and number * factor <= 40 * DAY else None


def usual_choice(noun: Noun, index: Index, written: Written) -> str:
    """What becomes of an unknown name nobody decided on: made, where nothing of that kind is here yet or where a topic
    resembles none; else somebody has to say so, for it may be misspelt."""
    begins = len(index.known) <= (FEW_PEOPLE if noun == "colleague" else 0)
    if (begins or noun in ("topic", "department")) and not index.near(written):
        return NEW
    return OPEN


class _Planner:
    def __init__(self, known: Known, decisions: Mapping[str, Mapping[str, str]]):
        self.known, self.decisions, self.result = known, decisions, TopicPlan()
        self.indexes: dict[Noun, Index] = {"topic": known.topics, "site": known.sites, "colleague": known.colleagues}
        self.problems: list[Problem] = []
        self.usual: dict[tuple[Noun, str], str] = {}
        self.lines: dict[object, int] = {}

    def plan(self, table: Table, meanings: Sequence[str]) -> TopicPlan:
        above = ""
        for number, cells in table.rows:
            self.problems = []
            topic = _cell(cells, meanings, "topic")
            said = [one for row in _said(cells, meanings) for one in self._by_site(row)]
            if not topic and said and above:
                topic = above  # cells merged over several rows hold their text in the first
                is_left = self.decisions.get(ROW, {}).get(str(number)) == SKIP
                self.problems.append(Problem("left_row" if is_left else "from_above", topic))
            above = topic or above
            outcome = self._row(number, topic, said, cells, meanings)
            self.result.lines.append(Line(number, outcome, tuple(cells), tuple(self.problems)))
        self._share()
        return self.result

    def _row(self, number: int, name: str, said: list[_Said], cells: Sequence[str], meanings: Sequence[str]) -> Outcome:
        """Everything a row says, or nothing of it."""
        if name in BROKEN or not name:
            self.problems.append(Problem("formula" if name else "no_topic", name))
        if any(one.code == "left_row" for one in self.problems):
            return "left"
        topic = self._ref("topic", Written(name)) if name and name not in BROKEN else None
        posts = [post for one in said if (post := self._post(topic or Ref(0), one))]
        time = self._time(_cell(cells, meanings, "promise"))
        weights = {one.weight for one in self.problems}
        if "error" in weights or "question" in weights:
            return "wrong" if "error" in weights else "open"
        if topic is None or (said and not posts):
            return "left"
        self.result.topics.add(topic)
        outcomes = {"new"} if topic.id is None and topic not in self.lines else {"same"}
        self.lines.setdefault(topic, number)
        outcomes |= {self._take(number, topic, *post) for post in posts}
        outcomes |= {
            self._promise(number, topic, time),
            self._text(number, topic, _cell(cells, meanings, "description")),
        }
        order: tuple[Outcome, ...] = ("new", "changed", "same")
        outcome = next(one for one in order if one in outcomes)
        if topic.id and outcome != "same":
            self.result.changed.add(topic)
        return outcome

    def _by_site(self, said: _Said) -> list[_Said]:
        """One statement for each site where a cell names several that are here; anything else stays as written."""
        if said.site is None or self.known.sites.find(Written(said.site)):
            return [said]
        named = places_in(said.site)
        if len(named) < 2 or not all(self.known.sites.find(Written(name)) for name in named):
            return [said]
        return [replace(said, site=name) for name in named]

    def _post(self, topic: Ref, said: _Said) -> tuple[Ref | None, Ref | None, Ref | None] | None:
        """Site, who answers and the deputy; None where something of it is not to be taken."""
        before = len(self.problems)
        site = None if said.site is None else self._site(said.site)
        colleague, deputy = self._person(said.responsible), self._person(said.deputy)
        if colleague and deputy == colleague:
            self.problems.append(Problem("own_deputy", said.deputy))
            deputy = None
        if (said.site is not None and site is None) or (colleague is None and not says_nobody(said.responsible)):
            return None
        if self.result.posts.get((topic, site), (colleague, deputy)) != (colleague, deputy):
            self.problems.append(Problem("twice", str(self.lines[topic, site])))
        fatal = any(one.weight != "remark" for one in self.problems[before:])
        return None if fatal else (site, colleague, deputy)

    def _take(self, number: int, topic: Ref, site: Ref | None, colleague: Ref | None, deputy: Ref | None) -> Outcome:
        self.result.posts[topic, site] = (colleague, deputy)
        self.lines.setdefault((topic, site), number)
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

    def _time(self, cell: str) -> int | None:
        wanted = None if not cell or cell in BROKEN else minutes(cell)
        if cell and wanted is None:
            self.problems.append(Problem("no_time", cell))
        return wanted

    def _promise(self, number: int, topic: Ref, wanted: int | None) -> Outcome:
        if wanted is None:
            return "same"
        if self.result.promises.setdefault(topic, wanted) != wanted:
            self.problems.append(Problem("time_twice", str(self.lines[topic, "promise"])))
            return "same"
        self.lines.setdefault((topic, "promise"), number)
        return "same" if self.known.promises.get(topic.id or 0) == wanted else "changed"

    def _text(self, number: int, topic: Ref, text: str) -> Outcome:
        if not text or text in BROKEN:
            return "same"
        if self.result.descriptions.setdefault(topic, text) != text:
            self.problems.append(Problem("text_twice", str(self.lines[topic, "text"])))
            return "same"
        self.lines.setdefault((topic, "text"), number)
        return "same" if self.known.descriptions.get(topic.id or 0, "") == text else "changed"

    def _site(self, name: str) -> Ref | None:
        if name in BROKEN:
            self.problems.append(Problem("formula", name))
            return None
        return self._ref("site", Written(name))

    def _person(self, cell: str) -> Ref | None:
        if cell in BROKEN:
            self.problems.append(Problem("formula", cell))
            return None
        if no_mail_in(cell):
            self.problems.append(Problem("bad_mail", cell))
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
        choice = self.decisions.get(noun, {}).get(written.key) or self._usual(noun, written)
        if choice in (SKIP, OPEN):
            self.problems.append(Problem(f"{'left' if choice == SKIP else 'open'}_{noun}", written.name))
            return None
        if choice.isdecimal():
            return Ref(int(choice))
        first = self.result.unknown[noun][written.key]
        return Ref(None, tidy_name(first.name) if noun == "colleague" else first.name, first.email)

    def _usual(self, noun: Noun, written: Written) -> str:
        if (noun, written.key) not in self.usual:
            self.usual[noun, written.key] = usual_choice(noun, self.indexes[noun], written)
        return self.usual[noun, written.key]

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
        everywhere = not site or says_everywhere(site)
        yield _Said(None if everywhere else site, responsible, deputy)
    for index, meaning in enumerate(meanings):
        if meaning.startswith(AT_SITE) and cells[index]:
            site = meaning.removeprefix(AT_SITE)
            named = _cell(cells, meanings, f"{DEPUTY_AT_SITE}{site}") or ("" if responsible else deputy)
            yield _Said(None if says_everywhere(site) else site, cells[index], named)


def _cell(cells: Sequence[str], meanings: Sequence[str], meaning: str) -> str:
    return cells[meanings.index(meaning)] if meaning in meanings else ""
