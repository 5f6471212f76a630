"""A connection to PostgreSQL beside Django's, for an event loop; opened when needed, and again after it broke."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from django.db import connections
from psycopg import AsyncConnection, OperationalError
from psycopg.rows import TupleRow

T = TypeVar("T")
PATIENCE = 10.0
Connection = AsyncConnection[TupleRow]


def parameters() -> dict[str, Any]:
    """How Django reaches its database, for a connection of our own."""
    found = dict(connections["default"].get_connection_params())
    for name in ("context", "cursor_factory", "prepare_threshold", "pool"):
        found.pop(name, None)
    return {"connect_timeout": 5, **found}


class Line:
    """One connection for one user at a time. Each statement is a transaction."""

    def __init__(self) -> None:
        self.connection: Connection | None = None

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """What `work` gives; it must be safe to repeat. Tried once more on a fresh connection if this one broke."""
        was_fresh = self.connection is None
        try:
            return await self._run(work)
        except (OperationalError, TimeoutError):
            await self.close()
            if was_fresh:
                raise
        except BaseException:
            if self.connection and self.connection.broken:
                await self.close()
            raise
        try:
            return await self._run(work)
        except (OperationalError, TimeoutError):
            await self.close()
            raise

    async def _run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        async with asyncio.timeout(PATIENCE):
            if self.connection is None:
                self.connection = await AsyncConnection.connect(**parameters(), autocommit=True, prepare_threshold=0)
            return await work(self.connection)

    async def close(self) -> None:
        """Hang up; the next `run` opens a new one."""
        line, self.connection = self.connection, None
        if line:
            await line.close()
