"""A process that begins while the database comes and goes."""

from __future__ import annotations

import pytest
from django.db import connection

from ganzohr.config import migrating, wiring

before: list[str] = []


def first() -> None:
    """The database ends our connection the first time."""
    before.append("first")
    if len(before) == 1:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_while_a_process_begins_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "BEFORE", [f"{__name__}.first"])
    assert (migrating.ensure(), before) == (False, ["first", "first"])
