"""Bytes put into the storage inside a transaction go again with it: a rollback takes back the row, not the file.

The block stands inside of `transaction.atomic()`, so that only what is surely rolled back is deleted. What a kill or a
commit whose end nobody heard leaves behind is deleted by a round days later (`config/strays.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.files.storage import Storage
from django.db.models.fields.files import FieldFile

log = logging.getLogger(__name__)
_noted: ContextVar[list[tuple[Storage, str]] | None] = ContextVar("noted", default=None)


@contextmanager
def undone_with_its_block() -> Iterator[None]:
    """Delete what was noted within if the block fails; blocks may lie in each other, as savepoints do."""
    outer, mine = _noted.get(), list[tuple[Storage, str]]()
    token = _noted.set(mine)
    try:
        yield
    except BaseException:
        _delete(mine)
        raise
    finally:
        _noted.reset(token)
    if outer is not None:
        outer.extend(mine)


def note(file: FieldFile) -> None:
    """These bytes were stored just now."""
    noted = _noted.get()
    if noted is not None and file.name:
        noted.append((file.storage, file.name))


def _delete(held: list[tuple[Storage, str]]) -> None:
    for storage, name in held:
        try:
            storage.delete(name)
        except Exception:  # the failure that brought us here is the one to tell of
            log.exception("a stored file of a transaction that failed could not be deleted")
