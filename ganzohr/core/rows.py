"""Many rows written by one statement: what `bulk_create` and `bulk_update` do, for a tenth of their cost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import NOT_PROVIDED, Field, Model


def reserve(model: type[Model], count: int) -> list[int]:
    """So many new ids in ascending order: rows that name each other can then be written at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH own AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name) "
            "SELECT nextval(name) FROM own, generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def copy(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """New rows with these columns; JSON is given as text, and what nobody names gets what a new object has."""
    usual = _usual(model, tuple(columns))
    names, more = ", ".join((*columns, *usual)), tuple(usual.values())
    with connection.wrap_database_errors, connection.cursor() as cursor:
        with cursor.copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN") as pipe:
            for row in rows:
                pipe.write_row((*row, *more))


@cache
def _usual(model: type[Model], columns: tuple[str, ...]) -> dict[str, Any]:
    rest = [one for one in model._meta.concrete_fields if one.column not in columns and not one.null]
    made = {
        str(one.column): one.get_default() for one in rest if not one.primary_key and one.db_default is NOT_PROVIDED
    }
    return {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in made.items()}


def write(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """These fields of these rows, as they are now."""
    if rows:
        chosen = [rows[0]._meta.get_field(name) for name in fields]
        change(type(rows[0]), fields, [(row.pk, *(_value(field, row) for field in chosen)) for row in rows])


def _value(field: Any, row: Model) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


def change(model: type[Model], fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """The row of each key gets these values: an array for each column instead of a CASE for each value."""
    if not rows:
        return
    meta, quoted = model._meta, connection.ops.quote_name
    chosen: list[Field[Any, Any]] = [meta.pk, *(meta.get_field(name) for name in fields)]  # type: ignore[list-item]
    names = [quoted(str(field.column)) for field in chosen]
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in chosen)
    changes = ", ".join(f"{name} = new.{name}" for name in names[1:])
    table, key = quoted(meta.db_table), names[0]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {changes} FROM unnest({arrays}) AS new({', '.join(names)}) "  # noqa: S608  our own names
            f"WHERE {table}.{key} = new.{key}",
            [list(column) for column in zip(*rows, strict=True)],
        )
