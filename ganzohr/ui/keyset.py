"""Load more: pages of a list by the last row shown, never by counting from the start."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Expression, Model, Q, QuerySet

from ganzohr.ui.numbers import number

M = TypeVar("M", bound=Model)
MOST = 300


@dataclass(frozen=True)
class Slice(Generic[M]):
    """Some rows and the mark after which the next ones come; empty when these are the last. Of a slice that is cut
    nobody knows whether any come: what is beyond the mark was not looked at."""

    rows: list[M]
    after: str
    is_cut: bool = False


def length(asked: Mapping[str, str], size: int = 50) -> int:
    """How many rows a list has that is asked for by this query: a page, or as many as stood there (`rows`) where a live
    list is fetched again."""
    return size if asked.get("after") else min(MOST, max(size, number(asked.get("rows"))))


def keyset(rows: QuerySet[M], order: Sequence[str], after: str = "", size: int = 50) -> Slice[M]:
    """`size` rows after the mark, in this order (field names or annotations, `-` for descending, the last one unique).

    The fields of the order must not be null. A mark nobody gave out counts as none.
    """
    found = list(_after(rows, order, after).order_by(*order)[: size + 1])
    shown = found[:size]
    return Slice(shown, _mark(shown[-1], order) if len(found) > size else "")


def walked(
    rows: QuerySet[M], order: Sequence[str], after: str, size: int, asked: Q | Expression, reach: int
) -> Slice[M]:
    """The same of rows that must each be asked something: no more than `reach` of them after the mark are. A tenth of
    these are asked first, since where many say yes a page is full long before."""
    rows = _after(rows, order, after).order_by(*order)
    found = _walked(rows, order, size, asked, min(reach, max(reach // 10, size)))
    return _walked(rows, order, size, asked, reach) if found.is_cut else found


def _walked(rows: QuerySet[M], order: Sequence[str], size: int, asked: Q | Expression, reach: int) -> Slice[M]:
    names = [name.removeprefix("-") for name in order]
    edge = list(rows.values_list(*names, named=True)[reach - 1 : reach + 1])
    if len(edge) < 2:
        return keyset(rows.filter(asked), order, size=size)
    last, beyond = edge
    flipped = [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in order]
    found = keyset(rows.filter(_beyond(flipped, beyond)).filter(asked), order, size=size)
    return found if found.after else Slice(found.rows, _mark(last, order), is_cut=True)


def _after(rows: QuerySet[M], order: Sequence[str], after: str) -> QuerySet[M]:
    values = _read(after, len(order))
    if values is not None:
        with suppress(ValidationError, ValueError, TypeError, OverflowError):
            return rows.filter(_beyond(order, values))
    return rows


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    beyond, same = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field, step = name.removeprefix("-"), "lt" if name.startswith("-") else "gt"
        beyond |= same & Q(**{f"{field}__{step}": value})
        same &= Q(**{field: value})
    first = order[0].removeprefix("-")  # lets the index be used
    return Q(**{f"{first}__{'lte' if order[0].startswith('-') else 'gte'}": values[0]}) & beyond


def _mark(row: Any, order: Sequence[str]) -> str:
    values = [_plain(row, name.removeprefix("-")) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _plain(row: Any, path: str) -> Any:
    value = row
    for part in path.split("__"):
        value = getattr(value, part)
    return value.isoformat() if isinstance(value, datetime | date) else value


def _read(mark: str, length: int) -> list[Any] | None:
    try:
        values = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return values if isinstance(values, list) and len(values) == length else None
