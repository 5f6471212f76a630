"""Stored files that no row names: a kill between storing bytes and writing down where they are leaves one, as does a
kill between forgetting a row and its bytes.

Only in the folder of this desk: a bucket may be another desk's too, above all the real one's while somebody tries a
backup, and what came since is nameless there. Asked is every column of files there is, for a place holds what several
of them name (`channels/stored.py`), and nothing is looked at but the months below their places (`messages/2026/11`), so
that exports, keys or anybody else's files are never met. A file younger than `YOUNG` may be about to be named. Where
more than a few and most of a month would go, two desks share a folder or the database is an older one: that is for a
person to look at, and nothing goes.

The two newest months are looked through each time and one older one in turn, file by file.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from django.apps import apps
from django.core.files.storage import FileSystemStorage, Storage
from django.db.models import FileField

from ganzohr.core import times

log = logging.getLogger(__name__)
YOUNG = dt.timedelta(days=2)
PAGE, MOST, FEW = 500, 1_000, 20
MONTHS = "/%Y/%m/"
Columns = list[FileField]


def delete_strays() -> int:
    """Delete files no row names, of a month at most `MOST` (round); how many there were."""
    found = places()
    return sum(
        _delete_in(storage, month, [one for (in_, _), columns in found.items() if in_ == storage for one in columns])
        for storage, place in found
        for month in _in_turn(_months(storage, place))
    )


def places() -> dict[tuple[Storage, str], Columns]:
    """The columns whose files lie in a place of a storage."""
    found: dict[tuple[Storage, str], Columns] = defaultdict(list)
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, FileField) and isinstance(column.storage, FileSystemStorage):
                found[column.storage, str(column.upload_to).removesuffix(MONTHS)].append(column)
    return found


def _months(storage: Storage, place: str) -> list[str]:
    years = [f"{place}/{name}" for name in _folders(storage, place, r"\d{4}")]
    return [f"{year}/{name}" for year in years for name in _folders(storage, year, r"\d{2}")]


def _folders(storage: Storage, path: str, form: str) -> list[str]:
    try:
        return sorted(name for name in storage.listdir(path)[0] if re.fullmatch(form, name))
    except FileNotFoundError:
        return []


def _in_turn(months: list[str]) -> list[str]:
    older = months[:-2]
    return months[-2:] + ([older[times.now().toordinal() % len(older)]] if older else [])


def _delete_in(storage: Storage, month: str, columns: Columns) -> int:
    before, seen, count, strays = times.now() - YOUNG, 0, 0, list[str]()
    old = (name for name, at in _lying(storage, month) if at < before)
    while page := list(islice(old, PAGE)):
        nameless = _nameless(page, columns)
        seen, count = seen + len(page), count + len(nameless)
        strays += nameless[: MOST - len(strays)]
    if count > FEW and 2 * count > seen:
        log.warning("%s of %s files in %s belong to nothing on this desk; they were left alone", count, seen, month)
        return 0
    for name in strays:
        storage.delete(name)
    return len(strays)


def _lying(storage: Storage, month: str) -> Iterator[tuple[str, dt.datetime]]:
    """Name and age of each file, never all at once, as `listdir` would have them."""
    with os.scandir(storage.path(month)) as entries:
        for one in entries:
            if one.is_file(follow_symlinks=False):
                yield f"{month}/{one.name}", dt.datetime.fromtimestamp(one.stat().st_mtime, dt.UTC)


def _nameless(names: Sequence[str], columns: Columns) -> list[str]:
    named: set[str] = set()
    for column in columns:
        rows = column.model._base_manager.filter(**{f"{column.name}__in": names})
        named.update(rows.values_list(column.name, flat=True))
    return [name for name in names if name not in named]
