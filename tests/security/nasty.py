# ruff: noqa: E501 (samples stand on one line each)
"""What nobody sends by accident. `FUZZ=long` tries much more of it, and other things each time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

IS_LONG = os.environ.get("FUZZ") == "long"
TEXTS = [
    "", " ", "\x00", "\u202e", "\ud800", "🙂" * 50, "a" * 3000, "'", '"><script>', "%s%n{0}{{x}}", "../../etc/passwd", "-1",
    "0", "9" * 30, "1e309", "NaN", "true", "null", "[]", "{}", "\r\nX: y", "ä" * 300, "http://127.0.0.1/", "//x", "٣", "²",
    "2026-02-30", "9999-12-31T23:59", "0000-00-00", "javascript:alert(1)", "a@b", "\u0130\u0131", "\ufeff", "1:2:3", "a.b.c",
]  # fmt: skip
NUMBERS = [0, -1, 2**31, 2**63 - 1, 2**63, 10**30]
VALUES: list[Any] = [
    None, True, -1, 0, 2**63, 10**400, 1e308, float("nan"), float("inf"), "", "\x00", "\ud800", "x" * 5000, "2026-13-45",
    "1" * 40, [], {}, [[]], [None], {"a": {}}, {"": None}, [{"id": []}], {"data": 1}, {"id": {"id": 1}}, [1, "a", {}],
]  # fmt: skip
LONGER = 100 if IS_LONG else 1


def tried(examples: int) -> Callable[[Any], Any]:
    """How often, and the same each time unless the long form was asked for."""
    return settings(
        max_examples=examples * LONGER, deadline=None, derandomize=not IS_LONG, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands inside a JSON value, from the outside in."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from places(one, (*path, name))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The same value with something else at one place; names may be replaced by dropping them (`...`)."""
    if not path:
        return new
    name, *rest = path
    copied = dict(value) if isinstance(value, dict) else list(value)
    if new is ... and not rest:
        del copied[name]
    else:
        copied[name] = replaced(copied[name], tuple(rest), new)
    return copied


@st.composite
def damaged(draw: st.DrawFn, bodies: tuple[bytes, ...]) -> bytes:
    """One of these bodies with a few things wrong: values of another kind, missing, nested, or bytes cut and swapped."""
    body = draw(st.sampled_from(bodies))
    try:
        value = json.loads(body)
    except ValueError:
        return draw(torn(body))
    for _ in range(draw(st.integers(1, 3))):
        where = draw(st.sampled_from(list(places(value))))
        value = replaced(
            value, where, draw(st.sampled_from([*VALUES, ...])) if where else draw(st.sampled_from(VALUES))
        )
        if not isinstance(value, dict | list):
            break
    said = json.dumps(value).encode("utf-8", "surrogatepass")
    return draw(torn(said)) if draw(st.integers(0, 4)) == 0 else said


@st.composite
def torn(draw: st.DrawFn, body: bytes) -> bytes:
    """These bytes with a piece missing, doubled or replaced by noise."""
    first, second = sorted((draw(st.integers(0, len(body))), draw(st.integers(0, len(body)))))
    noise = draw(
        st.sampled_from([b"", b"\0", b"\xff\xfe", b"\r\n\r\n", b"[" * 3000, b"=?utf-8?b?", body[first:second] * 2])
    )
    return body[:first] + noise + body[second:]
