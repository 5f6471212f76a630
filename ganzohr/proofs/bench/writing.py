"""Many writers at once, each keeping webhooks one by one: as the desk does, or into bare copies of its tables."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from ganzohr.proofs.bench import letters

if TYPE_CHECKING:
    from ganzohr.channels.models import App

KIND = "whatsapp"
HEADERS = {"content-type": "application/json", "x-hub-signature-256": "sha256=" + "0" * 64, "user-agent": "bench"}
TABLES = ("channels_deliverykey", "channels_delivery")


def copy_bare() -> None:
    """The same columns, defaults and unique keys; no triggers and nothing that refers to another table."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")


def write(is_bare: bool, writers: int, first: int, each: int) -> list[float]:
    """What every commit took, in milliseconds."""
    from django.db import connection

    from ganzohr.channels.models import App

    app, begin = App.objects.get(key=letters.APP_KEY), Barrier(writers)

    def one(number: int) -> list[float]:
        times, bodies = [], [letters.webhook(first + number * each + n) for n in range(each)]
        connection.ensure_connection()
        begin.wait()
        for body in bodies:
            started = time.perf_counter()
            if not _keep(app, body, is_bare):
                raise RuntimeError("a webhook was not new")
            times.append(1000 * (time.perf_counter() - started))
        connection.close()
        return times

    with ThreadPoolExecutor(writers) as threads:
        return [took for times in threads.map(one, range(writers)) for took in times]


def _keep(app: App, body: bytes, is_bare: bool) -> bool:
    from django.db import connection

    from ganzohr.channels import actions, deliveries

    if not is_bare:
        return actions.store_for_app(app, KIND, "", HEADERS, body)
    with connection.cursor() as cursor:
        row = deliveries.row(0, app.pk, KIND, body, "", HEADERS, body)
        cursor.execute(deliveries.STORE_ONE.replace("channels_delivery", "bare_channels_delivery"), row)
        return bool(cursor.rowcount)
