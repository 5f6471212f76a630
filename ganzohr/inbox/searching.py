"""Finding conversations by words and names: a capped probe first, then the plan that fits how many there are."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from django.db import connection
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from ganzohr.inbox.models import Conversation

FEW = 2000
WORD = re.compile(r"[\w@.+-]+")

# Each language is asked in its own stemming; 'simple' finds what no language claims. Asked for once and handed back as
# a constant: then the planner knows from its statistics whether a word is rare or common.
READ = """SELECT (websearch_to_tsquery('pg_catalog.german', %(q)s) || websearch_to_tsquery('pg_catalog.dutch', %(q)s)
  || websearch_to_tsquery('pg_catalog.english', %(q)s) || websearch_to_tsquery('pg_catalog.simple', %(q)s)
  || to_tsquery('pg_catalog.simple', %(begins)s))::text,
  to_tsquery('pg_catalog.simple', %(names)s)::text"""
QUERY = "%(q)s::tsquery"
NAMES = "%(names)s::tsquery"
PEOPLE = f"""(SELECT id FROM contacts_contact WHERE words @@ {NAMES} LIMIT {FEW + 1})
  UNION ALL (SELECT contact_id FROM contacts_handle WHERE words @@ {NAMES} LIMIT {FEW + 1})"""  # noqa: S608  ours
PROBE = f"""
(SELECT 1 AS part, conversation_id AS id FROM inbox_message WHERE words @@ {QUERY} LIMIT {FEW + 1})
UNION ALL
(SELECT 2, c.id FROM inbox_conversation c WHERE c.contact_id IN ({PEOPLE}) LIMIT {FEW + 1})
UNION ALL
(SELECT 3, id FROM inbox_conversation WHERE subject <> '' AND words @@ {NAMES} LIMIT {FEW + 1})
"""  # noqa: S608  only our own words; what people type travels as values
MANY = f"""
EXISTS (SELECT 1 FROM inbox_message m WHERE m.conversation_id = inbox_conversation.id AND m.words @@ {QUERY})
OR EXISTS (SELECT 1 FROM contacts_contact p WHERE p.id = inbox_conversation.contact_id AND p.words @@ {NAMES})
OR EXISTS (SELECT 1 FROM contacts_handle h WHERE h.contact_id = inbox_conversation.contact_id AND h.words @@ {NAMES})
OR (inbox_conversation.subject <> '' AND inbox_conversation.words @@ {NAMES})
"""  # noqa: S608


def matching(rows: QuerySet[Conversation], wanted: str) -> QuerySet[Conversation]:
    """The rows in which these words were said, or whose person or subject has words that begin so.

    Few hits become a list of ids; many are looked up row by row in the order of the list, which then stops early.
    """
    values = {"q": wanted, "names": name_query(wanted), "begins": beginnings(wanted)}
    if not values["names"]:
        return rows.none()
    with connection.cursor() as cursor:
        cursor.execute(READ, values)
        values = dict(zip(("q", "names"), cursor.fetchone(), strict=True))
        cursor.execute(PROBE, values)
        found = cursor.fetchall()
    if max(Counter(part for part, _ in found).values(), default=0) <= FEW:
        return rows.filter(pk__in={pk for _, pk in found})
    return rows.filter(_truth(MANY, values))


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


def _truth(sql: str, values: dict[str, Any]) -> Any:
    positional, names = re.subn(r"%\((\w+)\)s", "%s", sql)[0], re.findall(r"%\((\w+)\)s", sql)
    return RawSQL(f"({positional})", [values[name] for name in names], output_field=BooleanField())  # noqa: S611
