"""Whatever somebody types into an address of ours, no page breaks."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from ganzohr.accounts.models import User
from ganzohr.config.composite import Composite
from ganzohr.ui.numbers import number

NAMES = (
    "actor", "after", "assignee", "channel", "colleague", "department", "from", "in", "kind", "lang", "language",
    "month", "number", "of", "part", "post", "q", "seen", "show", "site", "source", "src", "state", "to", "topic",
    "view", "week", "year",
)  # fmt: skip


def mark(values: list[Any]) -> str:
    """A place in a list, as its pages name it."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


TYPED = {
    "a word": "x",
    "a small two": "²",
    "below zero": "-1",
    "larger than any row": "9" * 30,
    "longer than any number": "9" * 5000,
    "no end": mark([float("inf"), float("inf")]),
    "a moment and no end": mark(["2026-01-01T00:00:00+00:00", float("inf")]),
    "a word and no end": mark(["a", float("inf")]),
    "a hole without floor": base64.urlsafe_b64encode(b"[" * 20_000).decode(),
}


def _names(patterns: list[Any], room: str = "") -> Iterator[str]:
    for one in patterns:
        if hasattr(one, "url_patterns"):
            yield from _names(one.url_patterns, f"{room}{one.namespace}:" if one.namespace else room)
        elif one.name:
            yield f"{room}{one.name}"


def pages() -> list[str]:
    """Every page whose address needs nothing to be known, but the one that never ends."""
    found = set()
    for name in _names(get_resolver().url_patterns):
        try:
            found.add(reverse(name))
        except NoReverseMatch:
            continue
    return sorted(found - {reverse("ui:live")})


@pytest.mark.django_db
@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_no_query_breaks_a_page(typed: str) -> None:
    admin = Client(raise_request_exception=False)
    user = User.objects.create_user("sophie@auental.example", role="admin", language="en")
    broken = []
    for address in pages():
        admin.force_login(user)
        if admin.get(address, dict.fromkeys(NAMES, typed)).status_code >= 500:
            broken.append(address)
    assert broken == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("7", 7), ("", 0), (None, 0), ("x", 0), ("-1", 0), ("²", 0), ("9" * 18, 10**18 - 1), ("9" * 19, 0)],
)
def test_what_is_no_number_of_a_row_is_nought(text: str | None, expected: int) -> None:
    assert number(text) == expected


@pytest.mark.parametrize(
    ("path", "query"), [("/inbox/", b"q=a%00"), ("/inbox/\0", b""), ("/inbox/", b"source=%00&q=1")], ids=str
)
async def test_a_zero_byte_in_an_address_reaches_no_page(path: str, query: bytes) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def page(_scope: Any, _receive: Any, _send: Any) -> None:
        raise AssertionError

    scope = {"type": "http", "path": path, "query_string": query, "headers": [(b"host", b"127.0.0.1")]}
    await Composite(page, {}, ())(scope, receive, send)
    assert sent[0]["status"] == 400
