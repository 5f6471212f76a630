"""What the import says about columns, rows and files, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ganzohr.topics.importing.columns import AT_SITE, DEPUTY_AT_SITE
from ganzohr.topics.importing.sheets import MOST_BYTES, MOST_ROWS
from ganzohr.topics.importing.topic_plan import Problem

Words = str | Promise

UNREADABLE: Mapping[str, Words] = {
    "too_big": _("This file is too big: more than %(megabytes)s MB. Keep only the sheet with the table and try again."),
    "old_excel": _("This is an old Excel file (.xls). Open it, save it as .xlsx or .csv, and try again."),
    "other_office": _("This is not an Excel workbook. Save the table as .xlsx or .csv and try again."),
    "broken_excel": _("This workbook cannot be opened. Open it in Excel, save it once more, and try again."),
    "no_table": _("There is no table in this file. An Excel workbook (.xlsx), a .csv file or pasted cells work."),
    "empty": _("There is nothing to read: a header and at least one row are needed."),
}
NOTES: Mapping[str, Words] = {
    "cut": _("Only the first %(rows)s rows were read. Divide the file to bring the rest."),
}
PROBLEMS: Mapping[str, Words] = {
    "formula": _("%(value)s: this cell holds a formula without a value. Open the file in Excel, save it, try again."),
    "no_topic": _("No topic in this row."),
    "no_time": _("“%(value)s” says no time; 2 days, 4 hours or minutes as a number do."),
    "several": _("“%(value)s” names several people. One a cell; the second may be the deputy."),
    "own_deputy": _("%(value)s cannot stand in for themselves; the deputy is left out."),
    "twice": _("Line %(value)s says something else for the same topic and site, and counts."),
    "time_twice": _("Line %(value)s promises another time for this topic, and counts."),
    "text_twice": _("Line %(value)s describes this topic differently, and counts."),
    "from_above": _("No topic in this row: takes “%(value)s” from the row above."),
    "left_row": _("No topic in this row; you chose to leave it out."),
    "open_topic": _("“%(value)s” resembles a topic that is here: what is meant?"),
    "open_site": _("“%(value)s” is no site yet: what is meant?"),
    "open_department": _("“%(value)s” resembles a department that is here: what is meant?"),
    "open_colleague": _("“%(value)s” is no colleague yet: who is meant?"),
    "open_twin": _("“%(value)s” resembles somebody who is here: who is meant?"),
    "left_department": _("You chose to leave out the department %(value)s."),
    "left_topic": _("You chose to leave out the topic %(value)s."),
    "left_site": _("You chose to leave out the site %(value)s."),
    "left_colleague": _("You chose to leave out %(value)s."),
    "no_name": _("No name and no mail address in this row."),
    "bad_mail": _("“%(value)s” is no mail address; correct it and bring the row again."),
    "more_mails": _("Several addresses in one cell: takes %(value)s, without %(other)s."),
    "same_as_line": _("The same person as in line %(value)s, which counts."),
    "no_language": _("“%(value)s” is no language we know. German, Dutch or English work, or their codes de, nl, en."),
    "no_address": _("“%(value)s” is no form of address we know. “du” or “Sie” work."),
    "no_such_person": _("Nobody here or in the sheet is called %(value)s; comes in without."),
}
OUTCOMES: Mapping[str, Words] = {
    "new": _("new"),
    "changed": _("changed"),
    "same": _("as it is"),
    "wrong": _("cannot be used"),
    "open": _("with a question"),
    "left": _("left out"),
}
TOPIC_COLUMNS: Mapping[str, Words] = {
    "": _("Leave out"),
    "topic": _("Topic"),
    "description": _("What belongs to it"),
    "site": _("Site"),
    "responsible": _("Who answers"),
    "deputy": _("Deputy"),
    "promise": _("Promised time"),
}
COLLEAGUE_COLUMNS: Mapping[str, Words] = {
    "": _("Leave out"),
    "name": _("Name"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "email": _("Mail address"),
    "role_title": _("Position"),
    "department": _("Department"),
    "site": _("Site"),
    "language": _("Gets mails in"),
    "languages": _("Answers in"),
    "address": _("Form of address"),
    "deputy": _("Deputy"),
    "reports_to": _("Reports to"),
    "kind": _("Person or shared mailbox"),
}
_AT_SITE = _("Who answers at %(site)s")
_DEPUTY_AT_SITE = _("Deputy at %(site)s")


def unreadable(code: str) -> str:
    """Why a file cannot be read and what to do."""
    return str(UNREADABLE[code]) % {"megabytes": MOST_BYTES // 1_000_000}


def note(code: str) -> str:
    """What was noticed while reading."""
    return str(NOTES[code]) % {"rows": MOST_ROWS}


def problem(found: Problem) -> str:
    """Why a row, or a part of it, is left out."""
    return str(PROBLEMS[found.code]) % {"value": found.value, "other": found.other}


def column(meaning: str, table: Mapping[str, Words]) -> str:
    """What a column holds."""
    if meaning.startswith(AT_SITE):
        return str(_AT_SITE) % {"site": meaning.removeprefix(AT_SITE)}
    if meaning.startswith(DEPUTY_AT_SITE):
        return str(_DEPUTY_AT_SITE) % {"site": meaning.removeprefix(DEPUTY_AT_SITE)}
    return str(table[meaning])


def choices(
    meaning: str, header: str, sites: list[str], table: Mapping[str, Words], matrix: bool
) -> list[tuple[str, str]]:
    """What a column may be said to hold: the usual things, and with sites as columns its own site and a few others."""
    names: list[str] = []
    if matrix:
        own: Any = meaning.partition(":")[2] or header
        names = list(dict.fromkeys(filter(None, [own, *(sites if len(sites) <= 8 else ())])))
    wanted = [*table, *(f"{AT_SITE}{name}" for name in names), *(f"{DEPUTY_AT_SITE}{name}" for name in names)]
    return [(one, column(one, table)) for one in wanted]
