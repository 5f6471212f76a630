"""Pages inside a process with Django, so that every query can be counted and timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

MANAGER, LIMITED = "manager@auental.example", "limited@auental.example"


class Watched:
    """What the queries between two looks were."""

    def __init__(self) -> None:
        self.count, self.milliseconds = 0, 0.0
        self.said: list[tuple[str, Any]] = []

    def __call__(self, execute: Callable[..., Any], query: str, values: Any, many: bool, context: Any) -> Any:
        """One query."""
        started = time.perf_counter()
        try:
            return execute(query, values, many, context)
        finally:
            self.count += 1
            self.said.append((query, values))
            self.milliseconds += 1000 * (time.perf_counter() - started)


@contextmanager
def watched() -> Iterator[Watched]:
    """Counts and times the queries inside."""
    from django.db import connection

    found = Watched()
    connection.ensure_connection()
    with connection.execute_wrapper(found):
        yield found


def pages(paths: list[str], times: int, target: str = "") -> dict[str, Any]:
    """Each of these pages so often: queries, their milliseconds, and the rows of a list in the last."""
    from django.db import connection

    client = manager()
    headers = {"HX-Request": "true", "HX-Target": target} if target else {}
    queries, milliseconds, lines = [], [], 0
    for number in range(times * len(paths) + 1):
        with watched() as found:
            response = client.get(paths[number % len(paths)], headers=headers)
        connection.close_if_unusable_or_obsolete()
        if response.status_code != 200:
            raise RuntimeError(f"{paths[number % len(paths)]} answered {response.status_code}")
        lines = response.content.count(b"data-row")
        if number:  # the first of a process reads templates
            queries.append(found.count)
            milliseconds.append(found.milliseconds)
    return {"queries": queries, "database_ms": milliseconds, "lines": lines}


def search(words: str, times: int, limited: bool = False) -> dict[str, Any]:
    """A search in all conversations, or as somebody limited to a site: the queries that find the first page, not
    those of the frame around it."""
    from ganzohr.accounts.models import User
    from ganzohr.core.times import now
    from ganzohr.inbox.filters import Filter
    from ganzohr.inbox.models import Conversation

    user = User.objects.get(email=LIMITED if limited else MANAGER)
    milliseconds, rows = [], 0
    for _ in range(times):
        with watched() as found:
            mine = Conversation.objects.visible_to(user)
            rows = len(Filter(q=words, state="any").slice(mine, None, now()).rows)
        milliseconds.append(found.milliseconds)
    return {"database_ms": milliseconds, "rows": rows}


def due(times: int) -> dict[str, Any]:
    """What is due on the desk, oldest promise first."""
    from ganzohr.core.times import now
    from ganzohr.inbox.models import Conversation

    milliseconds, rows = [], 0
    for _ in range(times):
        with watched() as found:
            rows = len(Conversation.objects.open().overdue(now()).order_by("due_at", "id").values_list("pk")[:100])
        milliseconds.append(found.milliseconds)
    return {"database_ms": milliseconds, "rows": rows}


def manager() -> Any:
    """The manager, signed in."""
    from django.conf import settings
    from django.test import Client

    from ganzohr.accounts.models import User

    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(User.objects.get(email=MANAGER), settings.AUTHENTICATION_BACKENDS[0])
    return client
