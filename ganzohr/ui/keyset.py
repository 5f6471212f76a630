"""Load more: pages of a list by the last row shown, never by counting from the start."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Slice(Generic[M]):
    """Some rows and the mark after which the next ones come; empty when these are the last."""

    rows: list[M]
    after: str


def keyset(rows: QuerySet[M], order: Sequence[str], after: str = "", size: int = 50) -> Slice[M]:
    """`size` rows after the mark, in this order (field names or annotations, `-` for descending, the last one unique).

    The fields of the order must not be null. A mark nobody gave out counts as none.
    """
    values = _read(after, len(order))
    if values is not None:
        with suppress(ValidationError, ValueError, TypeError, OverflowError):
            rows = rows.filter(_beyond(order, values))
    found = list(rows.order_by(*order)[: size + 1])
    shown = found[:size]
    return Slice(shown, _mark(shown[-1], order) if len(found) > size else "")


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    beyond, same = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field, step = name.removeprefix("-"), "lt" if name.startswith("-") else "gt"
        beyond |= same & Q(**{f"{field}__{step}": value})
        same &= Q(**{field: value})
    first = order[0].removeprefix("-")  # lets the index be used
    return Q(**{f"{first}__{'lte' if order[0].startswith('-') else 'gte'}": values[0]}) & beyond


def _mark(row: Model, order: Sequence[str]) -> str:
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
