"""What a sheet of colleagues would do, row by row. Values in, values out; nothing is saved here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ganzohr.topics.importing.columns import folded
from ganzohr.topics.importing.people import (
    Index,
    Written,
    first_mail,
    read_name,
    says_everywhere,
    says_nobody,
    tidy_name,
)
from ganzohr.topics.importing.sheets import BROKEN, Table
from ganzohr.topics.importing.topic_plan import NEW, OPEN, SKIP, Line, Noun, Outcome, Problem, Ref, usual_choice

_MAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]+(?:\.[\w-]+)+")
LANGUAGES: Mapping[str, str] = {
    "deutsch": "de", "german": "de", "duits": "de", "englisch": "en", "english": "en", "engels": "en",
    "niederlandisch": "nl", "hollandisch": "nl", "dutch": "nl", "nederlands": "nl", "turkisch": "tr", "turkish": "tr",
    "turks": "tr", "ukrainisch": "uk", "ukrainian": "uk", "arabisch": "ar", "arabic": "ar",
    "polnisch": "pl", "polish": "pl", "pools": "pl", "franzosisch": "fr", "french": "fr", "frans": "fr",
}  # fmt: skip
DESK_LANGUAGES = ("de", "en", "nl")
ADDRESSES: Mapping[str, str] = {
    **dict.fromkeys(
        ("du", "per du", "duzen", "informal", "informell", "informeel", "je", "jij", "tutoyeren"), "informal"
    ),
    **dict.fromkeys(("sie", "per sie", "siezen", "formal", "formell", "formeel", "u", "vousvoyeren"), "formal"),
}
_TITLES = (
    "herr",
    "frau",
    "divers",
    "mr",
    "mrs",
    "ms",
    "mx",
    "dhr",
    "mevr",
    "heer",
    "mevrouw",
)  # "Anrede" has two senses
_MAILBOX = re.compile(r"sammel|postfach|mailbox|shared|gedeeld|team|funktion")
_MAILBOX_ROLE = re.compile(
    r"(?:sammel|gruppen|funktions|team|gemeinsames )[- ]?(?:postfach|mailbox)|postfach|mailbox"
    r"|(?:shared|group|team) (?:mailbox|inbox)|gedeelde (?:mailbox|postbus|inbox)|groepsmailbox"
)  # as the whole function: a clerk of the mail room is a person
_BREAK = re.compile(r"[,;/|+\s]+")
LONGEST = 160
MOST_COMPARED = 300  # new names compared with those who are here; a sheet with more brings a whole house


@dataclass
class Entry:
    """One colleague of the sheet. `given` holds only what columns say; people and places as references."""

    ref: Ref
    given: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Present:
    """A colleague who is here, as far as a sheet may change them."""

    values: Mapping[str, object]


@dataclass
class KnownColleagues:
    """What is here already; `present` by the colleague's number."""

    colleagues: Index
    sites: Index
    departments: Index
    present: Mapping[int, Present] = field(default_factory=dict)


@dataclass
class ColleaguePlan:
    """Everything the sheet would do."""

    lines: list[Line] = field(default_factory=list)
    unknown: dict[Noun, dict[str, Written]] = field(
        default_factory=lambda: {"site": {}, "department": {}, "colleague": {}}
    )
    entries: list[Entry] = field(default_factory=list)
    changed: set[Ref] = field(default_factory=set)


def plan_colleagues(
    table: Table, meanings: Sequence[str], known: KnownColleagues, decisions: Mapping[str, Mapping[str, str]]
) -> ColleaguePlan:
    """Row by row what would become of the sheet. Whoever is here already is found by address, then by name."""
    return _Planner(known, decisions).plan(table, meanings)


class _Planner:
    def __init__(self, known: KnownColleagues, decisions: Mapping[str, Mapping[str, str]]):
        self.known, self.decisions, self.result = known, decisions, ColleaguePlan()
        self.problems: list[Problem] = []
        self.seen: dict[str, int] = {}
        self.in_sheet: dict[str, Ref] = {}
        self.compared = 0
        self.usual: dict[tuple[str, str], str] = {}

    def plan(self, table: Table, meanings: Sequence[str]) -> ColleaguePlan:
        rows = [(number, cells, _row(cells, meanings)) for number, cells in table.rows]
        refs = [self._whose(row) for _number, _cells, row in rows]
        self.in_sheet = {
            key: ref
            for (_number, _cells, row), (ref, _problems) in zip(rows, refs, strict=True)
            for key in _keys(_written(row))
            if ref
        }
        for (number, cells, row), (ref, problems) in zip(rows, refs, strict=True):
            self.problems = list(problems)
            outcome = self._outcome(number, row, ref)
            self.result.lines.append(Line(number, outcome, tuple(cells), tuple(self.problems)))
        self._forget_strangers()
        return self.result

    def _forget_strangers(self) -> None:
        """A deputy or head whose own row is left out is left out too, and it is said."""
        entered = {entry.ref for entry in self.result.entries}
        at = {line.number: index for index, line in enumerate(self.result.lines)}
        for entry in self.result.entries:
            for name in ("deputy", "reports_to"):
                ref = entry.given.get(name)
                if isinstance(ref, Ref) and ref.id is None and ref not in entered:
                    del entry.given[name]
                    index = at[self.seen[str(entry.ref.id or entry.ref.name)]]
                    line, problem = self.result.lines[index], Problem("no_such_person", ref.name)
                    self.result.lines[index] = replace(line, problems=(*line.problems, problem))

    def _whose(self, row: Mapping[str, str]) -> tuple[Ref | None, tuple[Problem, ...]]:
        written = _written(row)
        if any(cell in BROKEN for cell in row.values()):
            return None, (Problem("formula", next(cell for cell in row.values() if cell in BROKEN)),)
        if not written.name:
            return None, (Problem("no_name"),)
        if row.get("email") and not _MAIL.fullmatch(row["email"]):
            return None, (Problem("bad_mail", row["email"]),)
        return self._known_or_new(written)

    def _known_or_new(self, written: Written) -> tuple[Ref | None, tuple[Problem, ...]]:
        found = self.known.colleagues.find(written)
        if found and not (written.email and found.email and found.email.casefold() != written.email):
            return Ref(found.id), ()
        self.compared += 1
        usual = NEW
        if self.compared <= MOST_COMPARED and self.known.colleagues.near(written):
            self.result.unknown["colleague"].setdefault(written.key, written)
            usual = OPEN
        choice = self.decisions.get("colleague", {}).get(written.key, usual)
        if choice in (SKIP, OPEN):
            return None, (Problem("left_colleague" if choice == SKIP else "open_twin", written.name),)
        return (Ref(int(choice)) if choice.isdecimal() else Ref(None, written.key)), ()

    def _outcome(self, number: int, row: Mapping[str, str], ref: Ref | None) -> Outcome:
        given = self._given(row) if ref else {}
        key = str(ref.id or ref.name) if ref else ""
        if key in self.seen:
            self.problems.append(Problem("same_as_line", str(self.seen[key])))
        weights = {one.weight for one in self.problems}
        if "error" in weights:
            return "wrong"
        if ref:
            self.seen[key] = number
        if ref is None or "question" in weights:
            return "open" if "question" in weights else "left"
        self.result.entries.append(Entry(ref, given))
        if ref.id is None:
            return "new"
        now = self.known.present[ref.id].values
        if all(now.get(name) == value for name, value in given.items()):
            return "same"
        self.result.changed.add(ref)
        return "changed"

    def _given(self, row: Mapping[str, str]) -> dict[str, object]:
        given: dict[str, object] = {"name": _written(row).name[:LONGEST]}
        for name, read in self._readers().items():
            if row.get(name) and (value := read(row[name])) is not None:
                given[name] = value
        if "kind" not in given and _MAILBOX_ROLE.fullmatch(folded(row.get("role_title", ""))):
            given["kind"] = "mailbox"
        if row.get("more_mails"):
            self.problems.append(Problem("more_mails", row["email"], row["more_mails"]))
        if "email" not in given and _written(row).email:
            given["email"] = _written(row).email
        return given

    def _readers(self) -> Mapping[str, Callable[[str], object]]:
        return {
            "email": str.lower,
            "role_title": lambda cell: cell[:LONGEST],
            "site": lambda cell: self._place("site", cell),
            "department": lambda cell: self._place("department", cell),
            "language": self._language,
            "languages": self._languages,
            "address": self._address,
            "kind": lambda cell: "mailbox" if _MAILBOX.search(folded(cell)) else "person",
            "deputy": self._colleague,
            "reports_to": self._colleague,
        }

    def _place(self, noun: Noun, cell: str) -> Ref | None:
        if noun == "site" and says_everywhere(cell):
            return None
        index, written = (self.known.sites if noun == "site" else self.known.departments), Written(cell)
        found = index.find(written)
        if found:
            return Ref(found.id)
        usual = self.usual.setdefault((noun, written.key), "") or usual_choice(noun, index, written)
        self.usual[noun, written.key] = usual
        if noun == "site" or usual == OPEN:
            self.result.unknown[noun].setdefault(written.key, written)
        choice = self.decisions.get(noun, {}).get(written.key) or usual
        if choice in (SKIP, OPEN):
            self.problems.append(Problem(f"{'left' if choice == SKIP else 'open'}_{noun}", cell))
            return None
        if choice.isdecimal():
            return Ref(int(choice))
        return Ref(None, self.result.unknown[noun].get(written.key, written).name[: 120 if noun == "site" else LONGEST])

    def _language(self, cell: str) -> str | None:
        code = _code(cell)
        if code not in DESK_LANGUAGES:
            self.problems.append(Problem("no_language", cell))
            return None
        return code

    def _address(self, cell: str) -> str | None:
        form = ADDRESSES.get(folded(cell))
        if form is None and folded(cell).split()[0].strip(".") not in _TITLES:
            self.problems.append(Problem("no_address", cell))
        return form

    def _languages(self, cell: str) -> list[str] | None:
        codes = [(part, _code(part)) for part in _BREAK.split(cell) if part]
        for part, code in codes:
            if not code:
                self.problems.append(Problem("no_language", part))
        return sorted({code for _part, code in codes if code}) or None

    def _colleague(self, cell: str) -> Ref | None:
        if says_nobody(cell):
            return None
        named = read_name(cell)
        written = named[0] if len(named) == 1 else Written(cell)
        found = self.known.colleagues.find(written)
        if found:
            return Ref(found.id)
        found_here = next((self.in_sheet[key] for key in _keys(written) if key in self.in_sheet), None)
        if found_here is None:
            self.problems.append(Problem("no_such_person", cell))
        return found_here


def _keys(written: Written) -> list[str]:
    return [key for key in (written.email, Written(written.name).key) if key]


def _row(cells: Sequence[str], meanings: Sequence[str]) -> dict[str, str]:
    row = {meaning: cell for meaning, cell in zip(meanings, cells, strict=False) if meaning}
    email, others = first_mail(row.get("email", ""))
    return {**row, "email": email, "more_mails": others} if others else row


def _written(row: Mapping[str, str]) -> Written:
    whole = row.get("name") or " ".join(filter(None, (row.get("first_name"), row.get("last_name"))))
    named = read_name(whole)
    email = row.get("email", "").lower() or (named[0].email if len(named) == 1 else "")
    name = named[0].name if len(named) == 1 else whole
    return Written(tidy_name(name) or (read_name(email)[0].name if _MAIL.fullmatch(email) else ""), email)


def _code(cell: str) -> str:
    plain = folded(cell)
    return plain if plain in set(LANGUAGES.values()) else LANGUAGES.get(plain, "")
