"""One clock for the whole house, which tests and the demo may stop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_frozen: ContextVar[dt.datetime | None] = ContextVar("frozen", default=None)


def now() -> dt.datetime:
    """The present moment, aware, in UTC; use it instead of `timezone.now()`."""
    return _frozen.get() or dt.datetime.now(dt.UTC)


@contextmanager
def frozen(at: dt.datetime) -> Iterator[None]:
    """Inside, `now()` answers `at`, which must be aware."""
    if at.tzinfo is None:
        raise ValueError("a frozen moment needs a time zone")
    before = _frozen.set(at.astimezone(dt.UTC))
    try:
        yield
    finally:
        _frozen.reset(before)
