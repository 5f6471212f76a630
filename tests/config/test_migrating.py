"""A process that begins while the database comes and goes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.contrib.postgres.operations import NotInTransactionMixin
from django.db import OperationalError, connection
from django.db.migrations import AddConstraint, AddIndex, AlterField, RemoveIndex
from django.db.migrations.loader import MigrationLoader

from ganzohr.config import migrating, web, wiring

before: list[str] = []
GROWS = {("inbox", "message"), ("inbox", "conversation"), ("inbox", "attachment"), ("channels", "outgoing")}
EMPTY = {"inbox": "0006", "channels": "0010"}  # the steps up to these ran before anybody had many rows
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'inbox_%' ORDER BY 1"


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


def gone() -> str:
    """The words of a room whose question is never answered."""
    raise OperationalError("terminating connection due to unexpected postmaster exit")


@pytest.mark.django_db
def test_a_web_server_begins_although_the_database_went_away_before_its_greeting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wiring, "GREETINGS", [f"{__name__}.gone"])
    web._greet()
    assert capsys.readouterr().out == ""


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
    for name in ("SILENT", "PATIENCE"):
        monkeypatch.setattr(migrating, name, 0.0)
    with pytest.raises(SystemExit) as ended:
        migrating.ensure()
    words = capsys.readouterr().err
    assert (ended.value.code, words[: len(said)], words.count("\n")) == (1, said, 1)


def test_no_step_reads_a_large_table_while_everybody_waits_for_it() -> None:
    held = [
        (app, name, type(step).__name__, step.model_name_lower)
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        for step in migration.operations
        if isinstance(step, AddConstraint | AddIndex | AlterField | RemoveIndex)
        and not isinstance(step, NotInTransactionMixin)
        and (app, step.model_name_lower) in GROWS
        and name[:4] > EMPTY[app]
        and (not isinstance(step, AlterField) or step.field.is_relation)
    ]
    assert held == []


@pytest.mark.django_db(transaction=True)
def test_an_index_whose_building_broke_off_is_built_anew() -> None:
    loader, step = MigrationLoader(connection), ("inbox", "0008_leaner_messages")
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        known = cursor.fetchall()
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'message_author'::regclass")
        with connection.schema_editor(atomic=False) as editor:
            loader.get_migration(*step).apply(loader.project_state(step, at_end=False), editor)
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
        broken = cursor.fetchall()
        cursor.execute(INDEXES)
        assert (broken, cursor.fetchall()) == ([], known)


@pytest.mark.django_db
def test_a_step_gives_way_to_whoever_holds_a_table_and_what_is_built_beside_them_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    def look(*_arguments: object, **_named: object) -> None:
        with connection.cursor() as cursor:
            for word in ("", "CONCURRENTLY", ""):
                cursor.execute(f"SELECT current_setting('lock_timeout') /* {word} */")
                seen.append(cursor.fetchone()[0])

    monkeypatch.setattr(migrating, "waits", lambda: True)
    monkeypatch.setattr(migrating, "call_command", look)
    migrating._migrate()
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert (seen, cursor.fetchone()) == (["3s", "0", "3s"], ("0",))


@pytest.mark.django_db
def test_a_process_waits_for_another_ones_steps_outside_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    with psycopg.connect(**migrating._plain(), autocommit=True) as other, connection.cursor() as cursor:
        other.execute("SELECT pg_advisory_lock(%s)", [migrating.LOCK])
        cursor.execute("SET LOCAL statement_timeout = '2s'")

        def sleep(seconds: float) -> None:
            other.execute("SELECT pg_advisory_unlock(%s)", [migrating.LOCK])
            slept.append(seconds)

        waiting = iter([True, False])
        monkeypatch.setattr(migrating, "waits", lambda: next(waiting))
        monkeypatch.setattr("ganzohr.config.migrating.time.sleep", sleep)
        assert (migrating._migrate(), len(slept)) == (True, 1)


@pytest.mark.django_db
def test_a_table_that_stays_held_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def held() -> bool:
        raise OperationalError from psycopg.errors.LockNotAvailable()

    monkeypatch.setattr(migrating, "PATIENCE", -1.0)
    monkeypatch.setattr(migrating, "_migrate", held)
    with pytest.raises(SystemExit, match=r"^Something has held a table that has to change for 30 seconds: "):
        migrating.ensure()


def test_a_step_that_takes_its_time_leaves_as_much_for_the_tables_of_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock of our own: an index of half an hour, then a table that is held for 24 seconds."""
    clock, steps = [0.0], [1800.0, *[3.0] * 8]

    def step() -> bool:
        if not steps:
            return True
        clock[0] += steps.pop(0)
        raise OperationalError from psycopg.errors.LockNotAvailable()

    monkeypatch.setattr(wiring, "BEFORE", [])
    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(migrating, "wait_for_database", lambda: None)
    monkeypatch.setattr(migrating, "_migrate", step)
    monkeypatch.setattr(migrating, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=lambda _seconds: None))
    assert (migrating.ensure(), steps) == (True, [])
