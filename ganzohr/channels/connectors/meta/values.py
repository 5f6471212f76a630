"""Reading what Meta sends without trusting its types: ids as numbers, seconds or milliseconds, lists that are none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from ganzohr.channels.connectors.base import Damaged, clean

LONGEST_NUMBER = 300
MILLISECONDS_FROM = 100_000_000_000  # as seconds this were the year 5138
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def loads(body: bytes) -> Any:
    """The JSON in these bytes; raises `Damaged` or what JSON raises for everything else."""
    try:
        return _JSON.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except (UnicodeDecodeError, RecursionError) as error:
        raise Damaged("not JSON") from error


def _int(digits: str) -> int | str:
    """A whole number; one that no computer counts with stays as it was written, so that it damages nothing else."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else digits


_JSON = json.JSONDecoder(parse_int=_int)


def text_id(value: object) -> str:
    """An id as text; '' for what is none."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else ""
    return clean(str(value)).strip()[:300] if isinstance(value, str | int) else ""


def moment(value: object) -> datetime | None:
    """A moment from seconds or milliseconds (by magnitude; text or number) or from ISO words; None for what is none."""
    if isinstance(value, str):
        return _from_words(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value / 1000 if value >= MILLISECONDS_FROM else value, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _from_words(value: str) -> datetime | None:
    if value.isascii() and value.isdigit():
        return moment(int(value)) if len(value) < 20 else None
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def text(values: Mapping[str, Any], *names: str) -> str:
    """The first of these names that holds words, also where they are digits only; '' when none does."""
    for name in names:
        if found := _words(values.get(name)):
            return found
    return ""


def _words(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return clean(value) if isinstance(value, str) else ""


def part(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The first of these names that holds an object; {} when none does."""
    for name in names:
        if isinstance(found := values.get(name), dict):
            return found
    return {}


def parts(values: Mapping[str, Any], *names: str) -> list[dict[str, Any]]:
    """The objects of the first of these names that holds any list (also in the form {"data": [...]}), or one object."""
    return [one for one in leaves(values, *names) if isinstance(one, dict)]


def leaves(values: Mapping[str, Any], *names: str) -> list[Any]:
    """Everything of the first of these names that holds a list or an object; lists within lists are one list."""
    for name in names:
        found = values.get(name)
        if isinstance(found, dict) and isinstance(found.get("data"), list):
            found = found["data"]
        if isinstance(found, dict):
            return [found]
        if isinstance(found, list):
            is_flat = all(isinstance(one, dict) for one in found)
            return found[:] if is_flat else list(flat(found))
    return []


def flat(value: Any) -> Iterator[Any]:
    """What a list holds, however deep, in its order; anything else is itself. Nothing is nothing."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left.extend(reversed(one))
        elif one is not None:
            yield one


def snake(value: Any) -> Any:
    """The same value with all names as Meta documents them: `isEcho` and `is-echo` become `is_echo`."""
    if isinstance(value, dict):
        return {_snaked(name): snake(one) if isinstance(one, dict | list) else one for name, one in value.items()}
    return [snake(one) for one in value] if isinstance(value, list) else value


@lru_cache(maxsize=2_000)
def _snaked(name: str) -> str:
    """The same names come with every webhook."""
    return _HUMP.sub("_", name).replace("-", "_").lower()


def webhooks(body: bytes) -> list[Any]:
    """Every webhook in a body, usually one, names made equal; what is no object may stand among them. Raises
    `Damaged`, or what JSON raises, for what is none, or one single word."""
    try:
        found = snake(loads(body))
        several = list(flat(found))
    except RecursionError as error:
        raise Damaged("nested too deep") from error
    if not isinstance(found, dict | list | None):
        raise Damaged("no webhook of Meta")
    return several
