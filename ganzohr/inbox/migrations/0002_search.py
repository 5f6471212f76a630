"""Words to search by: generated columns, each message in the stemming of its own language, names as they are."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

WORDS = """
ALTER TABLE inbox_message ADD COLUMN words tsvector GENERATED ALWAYS AS (
    CASE language
        WHEN 'de' THEN to_tsvector('pg_catalog.german'::regconfig, left(text, 20000))
        WHEN 'nl' THEN to_tsvector('pg_catalog.dutch'::regconfig, left(text, 20000))
        WHEN 'en' THEN to_tsvector('pg_catalog.english'::regconfig, left(text, 20000))
        ELSE to_tsvector('pg_catalog.simple'::regconfig, left(text, 20000))
    END
) STORED;
CREATE INDEX message_words ON inbox_message USING gin (words);
ALTER TABLE inbox_conversation ADD COLUMN words tsvector GENERATED ALWAYS AS (
    to_tsvector('pg_catalog.simple'::regconfig, subject)
) STORED;
CREATE INDEX conversation_words ON inbox_conversation USING gin (words) WHERE subject <> '';
"""
NO_WORDS = "ALTER TABLE inbox_message DROP COLUMN words; ALTER TABLE inbox_conversation DROP COLUMN words;"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("inbox", "0001_initial"), ("contacts", "0002_search")]
    operations: ClassVar = [migrations.RunSQL(WORDS, NO_WORDS)]
