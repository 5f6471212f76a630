"""Raw deliveries in one partition a day; rows, ids and everything that refers to them stay.

Only days with rows are made here. `channels/days.py` makes those that come, before any process begins.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import migrations

KEPT = 14

# The intake of the version before may still run: what it brings waits for the new table.
NEW = """
LOCK TABLE channels_delivery IN ACCESS EXCLUSIVE MODE;
CREATE TABLE channels_delivery_new (LIKE channels_delivery INCLUDING CONSTRAINTS) PARTITION BY RANGE (received_at);
CREATE TABLE channels_delivery_other PARTITION OF channels_delivery_new DEFAULT;
"""
DAY = """
CREATE TABLE channels_delivery_{day:%Y%m%d} PARTITION OF channels_delivery_new
FOR VALUES FROM ('{day} 00:00:00+00') TO ('{after} 00:00:00+00');
"""
OVER = """
INSERT INTO channels_delivery_new SELECT * FROM channels_delivery;
CREATE SEQUENCE channels_delivery_new_seq AS bigint;
SELECT setval('channels_delivery_new_seq', last_value, is_called) FROM channels_delivery_id_seq;
DROP TABLE channels_delivery;
ALTER TABLE channels_delivery_new RENAME TO channels_delivery;
ALTER SEQUENCE channels_delivery_new_seq RENAME TO channels_delivery_id_seq;
ALTER SEQUENCE channels_delivery_id_seq OWNED BY channels_delivery.id;
ALTER TABLE channels_delivery ALTER COLUMN id SET DEFAULT nextval('channels_delivery_id_seq');
ALTER TABLE channels_delivery ADD CONSTRAINT channels_delivery_pkey PRIMARY KEY (id, received_at);
CREATE INDEX channels_delivery_channel_id_59493e4b ON channels_delivery (channel_id);
CREATE INDEX channels_delivery_app_id_451f0f93 ON channels_delivery (app_id);
CREATE INDEX delivery_waiting ON channels_delivery (id) WHERE state = 'waiting';
CREATE INDEX delivery_path_open ON channels_delivery (path) WHERE state IN ('waiting', 'failed', 'unsupported');
ALTER TABLE channels_delivery
    ADD CONSTRAINT channels_delivery_channel_id_59493e4b_fk_channels_channel_id
    FOREIGN KEY (channel_id) REFERENCES channels_channel (id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT channels_delivery_app_id_451f0f93_fk_channels_app_id
    FOREIGN KEY (app_id) REFERENCES channels_app (id) DEFERRABLE INITIALLY DEFERRED;
"""


def divide(apps: Any, schema_editor: Any) -> None:
    """A new table beside the old one, its days, the rows, then the old one's names."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(NEW)
        for day in _with_rows(cursor):
            cursor.execute(DAY.format(day=day, after=day + dt.timedelta(days=1)))
        cursor.execute(OVER)


def _with_rows(cursor: Any) -> list[dt.date]:
    cursor.execute("SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date FROM channels_delivery ORDER BY 1")
    today = dt.datetime.now(dt.UTC).date()
    return [day for (day,) in cursor.fetchall() if 0 <= (today - day).days < KEPT]


class Migration(migrations.Migration):
    dependencies = [("channels", "0008_spoken_of")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(divide)],
            state_operations=[migrations.RemoveIndex(model_name="delivery", name="delivery_received")],
        ),
    ]
