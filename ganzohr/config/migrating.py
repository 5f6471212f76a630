"""Brings the database into the shape the code expects; any number of processes may ask at once."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from ganzohr.config import wiring

LOCK = 0x67616E7A  # "ganz"
PATIENCE = 30.0
SILENT = 2.0
PAUSE = 0.2
# Whoever waits for a table holds up everybody behind it, so a step gives way and comes again. Building an index beside
# those who write holds nobody up, and may wait for the last of their transactions.
LONGEST_LOCK = 3.0
LOCKED = f"SET lock_timeout = '{LONGEST_LOCK:.0f}s'"
BESIDE = "SET lock_timeout = 0"
HELD = (
    f"Something has held a table that has to change for {PATIENCE:.0f} seconds: a backup perhaps, or a long query. "
    "Nothing is lost or half done; begin again when it has ended."
)


def waits() -> bool:
    """Whether a migration has not run yet."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def wait_for_database() -> None:
    """Return once it answers. Words after two seconds, the end of the program after some more."""
    began, told = time.monotonic(), False
    while True:
        try:
            psycopg.connect(**_plain(), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            silent = time.monotonic() - began
            if silent > SILENT and not told:
                told = True
                print(words(error), file=sys.stderr, flush=True)
            if silent > PATIENCE:
                raise SystemExit(1) from None
            time.sleep(0.2)
        else:
            return


def _plain() -> dict[str, Any]:
    """How to reach the database once, without a pool that would go on trying by itself."""
    named = connection.settings_dict
    options = {name: value for name, value in named["OPTIONS"].items() if name not in {"pool", "connect_timeout"}}
    whom = {"dbname": named["NAME"], "user": named["USER"], "password": named["PASSWORD"]}
    where = {"host": named["HOST"], "port": named["PORT"]}
    return {name: value for name, value in {**whom, **where}.items() if value} | options


def words(error: psycopg.OperationalError) -> str:
    """Why nothing begins, and what to do."""
    if not settings.DATABASE_URL:
        return (
            "The database of this desk does not answer. It belongs to ./run, which starts database, web and worker "
            "together: use ./run, or name a PostgreSQL elsewhere with DATABASE_URL."
        )
    reason = next(iter(str(error).splitlines()), "no reason given")
    return f"The database that DATABASE_URL names does not answer ({reason}). It is asked for {PATIENCE:.0f} seconds."


def ensure() -> bool:
    """The shape the code expects, and all that has to be done before a process begins; whether anything was to do.

    Patient with a database that is still starting, or goes away meanwhile and comes back, and with a table that
    somebody holds; steps that take their time cost none of it. A database that does not come at all is told in words,
    and ends the program.
    """
    wait_for_database()
    left = PATIENCE
    while True:
        began = time.monotonic()
        try:
            changed = _migrate()
            for function in wiring.BEFORE:
                import_string(function)()
        except (OperationalError, InterfaceError) as error:
            left -= PAUSE + min(time.monotonic() - began, LONGEST_LOCK)
            if left < 0:
                if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                    raise SystemExit(HELD) from None
                raise
            connection.close()
            time.sleep(PAUSE)
        else:
            return changed


def _migrate() -> bool:
    """Run what waits, one process at a time."""
    if not waits():
        return False
    with connection.cursor() as cursor:
        while not _is_ours(cursor):  # who waits in the database is waited for by an index that is built beside all
            time.sleep(0.2)
        try:
            if waits():
                cursor.execute(LOCKED)
                with connection.execute_wrapper(_beside):
                    call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("RESET lock_timeout")
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return True


def _is_ours(cursor: Any) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
    return bool(cursor.fetchone()[0])


def _beside(execute: Callable[..., Any], sql: Any, values: Any, many: bool, context: Any) -> Any:
    if "CONCURRENTLY" not in str(sql):
        return execute(sql, values, many, context)
    with context["connection"].connection.cursor() as plain:
        plain.execute(BESIDE)
        try:
            return execute(sql, values, many, context)
        finally:
            plain.execute(LOCKED)
