"""Names and addresses to search by, as they are written, found by their beginnings."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

WORDS = """
ALTER TABLE contacts_contact ADD COLUMN words tsvector GENERATED ALWAYS AS (
    to_tsvector('pg_catalog.simple'::regconfig, name)
) STORED;
CREATE INDEX contact_words ON contacts_contact USING gin (words);
ALTER TABLE contacts_handle ADD COLUMN words tsvector GENERATED ALWAYS AS (
    to_tsvector('pg_catalog.simple'::regconfig, name || ' ' || external_id || ' ' || address)
) STORED;
CREATE INDEX handle_words ON contacts_handle USING gin (words);
"""
NO_WORDS = "ALTER TABLE contacts_contact DROP COLUMN words; ALTER TABLE contacts_handle DROP COLUMN words;"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("contacts", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(WORDS, NO_WORDS)]
