"""Brings the database into the shape the code expects; any number of processes may ask at once."""

from __future__ import annotations

import sys
import time
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
PATIENCE_WITH_OURS = 10.0  # `./run` starts its processes once the database answers
SILENT = 2.0


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
            if silent > (PATIENCE if settings.DATABASE_URL else PATIENCE_WITH_OURS):
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

    Patient with a database that is still starting, or goes away meanwhile and comes back. One that does not come at
    all is told in words, and ends the program.
    """
    wait_for_database()
    until = time.monotonic() + PATIENCE
    while True:
        try:
            changed = _migrate()
            for function in wiring.BEFORE:
                import_string(function)()
        except (OperationalError, InterfaceError):
            if time.monotonic() > until:
                raise
            connection.close()
            time.sleep(0.2)
        else:
            return changed


def _migrate() -> bool:
    """Run what waits, one process at a time."""
    if not waits():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        if waits():
            call_command("migrate", verbosity=0, interactive=False)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return True
