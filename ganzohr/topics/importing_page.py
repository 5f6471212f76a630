"""What the page of a sheet shows: columns and what they hold, unknown names, and rows with what they would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import QueryDict

from ganzohr.topics import known, words
from ganzohr.topics.importing import columns, sheets
from ganzohr.topics.importing.colleague_plan import ColleaguePlan, plan_colleagues
from ganzohr.topics.importing.people import Index, Written
from ganzohr.topics.importing.topic_plan import (
    NEW,
    OPEN,
    ROW,
    SKIP,
    Line,
    Noun,
    Problem,
    TopicPlan,
    minutes,
    plan_topics,
    usual_choice,
)
from ganzohr.topics.models import Sheet
from ganzohr.topics.promises import in_words

MOST_NAMES = 100
MOST_LINES = 60
_ALL_UP_TO = 60


@dataclass(frozen=True)
class Column:
    """A column: its header, a few of its cells, what it may hold and what it holds."""

    name: str
    header: str
    sample: str
    choices: list[tuple[str, str]]
    meaning: str


@dataclass(frozen=True)
class Name:
    """A name nobody here has, those it might mean, the nearest of them, and what was chosen."""

    field: str
    written: Written
    choices: list[tuple[str, str]]
    chosen: str
    near: str

    @property
    def is_open(self) -> bool:
        """Somebody has to say what is meant."""
        return self.chosen == OPEN


@dataclass(frozen=True)
class Said:
    """Something about a row in words: an error, an open question or a remark."""

    weight: str
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class ShownLine:
    """A row with its outcome and what is wrong with it, in words."""

    number: int
    outcome: str
    outcome_words: str
    text: str
    problems: list[Said]
    may_be_left: bool
    is_left: bool


@dataclass(frozen=True)
class Shown:
    """The whole page."""

    columns: list[Column]
    names: dict[str, list[Name]]
    more_names: int
    counts: list[tuple[str, str, int]]
    lines: list[ShownLine]
    more_lines: int
    notes: list[str]
    does_something: bool
    open_rows: int


def header_words(kind: str) -> sheets.IsHeader:
    """How the header of a sheet of this kind is told from the rows above it."""
    return columns.counts_as_header(columns.TOPIC_WORDS if kind == Sheet.Kind.TOPICS else columns.COLLEAGUE_WORDS)


def guess(kind: str, header: list[str]) -> list[str]:
    """What the columns of a sheet of this kind hold, by their header."""
    return (
        columns.guess_topics(header, known.site_names())
        if kind == Sheet.Kind.TOPICS
        else columns.guess_colleagues(header)
    )


def table_of(sheet: Sheet) -> sheets.Table:
    """The kept sheet as it was read."""
    return sheets.Table(sheet.header, [(number, list(cells)) for number, cells in sheet.rows], sheet.notes)


def plan(sheet: Sheet) -> TopicPlan | ColleaguePlan:
    """What the sheet would do now."""
    if sheet.kind == Sheet.Kind.TOPICS:
        return plan_topics(
            table_of(sheet), sheet.meanings, known.known_for_topics(sheet.user.language), sheet.decisions
        )
    return plan_colleagues(table_of(sheet), sheet.meanings, known.known_for_colleagues(), sheet.decisions)


def shown(sheet: Sheet) -> Shown:
    """The page of the sheet."""
    found = plan(sheet)
    names = _names(sheet, found)
    lines = sorted(found.lines, key=lambda line: (_weight(line.problems), _ORDER[line.outcome], line.number))
    counts: Counter[str] = Counter(line.outcome for line in found.lines)
    return Shown(
        _columns(sheet),
        {noun: rows for noun, rows in names.items() if rows},
        sum(max(len(rows) - MOST_NAMES, 0) for rows in found.unknown.values()),
        [(one, str(words.OUTCOMES[one]), counts[one]) for one in words.OUTCOMES if counts[one]],
        [_line(line, sheet.meanings) for line in lines[:MOST_LINES]],
        max(len(lines) - MOST_LINES, 0),
        [words.note(code) for code in sheet.notes],
        bool(counts["new"] + counts["changed"]),
        counts["open"],
    )


_ORDER = {"wrong": 0, "open": 1, "left": 2, "changed": 3, "new": 4, "same": 5}


def _weight(problems: Iterable[Problem]) -> int:
    return min((("error", "question", "remark").index(one.weight) for one in problems), default=3)


def chosen(sheet: Sheet, data: QueryDict) -> tuple[list[str], dict[str, dict[str, str]]]:
    """Meanings and decisions as sent; what was not offered counts as left out."""
    allowed = [{value for value, _words in column.choices} for column in _columns(sheet)]
    sent = [data.get(f"column-{index}", meaning) for index, meaning in enumerate(sheet.meanings)]
    meanings = [one if one in choices else "" for one, choices in zip(sent, allowed, strict=True)]
    decisions: dict[str, dict[str, str]] = {noun: dict(row) for noun, row in sheet.decisions.items()}
    for noun, rows in _names(sheet, plan(sheet)).items():
        mine = decisions.setdefault(noun, {})
        for row in rows:
            if data.get(row.field) in {value for value, _words in row.choices}:
                mine[row.written.key] = str(data[row.field])
    for noun in data.getlist("make-all"):
        mine = decisions.setdefault(noun, {})
        mine |= {name.written.key: NEW for name in _all_names(sheet, noun) if mine.get(name.written.key, OPEN) == OPEN}
    left, skipped = decisions.setdefault(ROW, {}), set(data.getlist("left-row"))
    for number in data.getlist("shown-row"):
        left.pop(number, None)
        left |= {number: SKIP} if number in skipped else {}
    return meanings, {noun: row for noun, row in decisions.items() if row}


def is_as_shown(sheet: Sheet, meanings: list[str], decisions: Mapping[str, Mapping[str, str]]) -> bool:
    """What was sent is what the page showed: nothing was chosen that nobody looked at yet."""
    usual = {
        noun: {name.written.key: name.chosen for name in rows} for noun, rows in _names(sheet, plan(sheet)).items()
    }
    before = {noun: {**usual.get(noun, {}), **sheet.decisions.get(noun, {})} for noun in {*usual, *sheet.decisions}}
    after = {noun: {**usual.get(noun, {}), **decisions.get(noun, {})} for noun in {*usual, *decisions}}
    pairs = ((before.get(noun, {}), after.get(noun, {})) for noun in {*before, *after})
    return meanings == list(sheet.meanings) and all(one == other for one, other in pairs)


def _columns(sheet: Sheet) -> list[Column]:
    is_topics = sheet.kind == Sheet.Kind.TOPICS
    table = words.TOPIC_COLUMNS if is_topics else words.COLLEAGUE_COLUMNS
    sites = known.site_names() if is_topics else []
    return [
        Column(
            f"column-{index}",
            header,
            ", ".join(_sample(sheet, index)),
            words.choices(sheet.meanings[index], header, sites, table, is_topics),
            sheet.meanings[index],
        )
        for index, header in enumerate(sheet.header)
    ]


def _sample(sheet: Sheet, index: int) -> list[str]:
    cells = (_readable(cells[index], sheet.meanings[index]) for _number, cells in sheet.rows[:50] if cells[index])
    return list(dict.fromkeys(cells))[:3]


def _readable(cell: str, meaning: str) -> str:
    """The cell, a time with its unit."""
    time = minutes(cell) if meaning == "promise" else None
    return in_words(time) if time else cell


def _names(sheet: Sheet, found: TopicPlan | ColleaguePlan) -> dict[str, list[Name]]:
    indexes = _indexes(sheet)
    return {
        noun: [_name(sheet, noun, written, indexes[noun]) for written in list(rows.values())[:MOST_NAMES]]
        for noun, rows in found.unknown.items()
    }


def _all_names(sheet: Sheet, noun: str) -> list[Name]:
    index = _indexes(sheet).get(noun)
    rows = {str(one): written for one, written in plan(sheet).unknown.items()}.get(noun, {})
    return [_name(sheet, noun, written, index) for written in rows.values()] if index else []


def _indexes(sheet: Sheet) -> Mapping[str, Index]:
    if sheet.kind == Sheet.Kind.TOPICS:
        now = known.known_for_topics(sheet.user.language)
        return {"topic": now.topics, "site": now.sites, "colleague": now.colleagues}
    people = known.known_for_colleagues()
    return {"site": people.sites, "department": people.departments, "colleague": people.colleagues}


def _name(sheet: Sheet, noun: Noun | str, written: Written, index: Index) -> Name:
    is_twin = noun == "colleague" and sheet.kind == Sheet.Kind.COLLEAGUES
    usual = OPEN if is_twin else usual_choice(noun, index, written)  # type: ignore[arg-type]
    near = index.near(written)
    others = index.known if noun != "colleague" and len(index.known) <= _ALL_UP_TO else []
    offered = {one.id: one.names[0] for one in [*near, *others]}
    first = [(OPEN, "")] if usual == OPEN else []
    choices = [*first, (NEW, ""), *((str(pk), name) for pk, name in offered.items()), (SKIP, "")]
    chosen = sheet.decisions.get(noun, {}).get(written.key) or usual
    return Name(f"{noun}:{written.key}", written, choices, chosen, near[0].names[0] if near else "")


def _line(line: Line, meanings: Iterable[str]) -> ShownLine:
    pairs = [(cell, meaning) for cell, meaning in zip(line.cells, meanings, strict=False) if meaning and cell]
    text = " · ".join(_readable(cell, meaning) for cell, meaning in pairs)
    problems = [Said(one.weight, words.problem(one)) for one in line.problems]
    is_left = any(one.code == "left_row" for one in line.problems)
    outcome = str(words.OUTCOMES[line.outcome])
    return ShownLine(line.number, line.outcome, outcome, text, problems, line.takes_from_above, is_left)
