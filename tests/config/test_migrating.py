"""A process that begins while the database comes and goes."""

from __future__ import annotations

from typing import Any

import psycopg
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


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "The database of this desk does not answer. It belongs to ./run, which starts database, web and worker "),
        ("postgresql://x", "The database that DATABASE_URL names does not answer (nobody there). It is asked for 0 s"),
    ],
)
def test_a_database_that_does_not_answer_is_told_in_one_sentence(
    url: str, said: str, settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nobody(**_where: object) -> None:
        raise psycopg.OperationalError("nobody there\nand more")

    settings.DATABASE_URL = url
    monkeypatch.setattr(psycopg, "connect", nobody)
    for name in ("SILENT", "PATIENCE", "PATIENCE_WITH_OURS"):
        monkeypatch.setattr(migrating, name, 0.0)
    with pytest.raises(SystemExit) as ended:
        migrating.ensure()
    words = capsys.readouterr().err
    assert (ended.value.code, words[: len(said)], words.count("\n")) == (1, said, 1)
