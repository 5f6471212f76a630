"""Finding conversations by words and names: looked at first how many there are, then the plan that fits."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

FEW = 10_000  # looked up by id; above, the list is walked until a page is full, which costs as much there
LATEST, OFTEN = 1000, 20
PLACES, SOME, MOST = 20, 50, 10
WORD = re.compile(r"[\w@.+-]+")

# Each language is asked in its own stemming; 'simple' finds what no language claims. Asked for once and handed back as
# a constant: then the planner knows from its statistics whether a word is rare or common.
READ = """SELECT ARRAY[websearch_to_tsquery('pg_catalog.german', %(q)s)::text,
  websearch_to_tsquery('pg_catalog.dutch', %(q)s)::text, websearch_to_tsquery('pg_catalog.english', %(q)s)::text,
  websearch_to_tsquery('pg_catalog.simple', %(q)s)::text, to_tsquery('pg_catalog.simple', %(begins)s)::text],
  to_tsquery('pg_catalog.simple', %(names)s)::text"""
QUERY = "%(q)s::tsquery"
NAMES = "%(names)s::tsquery"
PEOPLE = f"""(SELECT id FROM contacts_contact WHERE words @@ {NAMES} LIMIT {FEW + 1})
  UNION ALL (SELECT contact_id FROM contacts_handle WHERE words @@ {NAMES} LIMIT {FEW + 1})"""  # noqa: S608  ours
# Said often lately and at most places looked at from the first message to the newest: a page of them is near, and
# nobody need count the rest, which takes long for common words. Lately alone says nothing: a strike fills no page.
ALWAYS = f"""SELECT (SELECT count(*) >= {OFTEN}
    FROM (SELECT words FROM inbox_message ORDER BY id DESC LIMIT {LATEST}) newest WHERE words @@ {QUERY})
  AND (SELECT count(*) >= {MOST} FROM (SELECT min(id) AS first, max(id) - min(id) AS span FROM inbox_message) ends,
    generate_series(1, {PLACES}) place, LATERAL (SELECT true FROM (SELECT words FROM inbox_message
      WHERE id <= first + span * place / {PLACES} ORDER BY id DESC LIMIT {SOME}) few
      WHERE words @@ {QUERY} LIMIT 1) found)"""  # noqa: S608  only our own words; what people type travels as values
PROBES = {
    "said": f"SELECT conversation_id AS id FROM inbox_message WHERE words @@ {QUERY} LIMIT {FEW + 1}",  # noqa: S608
    "person": f"""SELECT c.id FROM inbox_conversation c
      WHERE c.contact_id IN ({PEOPLE}) LIMIT {FEW + 1}""",  # noqa: S608
    "subject": f"""SELECT id FROM inbox_conversation
      WHERE subject <> '' AND words @@ {NAMES} LIMIT {FEW + 1}""",  # noqa: S608
}
# Scalar questions, so that PostgreSQL asks them row by row: of EXISTS it may make a list of all messages first.
WALKED = {
    "said": f"""(SELECT true FROM inbox_message m
      WHERE m.conversation_id = inbox_conversation.id AND m.words @@ {QUERY} LIMIT 1) IS TRUE""",  # noqa: S608
    "person": f"""(SELECT true FROM contacts_contact p
      WHERE p.id = inbox_conversation.contact_id AND p.words @@ {NAMES}) IS TRUE
      OR (SELECT true FROM contacts_handle h
        WHERE h.contact_id = inbox_conversation.contact_id AND h.words @@ {NAMES} LIMIT 1) IS TRUE""",  # noqa: S608
    "subject": f"inbox_conversation.subject <> '' AND inbox_conversation.words @@ {NAMES}",
}


class Words(NamedTuple):
    """What was searched for, as a condition for conversations; a long one asks each of them."""

    asked: RawSQL
    is_long: bool


def looked_up(wanted: str) -> Words | None:
    """These words; None when nothing has them.

    What few rows have becomes a list of ids; what many have is asked row by row in the order of the list, which stops
    early where many of its conversations have them. In a list that was narrowed perhaps none has.
    """
    values: dict[str, Any] = {"q": wanted, "names": name_query(wanted), "begins": beginnings(wanted)}
    if not values["names"]:
        return None
    with connection.cursor() as cursor:
        cursor.execute(READ, values)
        ways, names = cursor.fetchone()
        values = {"q": " | ".join(f"({way})" for way in dict.fromkeys(ways) if way), "names": names}
        cursor.execute(ALWAYS, values)
        many = ["said"] if cursor.fetchone()[0] else []
        found = _found(cursor, [part for part in PROBES if part not in many], values)
    many += [part for part, (count, _ids) in found.items() if count > FEW]
    known = ",".join(ids for part, (_count, ids) in found.items() if ids and part not in many)
    if not many and not known:
        return None
    asked = ["inbox_conversation.id = ANY(%(known)s::bigint[])", *(WALKED[part] for part in many)]
    return Words(_truth(" OR ".join(asked), {**values, "known": f"{{{known}}}"}), is_long=bool(many))


def _found(cursor: Any, parts: list[str], values: dict[str, Any]) -> dict[str, tuple[int, str]]:
    """How many of each, and their ids as one string: they go back as they came, and ten thousand numbers that are
    read and written again here cost as much as finding them."""
    asked = (
        f"SELECT '{part}', count(*), array_to_string(array_agg(id), ',') FROM ({PROBES[part]}) {part}"  # noqa: S608
        for part in parts
    )
    cursor.execute(" UNION ALL ".join(asked), values)
    return {part: (count, ids or "") for part, count, ids in cursor}


def name_query(wanted: str) -> str:
    """`Lena Hoff` → `'lena':* & 'hoff':*`; empty when there is no word in it."""
    words = [word.strip(".+-").replace("'", "") for word in WORD.findall(wanted.replace("\0", "").lower())]
    return " & ".join(f"'{word}':*" for word in words[:8] if word)


def beginnings(wanted: str) -> str:
    """As names, for words of four letters and more: a part finds the compound it begins, `dienstplan` also
    *Dienstplanzeiten*. Empty for what is quoted or excluded, which means exactly what it says."""
    is_exact = '"' in wanted or wanted.startswith("-") or " -" in wanted
    words = [] if is_exact else WORD.findall(wanted.lower())
    return name_query(wanted) if words and all(len(word) > 3 for word in words) else ""


def _truth(sql: str, values: dict[str, Any]) -> RawSQL:
    positional, names = re.subn(r"%\((\w+)\)s", "%s", sql)[0], re.findall(r"%\((\w+)\)s", sql)
    return RawSQL(f"({positional})", [values[name] for name in names], output_field=BooleanField())  # noqa: S611
