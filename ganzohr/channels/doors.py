"""Every hook address of ours in memory, with decrypted secrets, never older than two seconds.

A knock finds its door without a query; one query reads all doors when somebody knocks and what we know is too old.
So an address nobody knows costs the database nothing either.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ganzohr.channels import connectors
from ganzohr.channels.accounts import opened
from ganzohr.channels.connectors.base import Account, Connector
from ganzohr.channels.line import Connection, Line

log = logging.getLogger(__name__)
FRESH = 1.5  # seconds; the rest of the two is for reading
READ = """
SELECT 'channel', id, kind, key, settings, secrets FROM channels_channel WHERE app_id IS NULL
UNION ALL SELECT 'app', id, '', key, settings, secrets FROM channels_app
"""
Known = tuple[Literal["channel", "app"], int, str, str, dict[str, Any], str]


class Stale(Exception):
    """The database takes too long to say what holds now."""


@dataclass(slots=True)
class Door:
    """Where a delivery comes in: a channel's own hook, or that of an app for one kind. One of the ids is 0."""

    channel_id: int
    app_id: int
    connector: Connector
    account: Account
    refused_at: float = field(default=float("-inf"))


async def read(line: Line) -> Sequence[Any]:
    """Every channel with a hook of its own, and every app."""

    async def ask(connection: Connection) -> Sequence[Any]:
        return await (await connection.execute(READ)).fetchall()

    return await line.run(ask)


class Doors:
    """What is behind each hook address. Belongs to one event loop."""

    def __init__(
        self, reads: Callable[[Line], Awaitable[Sequence[Known]]] = read, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.line = Line()
        self._reads, self._clock = reads, clock
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self._known: dict[tuple[str, str], Known] = {}
        self._doors: dict[tuple[str, str], Door] = {}
        self._secrets: dict[str, Mapping[str, str]] = {}

    async def find(self, kind: str, key: str) -> Door | None:
        """The door at this address as it is now, or was less than two seconds ago. None if there is none.

        Raises what the database says, `Stale`, and `crypto.Unreadable` where no key of ours fits the secrets.
        """
        if self._clock() - self._read_at > FRESH:
            await self._refresh()
        return self._doors.get((kind, key)) or self._open(kind, key)

    def _open(self, kind: str, key: str) -> Door | None:
        found = self._known.get((kind, key)) or (self._known.get(("", key)) if kind in connectors.KINDS else None)
        if found is None:
            return None
        what, id_, _kind, _key, settings, sealed = found
        if sealed not in self._secrets:
            self._secrets[sealed] = opened(sealed)
        account = Account(kind, key, settings, self._secrets[sealed])
        ids = (id_, 0) if what == "channel" else (0, id_)
        door = self._doors[kind, key] = Door(*ids, connectors.connector(kind), account)
        return door

    async def _refresh(self) -> None:
        for _ in range(2):  # whoever joins a reading that began long ago reads once more
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read())
            await asyncio.shield(self._reading)
            if self._clock() - self._read_at <= FRESH:
                return
        raise Stale

    async def _read(self) -> None:
        began = self._clock()
        known = {(row[2], row[3]): row for row in await self._reads(self.line)}
        self._doors = {at: door for at, door in self._doors.items() if self._is_same(at, known)}
        self._secrets = {row[5]: self._secrets[row[5]] for row in known.values() if row[5] in self._secrets}
        self._known, self._read_at = known, began

    def _is_same(self, at: tuple[str, str], known: Mapping[tuple[str, str], Known]) -> bool:
        own, of_app = at, ("", at[1])
        return all(known.get(each) == self._known.get(each) for each in (own, of_app))
