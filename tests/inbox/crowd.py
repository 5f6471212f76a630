"""A crowd of believable conversations by set-based SQL: what the speed of pages and searches is measured on.

`fill(100_000)` makes that many with three messages each over the last year, at several channels and sites, in three
languages: one in twenty open, some with a colleague, some overdue, one in two hundred at the last, smallest site.
For an empty desk; always the same for the same number. Needs no model of ours, only their tables.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

FIRST = "Lena Jonas Mia Paul Emma Ben Sofia Finn Anna Luis Marie Noah Clara Elif Murat Sanne Daan Bram Olga Piotr"
LAST = "Hoffmann Schmidt Yılmaz Becker Wagner Visser Bakker Kowalski Grünewald Krüger Lange Peters Böhm Novak"
SAID = [
    "Hallo, wann startet die Ausbildung in der Pflege und gibt es noch Ausbildungsplätze?",
    "Was verdient man im ersten Ausbildungsjahr bei euch?",
    "Ich habe mich vor drei Wochen beworben und noch keine Rückmeldung bekommen.",
    "Gibt es ein Jobticket oder einen Zuschuss zum Deutschlandticket?",
    "Kann ich bei euch in Teilzeit arbeiten? Ich habe zwei kleine Kinder.",
    "Welche Unterlagen braucht ihr für die Bewerbung, reicht der Lebenslauf?",
    "Wie viele Urlaubstage habt ihr und wie werden Überstunden ausgeglichen?",
    "Danke für die schnelle Antwort, das hilft mir sehr!",
    "Hoi, kan ik stage lopen op de spoedeisende hulp en krijg ik een vergoeding?",
    "Hello, do you help with the recognition of my nursing diploma?",
]
STEMS = "Nacht Tages Dienst Schicht Pflege Praxis Schul Kinder Herz Not Labor Küchen Garten Technik Fahr Haus"
ENDS = "plan zulage leitung anleitung zimmer ordnung wechsel vertrag pause gruppe kurs prüfung stelle schein"
KINDS = ["question"] * 7 + ["praise", "complaint", "other"]
NETWORKS = ["website", "mail", "instagram", "facebook", "whatsapp", "hand"]
SMALLEST = "Borkum"
SITES = ["Köln", "Bonn", "Aachen", "Düren", "Venlo", "Essen", SMALLEST]

PLACES = """
INSERT INTO directory_site (name, city) SELECT n, n FROM unnest(%(sites)s::text[]) n;
INSERT INTO channels_channel (kind, name, key, languages, purpose, address, signature, standing_answer, settings,
  secrets, state, problem, problem_detail, created_at, external_id)
SELECT k, initcap(k), 'crowd-' || k, '{}', '', 'informal', 'initials', '{}', '{}', '', 'active', '', '', now(), ''
FROM unnest(%(networks)s::text[]) k;
INSERT INTO directory_colleague (kind, name, email, role_title, language, languages, address, initials, may_be_named,
  created_at)
SELECT 'person', f || ' Lindner', '', '', 'de', '{}', 'informal', '', true, now() FROM unnest(%(first)s::text[]) f;
INSERT INTO topics_topic (slug, names, descriptions, promised_minutes, emergency_note, position, revision)
SELECT 'crowd-' || i, jsonb_build_object('de', 'Thema ' || i, 'en', 'Topic ' || i, 'nl', 'Onderwerp ' || i), '{}',
  480, '{}', i, 0 FROM generate_series(1, 20) i;
"""
PEOPLE = """
INSERT INTO contacts_contact (name, language, source, created_at)
SELECT (%(first)s::text[])[1 + i %% 20] || ' ' || (%(last)s::text[])[1 + i / 20 %% 14], 'de', '',
  now() - i * interval '1 minute'
FROM generate_series(1, %(people)s) i;
INSERT INTO contacts_handle (contact_id, channel_id, external_id, name, address, created_at)
SELECT c.id, n.ids[1 + c.id %% 6], 'person-' || c.id, CASE WHEN c.id %% 3 = 0 THEN 'kennung_' || c.id ELSE '' END,
  CASE WHEN c.id %% 6 = 1 THEN 'person' || c.id || '@example.org' ELSE '' END, c.created_at
FROM contacts_contact c, (SELECT array_agg(id ORDER BY id) ids FROM channels_channel) n;
"""
CONVERSATIONS = """
INSERT INTO inbox_conversation (id, channel_id, handle_id, contact_id, thread_key, subject, source, site_id,
  site_is_chosen, is_public, language, kind, topic_id, topic_is_sure, topic_choices, assignee_id, state, reason,
  snoozed_until, first_words, last_activity_at, last_inbound_at, last_message_id, read_until_id, unanswered_since,
  due_at, waits_for_id, waits_until, draft_at, failed_how, first_answered_at, created_at)
SELECT i, h.channel_id, h.id, h.contact_id, i::text, CASE WHEN i %% 6 = 1 THEN 'Frage ' || i ELSE '' END,
  CASE WHEN i %% 50 = 0 THEN 'plakat-' || i %% 7 ELSE '' END,
  CASE WHEN r.site < 0.005 THEN p.sites[7] WHEN r.site < 0.9 THEN p.sites[1 + floor(r.site * r.site * 7)::int %% 6] END,
  false, i %% 4 = 2, (ARRAY['de','de','de','de','de','de','de','de','nl','en'])[1 + floor(r.language * 10)::int],
  (%(kinds)s::text[])[1 + floor(r.kind * 10)::int],
  CASE WHEN r.topic < 0.85 THEN p.topics[1 + floor(r.topic * r.topic * 27)::int] END, r.topic < 0.6, '[]',
  CASE WHEN r.who < 0.6 THEN p.colleagues[1 + floor(r.who * 33)::int] END,
  s.state, CASE WHEN s.state = 'closed' THEN 'answered' ELSE '' END,
  CASE WHEN s.state = 'snoozed' THEN now() + i %% 99 * interval '1 hour' END,
  (%(said)s::text[])[1 + i %% 10], s.at + r.who * interval '2 days', s.at, i * 3,
  CASE WHEN s.state = 'open' AND r.kind < 0.5 THEN i * 3 - 2 ELSE i * 3 END,
  CASE WHEN s.state = 'open' AND r.topic < 0.7 THEN s.at END,
  CASE WHEN s.state = 'open' AND r.topic < 0.6 THEN now() + (r.kind - 0.2) * interval '5 days' END,
  CASE WHEN s.state = 'open' AND r.language < 0.15 THEN p.colleagues[1 + floor(r.language * 100)::int] END,
  CASE WHEN s.state = 'open' AND r.language < 0.15 THEN now() + r.kind * interval '2 days' END,
  CASE WHEN s.state = 'open' AND r.kind > 0.97 THEN now() END, '',
  CASE WHEN s.state = 'closed' OR r.topic >= 0.7 THEN s.at + r.kind * interval '9 hours' END, s.at
FROM (
  SELECT i, 1 + (i * 7919) %% %(people)s AS person, random() AS open, random() AS site, random() AS language,
    random() AS kind, random() AS topic, random() AS who
  FROM generate_series(%(from)s::bigint, %(to)s) i) r
CROSS JOIN LATERAL (SELECT now() - interval '2 days' - (%(many)s - r.i) * interval '360 days' / %(many)s AS at,
  CASE WHEN r.open < 0.05 THEN 'open' WHEN r.open < 0.06 THEN 'snoozed' ELSE 'closed' END AS state) s
CROSS JOIN (SELECT (SELECT array_agg(id ORDER BY id) FROM directory_site) AS sites,
  (SELECT array_agg(id ORDER BY id) FROM topics_topic) AS topics,
  (SELECT array_agg(id ORDER BY id) FROM directory_colleague WHERE name LIKE '%% Lindner') AS colleagues) p
JOIN (SELECT h.*, row_number() OVER (ORDER BY h.id) AS place FROM contacts_handle h) h ON h.place = r.person
"""
MESSAGES = """
INSERT INTO inbox_message (id, conversation_id, channel_id, direction, visibility, external_id, reply_to, text,
  original, is_automatic, language, kind, understood_at, target, provider_at, received_at, form, more)
SELECT c.id * 3 - 3 + n, c.id, c.channel_id, CASE n WHEN 2 THEN 'out' ELSE 'in' END,
  CASE WHEN c.is_public THEN 'public' ELSE 'private' END, 'crowd-' || c.id || '-' || n, '',
  (%(said)s::text[])[1 + (c.id * n) %% 10] || ' ' || w.stem || lower(w.middle) || w.ending
    || CASE WHEN (c.id + n) %% 7 = 0 THEN ' Es geht um den Ausbildungsplatz ' || w.middle || w.ending ELSE '' END
    || CASE WHEN (c.id * 3 + n) %% 4999 = 0 THEN ' Zwischenprüfungszeugnis' ELSE '' END,
  '', false, c.language, c.kind, c.created_at, '{}', c.created_at + (n - 1) * interval '3 hours',
  c.created_at + (n - 1) * interval '3 hours', '', '{}'
FROM inbox_conversation c CROSS JOIN generate_series(1, 3) n
CROSS JOIN LATERAL (SELECT (%(stems)s::text[])[1 + (c.id * 31 + n * 7) %% 16] AS stem,
  (%(stems)s::text[])[1 + (c.id / 16 * 7 + n) %% 16] AS middle,
  (%(ends)s::text[])[1 + (c.id / 3 + n) %% 14] AS ending) w
WHERE c.id BETWEEN %(from)s AND %(to)s
ORDER BY c.id, n
"""
SEQUENCES = """
SELECT setval(pg_get_serial_sequence('inbox_conversation', 'id'), %(many)s),
  setval(pg_get_serial_sequence('inbox_message', 'id'), %(many)s * 3)
"""
BATCH = 50_000


def fill(many: int) -> None:
    """That many conversations and three times as many messages, in batches; then what the planner knows is renewed."""
    values: dict[str, Any] = {
        "first": FIRST.split(), "last": LAST.split(), "said": SAID, "stems": STEMS.split(), "ends": ENDS.split(),
        "kinds": KINDS, "sites": SITES,
        "networks": NETWORKS, "people": max(many * 7 // 10, 1), "many": many,
    }  # fmt: skip
    for statement in ("SELECT setseed(0.4)", *PLACES.split(";\n"), *PEOPLE.split(";\n")):
        _run(statement, values)
    for start in range(1, many + 1, BATCH):
        reach = {**values, "from": start, "to": min(many, start + BATCH - 1)}
        with transaction.atomic():
            _run(CONVERSATIONS, reach)
            _run(MESSAGES, reach)
    _run(SEQUENCES, values)
    for table in ("inbox_conversation", "inbox_message", "contacts_contact", "contacts_handle"):
        _run(f"ANALYZE {table}", values)


def _run(statement: str, values: dict[str, Any]) -> None:
    if statement.strip():
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
