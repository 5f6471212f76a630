"""What Today asks first: the most pressing of what is open, and the next due of what waits for a colleague."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

INDEXES = """
CREATE INDEX conv_pressing ON inbox_conversation (
    (CASE WHEN failed_at IS NOT NULL THEN 0 ELSE 1 END), (COALESCE(due_at, unanswered_since, last_activity_at)), id
) WHERE state = 'open';
CREATE INDEX conv_waits_until ON inbox_conversation (waits_until, id)
WHERE waits_for_id IS NOT NULL AND expert_draft_at IS NULL AND state <> 'closed';
"""
NO_INDEXES = "DROP INDEX conv_pressing; DROP INDEX conv_waits_until;"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("inbox", "0004_indexes")]
    operations: ClassVar = [migrations.RunSQL(INDEXES, NO_INDEXES)]
