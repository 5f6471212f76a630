"""Brings the database into the shape the code expects; any number of processes may ask at once."""

from __future__ import annotations

import time

from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from ganzohr.config import wiring

LOCK = 0x67616E7A  # "ganz"
PATIENCE = 30.0


def waits() -> bool:
    """Whether a migration has not run yet."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def ensure() -> bool:
    """The shape the code expects, and all that has to be done before a process begins; whether anything was to do.

    Patient with a database that is still starting, or goes away meanwhile and comes back.
    """
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
