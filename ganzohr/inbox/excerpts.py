"""Where the words searched for stand in each conversation of a page, cut so that a row shows the place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

from django.db import connection
from django.utils.safestring import SafeString, mark_safe

from ganzohr.directory.models import Colleague
from ganzohr.inbox.searching import READ, beginnings, name_query

START, STOP = "\ue000", "\ue001"  # of no script; taken out of the words first
BEFORE, LENGTH = 14, 160
WORD = re.compile(f"{START}([^{STOP}]*){STOP}")

# Read in the language each message was filed in, so that what was found by its stem is marked as it was written. Of a
# long conversation the newest messages are looked at, of a long letter its beginning.
FOUND = f"""
WITH asked(ways, names) AS ({READ}), wanted(q, names) AS (
  SELECT (SELECT string_agg('(' || way || ')', ' | ') FROM unnest(ways) way WHERE way <> '')::tsquery,
    names::tsquery FROM asked)
SELECT c.id, coalesce(said.id, 0), said.direction = 'out', us.id, us.kind, us.name,
  CASE WHEN said.id IS NULL THEN ts_headline('pg_catalog.simple', translate(c.subject, %(marks)s, ''), names, %(how)s)
    ELSE ts_headline(CASE said.language WHEN 'de' THEN 'pg_catalog.german' WHEN 'nl' THEN 'pg_catalog.dutch'
      WHEN 'en' THEN 'pg_catalog.english' ELSE 'pg_catalog.simple' END::regconfig,
      translate(left(said.text, 8000), %(marks)s, ''), q, %(how)s) END
FROM wanted, inbox_conversation c LEFT JOIN LATERAL (
  SELECT * FROM (SELECT id, direction, author_id, language, text, words FROM inbox_message
    WHERE conversation_id = c.id AND deleted_at IS NULL ORDER BY id DESC LIMIT 200) newest
  WHERE newest.words @@ wanted.q ORDER BY id DESC LIMIT 1) said ON true
LEFT JOIN directory_colleague us ON us.id = said.author_id
WHERE c.id = ANY(%(places)s)
"""  # noqa: S608  only our own words; what people type travels as values


class Excerpt(NamedTuple):
    """The place of the newest message that has the words, marked; `message_id` is 0 where they stand in the subject."""

    message_id: int
    is_ours: bool
    by: Colleague | None
    words: SafeString


def excerpts(wanted: str, places: Sequence[int]) -> dict[int, Excerpt]:
    """By conversation, for those of these that were found by what was said or by their subject: one query for all."""
    names = name_query(wanted)
    if not names or not places:
        return {}
    how = f"HighlightAll=true, StartSel={START}, StopSel={STOP}"
    values: dict[str, Any] = {"q": wanted, "names": names, "begins": beginnings(wanted), "places": list(places)}
    with connection.cursor() as cursor:
        cursor.execute(FOUND, {**values, "marks": START + STOP, "how": how})
        found = cursor.fetchall()
    return {
        place: Excerpt(message, bool(is_ours), Colleague(pk=pk, kind=kind, name=name) if pk else None, cut(said))
        for place, message, is_ours, pk, kind, name, said in found
        if START in said
    }


def cut(said: str) -> SafeString:
    """From a little before the first word found, on one line, escaped, the words found in `<mark>`."""
    line = " ".join(said.split())
    first = line.index(START)
    begin = 0 if first <= BEFORE else first - len(line[first - BEFORE : first].partition(" ")[2])
    line = line[begin : begin + LENGTH]
    parts = WORD.split(line)  # what was found stands at every other place
    drawn = (f"<mark>{escape(part)}</mark>" if odd % 2 else escape(part) for odd, part in enumerate(parts))
    return mark_safe(("… " if begin else "") + "".join(drawn).replace(START, ""))  # noqa: S308  escaped above
