"""Many rows written by one statement."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ganzohr.core.rows import write
from ganzohr.inbox.models import Conversation
from tests.inbox.story import Desk

AT = datetime(2026, 11, 22, 6, tzinfo=UTC)


def test_every_row_gets_its_own_values_whatever_their_kind(desk: Desk) -> None:
    rows = [desk.arrive(desk.say(thread_key=text)) for text in ("One", "Two", "Three")]
    for number, row in enumerate(rows):
        row.subject, row.topic_choices, row.site = f"{{a, 'b' \"{number}\"}}", [[number, 0.5]], None
        row.due_at = AT if number else None
        row.topic_is_sure = bool(number)
    with CaptureQueriesContext(connection) as asked:
        write(rows[:2], ["subject", "topic_choices", "site", "due_at", "topic_is_sure"])
    assert len(asked) == 1
    columns = "subject", "topic_choices", "site_id", "due_at", "topic_is_sure"
    for row in rows[:2]:
        assert [getattr(row, name) for name in columns] == list(
            Conversation.objects.values_list(*columns).get(pk=row.pk)
        )
    assert Conversation.objects.get(pk=rows[2].pk).subject == "Teilzeit"


@pytest.mark.django_db
def test_no_rows_are_written_by_nobody() -> None:
    with CaptureQueriesContext(connection) as asked:
        write([], ["subject"])
    assert len(asked) == 0
