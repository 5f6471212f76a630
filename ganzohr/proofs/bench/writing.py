"""Many writers at once, each keeping webhooks one by one: as the desk does, or into bare copies of its tables."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from ganzohr.proofs.bench import letters

KIND = "whatsapp"
HEADERS = {"content-type": "application/json", "x-hub-signature-256": "sha256=" + "0" * 64, "user-agent": "bench"}


PARTS = """
SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid IN (
    SELECT inhrelid FROM pg_inherits WHERE inhparent = 'channels_delivery'::regclass
)
"""


def copy_bare() -> None:
    """The same columns, defaults, unique keys and days; no triggers and nothing that refers to another table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_channels_deliverykey (LIKE channels_deliverykey INCLUDING ALL)")
        like = "CREATE TABLE bare_channels_delivery (LIKE channels_delivery INCLUDING ALL)"
        cursor.execute(f"{like} PARTITION BY RANGE (received_at)")
        cursor.execute(PARTS)
        for name, bounds in cursor.fetchall():
            cursor.execute(f'CREATE TABLE "bare_{name}" PARTITION OF bare_channels_delivery {bounds}')


def write(is_bare: bool, writers: int, first: int, each: int) -> list[float]:
    """What every commit took, in milliseconds."""
    from django.db import connection

    from ganzohr.channels import deliveries
    from ganzohr.channels.models import App

    app, begin, over = App.objects.get(key=letters.APP_KEY), Barrier(writers, timeout=60), Event()
    statement = deliveries.STORE_ONE
    if is_bare:
        statement = statement.replace("channels_delivery", "bare_channels_delivery")

    def one(number: int) -> list[float]:
        times, bodies = [], [letters.webhook(first + number * each + n) for n in range(each)]
        with connection.cursor() as cursor:
            begin.wait()
            for body in bodies:
                started = time.perf_counter()
                cursor.execute(statement, deliveries.row(0, app.pk, KIND, body, "", HEADERS, body))
                times.append(1000 * (time.perf_counter() - started))
        connection.close()
        return times

    with ThreadPoolExecutor(writers + 1) as threads:
        bells = None if is_bare else threads.submit(_bells, over)
        found = [took for times in threads.map(one, range(writers)) for took in times]
        over.set()
        if bells:
            bells.result()
    return found


def _bells(over: Event) -> None:
    """Bells as often as the intake rings them, in transactions of their own, each answered at once so that the next is
    rung."""
    from django.db import connection

    from ganzohr.channels.committer import RINGS_APART
    from ganzohr.core import jobs

    while not over.wait(RINGS_APART):
        jobs.ring("deliveries")
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
    connection.close()
