"""A large desk, made by a few statements; the same for the same size.

Three messages to a conversation. One conversation in ten is open, most of those wait for an answer; one word stands in
one message of ten thousand, one in every second, one in twelve of the newest only. Indexes that guard nothing are
built afterwards. One conversation in four belongs to a site where nobody says a word that is common elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ganzohr.proofs.bench import letters
from ganzohr.proofs.bench.looking import LIMITED

if TYPE_CHECKING:
    from django.db.models import Model

    from ganzohr.proofs.bench.ground import Ground

NOW = "now()"
FIRST = ("Lena", "Jonas", "Aylin", "Tom", "Mia", "Noor", "Sofie", "Daan", "Emre", "Klara", "Paul", "Zoe", "Omar", "Ida")
LAST = ("Hoff", "Wagner", "Yilmaz", "de Vries", "Bakker", "Schulz", "Weber", "Koch", "Klein", "Brandt", "Vos", "Kaya")
PHRASES = (
    "ich habe eine Frage zur Bewerbung", "wann beginnt die Ausbildung", "wie hoch ist das Gehalt",
    "gibt es Schichtzulagen am Wochenende", "kann ich in Teilzeit arbeiten", "vielen Dank für die schnelle Antwort",
    "ich freue mich auf das Gespräch", "die Unterlagen schicke ich morgen", "wo finde ich die Stelle im Portal",
    "ist ein Praktikum vorher möglich", "mein Abschluss ist aus dem Ausland", "wie lange dauert die Anerkennung",
    "brauche ich einen Führerschein", "gibt es ein Jobticket", "wie sieht die Kinderbetreuung aus",
    "ich wohne weiter weg und suche ein Zimmer", "darf ich einen Tag zur Probe arbeiten", "an wen wende ich mich",
    "die Bewerbung habe ich letzte Woche geschickt", "haben Sie noch Plätze frei", "das klingt sehr gut",
    "unsere Station sucht Verstärkung", "der Dienstplan steht vier Wochen vorher fest", "bis bald",
)  # fmt: skip
RARE, RARE_PHRASE = "Hubschrauberlandeplatz", "ich arbeite am Hubschrauberlandeplatz"
INFLECTED, INFLECTED_PHRASE = "Ausbildungsplatz", "sind noch Ausbildungsplätze frei"
COMMON, TWO = "Bewerbung", "Bewerbung Ausland"
ELSEWHERE, ELSEWHERE_PHRASE = "Zebrastreifen", "vor dem Haus ist ein Zebrastreifen"
LATE, LATE_PHRASE = "Streikaufruf", "was heißt der Streikaufruf für uns"  # in twelve messages, all among the newest


def build(ground: Ground, name: str, conversations: int) -> None:
    """A desk of this size; once."""
    from ganzohr.proofs.bench.ground import tell

    ground.desk(name)
    tell(f"a desk of {conversations:,} conversations is made")
    with ground.part(name) as part:
        part.ask("fill", conversations=conversations)
    with ground.connect(name) as connection:
        connection.execute("VACUUM ANALYZE")
    tell("it is there")


def fill(conversations: int) -> None:
    """Contacts, handles, conversations, messages. Runs with Django."""
    from django.db import connection, transaction

    from ganzohr.contacts.models import Contact, Handle
    from ganzohr.inbox.models import Conversation, Message

    values = _people()
    made = {Contact: CONTACTS, Handle: HANDLES, Conversation: CONVERSATIONS, Message: MESSAGES}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # what is made here refers to itself
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        later = [line for model in made for line in _drop_indexes(cursor, model._meta.db_table)]
        for model, (columns, rows) in made.items():
            _insert(cursor, model, columns, rows, {**values, "n": conversations})
        for line in later:
            cursor.execute(line)


def _people() -> dict[str, Any]:
    """Channel, colleagues and topics that the rows name."""
    from ganzohr.accounts.models import User
    from ganzohr.channels.models import Channel
    from ganzohr.directory.models import Colleague, Site
    from ganzohr.topics.models import Topic

    channel = Channel.objects.get(external_id=letters.NUMBER)
    colleagues = [Colleague.objects.create(name=f"{first} Colleague") for first in FIRST]
    site = Site.objects.create(name="Nord")
    Colleague.objects.create(name="Limited", user=User.objects.get(email=LIMITED)).limited_to.add(site)
    topics = [Topic.objects.create(slug=f"bench-{n}", names={"de": f"Thema {n}"}) for n in range(20)]
    return {
        "channel": channel.pk,
        "colleagues": [one.pk for one in colleagues],
        "topics": [one.pk for one in topics],
        "first": list(FIRST),
        "last": list(LAST),
        "phrases": list(PHRASES),
        "rare": RARE_PHRASE,
        "inflected": INFLECTED_PHRASE,
        "late": LATE_PHRASE,
        "elsewhere": ELSEWHERE_PHRASE,
        "site": site.pk,
    }


def _drop_indexes(cursor: Any, table: str) -> list[str]:
    """Drops what only makes reading quick; how to make it again."""
    cursor.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        "WHERE i.indrelid = %s::regclass AND NOT i.indisunique",
        [table],
    )
    found: list[tuple[str, str]] = cursor.fetchall()
    for name, _made in found:
        cursor.execute(f"DROP INDEX {name}")
    return [made for _name, made in found]


def _insert(cursor: Any, model: type[Model], columns: dict[str, str], rows: str, values: dict[str, Any]) -> None:
    """One statement; columns nobody speaks of get what a new object of the model would have."""
    from django.db.models.fields import NOT_PROVIDED

    table, given = model._meta.db_table, dict(columns)
    more: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if not field.column or field.column in given or field.null or field.db_default is not NOT_PROVIDED:
            continue
        more[f"default_{field.column}"] = field.get_db_prep_save(field.get_default(), cursor.db)
        given[field.column] = f"%(default_{field.column})s"
    names, chosen = ", ".join(f'"{name}"' for name in given), ", ".join(given.values())
    cursor.execute(f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {rows}", {**values, **more})  # noqa: S608
    cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608


# Numbers that jump about, so that neighbours differ: a multiplication by a prime, modulo.
NAME = "(%(first)s::text[])[1 + i * 7919 %% 14] || ' ' || (%(last)s::text[])[1 + i * 104729 %% 12]"
PERSON = "1 + i * 7919 %% greatest(%(n)s * 6 / 10, 1)"
RECENT = "now() - i * 40503 %% %(n)s * interval '11 seconds'"
OPEN = "i %% 10 = 0"
CONTACTS = (
    {"id": "i", "name": NAME, "created_at": NOW, "language": "'de'"},
    "(SELECT generate_series(1, greatest(%(n)s * 6 / 10, 1))::bigint AS i) AS made",
)
HANDLES = (
    {
        "id": "i", "contact_id": "i", "channel_id": "%(channel)s", "name": NAME, "created_at": NOW,
        "external_id": "'49170' || lpad(i::text, 9, '0')",
    },
    CONTACTS[1],
)  # fmt: skip
CONVERSATIONS = (
    {
        "id": "i",
        "channel_id": "%(channel)s",
        "handle_id": PERSON,
        "contact_id": PERSON,
        "thread_key": "'bench-' || i",
        "language": "'de'",
        "site_id": "CASE WHEN i %% 4 = 0 THEN %(site)s::bigint END",
        "kind": "CASE WHEN i %% 5 = 0 THEN 'praise' ELSE 'question' END",
        "topic_id": "CASE WHEN i %% 7 > 0 THEN (%(topics)s::bigint[])[1 + i * 31 %% 20] END",
        "topic_is_sure": "i %% 3 > 0",
        "assignee_id": "CASE WHEN i %% 20 = 0 THEN (%(colleagues)s::bigint[])[1 + i * 17 %% 14] END",
        "waits_for_id": "CASE WHEN i %% 70 = 0 THEN (%(colleagues)s::bigint[])[1 + i * 13 %% 14] END",
        "state": f"CASE WHEN {OPEN} THEN 'open' WHEN i %% 50 = 1 THEN 'snoozed' ELSE 'closed' END",
        "reason": f"CASE WHEN {OPEN} OR i %% 50 = 1 THEN '' ELSE 'answered' END",
        "snoozed_until": "CASE WHEN i %% 50 = 1 THEN now() + i %% 30 * interval '1 day' END",
        "first_words": "(%(phrases)s::text[])[1 + i %% 24] || ', ' || (%(phrases)s::text[])[1 + i * 5 %% 24]",
        "last_activity_at": RECENT,
        "last_inbound_at": RECENT,
        "created_at": f"{RECENT} - interval '1 day'",
        "last_message_id": "3 * i",
        "read_until_id": "CASE WHEN i %% 40 = 0 THEN 3 * i - 1 ELSE 3 * i END",
        "unanswered_since": f"CASE WHEN {OPEN} AND i %% 30 > 0 THEN {RECENT} END",
        "due_at": f"CASE WHEN {OPEN} AND i %% 30 > 0 THEN now() + (i %% 1000 - 20) * interval '7 minutes' END",
    },
    "(SELECT generate_series(1, %(n)s)::bigint AS i) AS made",
)
TEXT = """(%(phrases)s::text[])[1 + m * 7919 %% 24] || ', ' || (%(phrases)s::text[])[1 + m * 104729 %% 23] || ' '
|| substr(md5(m::text), 1, 5) || ', ' || (%(phrases)s::text[])[1 + m * 31 %% 22]
|| CASE WHEN m %% 10000 = 7 THEN ', ' || %(rare)s WHEN m %% 300 = 11 THEN ', ' || %(inflected)s
  WHEN m > 3 * %(n)s - 396 AND m %% 33 = 0 THEN ', ' || %(late)s
  WHEN m %% 12 = 5 THEN ', ' || %(elsewhere)s ELSE '' END"""
MESSAGES = (
    {
        "id": "m",
        "conversation_id": "i",
        "channel_id": "%(channel)s",
        "direction": "CASE WHEN m %% 3 = 2 THEN 'out' ELSE 'in' END",
        "external_id": "'wamid.OLD' || m",
        "text": TEXT,
        "language": "'de'",
        "kind": "CASE WHEN m %% 3 = 2 THEN '' ELSE 'question' END",
        "understood_at": NOW,
        "provider_at": f"{RECENT} - (3 * i - m) * interval '1 hour'",
        "received_at": f"{RECENT} - (3 * i - m) * interval '1 hour'",
    },
    "(SELECT (m + 2) / 3 AS i, m FROM generate_series(1, 3 * %(n)s::bigint) AS m) AS made",
)
