"""What holds in every process at once: Django's cache in one table, for how often somebody may try something.

allauth counts attempts and used codes here. `add` is one statement on a primary key, so of two who come at the same
moment one finds the key taken, whichever processes they came to. Keys are kept as hashes: no address, no IP.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

from ganzohr.core.times import now

FOREVER = timedelta(days=30)
SET = """INSERT INTO accounts_limit (key, value, expires_at) VALUES (%s, %s, %s)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at"""
ADD = SET + " WHERE accounts_limit.expires_at <= %s"


class InPostgres(BaseCache):
    """Values that can be written as JSON, until they run out."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep it unless something is kept there; of several at once one succeeds."""
        return self._write(ADD, key, value, timeout, version, now())

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep it, whatever was there."""
        self._write(SET, key, value, timeout, version)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """What is kept there and has not run out."""
        from ganzohr.accounts.models import Limit

        found = Limit.objects.filter(key=self._hash(key, version), expires_at__gt=now()).values_list("value", flat=True)
        return next(iter(found), default)

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Keep nothing there; whether something was."""
        from ganzohr.accounts.models import Limit

        return bool(Limit.objects.filter(key=self._hash(key, version)).delete()[0])

    def clear(self) -> None:
        """Keep nothing at all."""
        from ganzohr.accounts.models import Limit

        Limit.objects.all().delete()

    def _write(self, sql: str, key: Any, value: Any, timeout: Any, version: int | None, *more: datetime) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(sql, [self._hash(key, version), json.dumps(value), now() + self._lasts(timeout), *more])
            return bool(cursor.rowcount)

    def _lasts(self, timeout: Any) -> timedelta:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return FOREVER if seconds is None else timedelta(seconds=seconds)

    def _hash(self, key: Any, version: int | None) -> bytes:
        return hashlib.sha256(self.make_key(str(key), version).encode()).digest()


def forget_limits() -> int:
    """What ran out goes (round)."""
    from ganzohr.accounts.models import Limit

    return Limit.objects.filter(expires_at__lte=now()).delete()[0]
