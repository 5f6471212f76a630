"""Every URL asked as every role, as a user limited to another site, with another ask's private link, and as nobody.

The rows stand in `permissions.txt`; a URL without a row fails the build. To see what new URLs answer, run this
file with SHOW_PERMISSIONS=1: rows that are missing are printed. Read them before you take them over: each is a promise.
"""

from __future__ import annotations

import copy
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import models, transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import world as worlds

TABLE = Path(__file__).with_name("permissions.txt")
HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@dataclass(frozen=True)
class Row:
    """One line: how, where, and what each role is answered."""

    method: str
    name: str
    arguments: tuple[tuple[str, str], ...]
    answers: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.name} {' '.join('='.join(pair) for pair in self.arguments)}".strip()


def rows() -> list[Row]:
    """The table. Answers stand in the order of `world.ROLES`, after a bar."""
    found = []
    for line in TABLE.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            asked, answers = line.split("|")
            method, name, *arguments = asked.split()
            pairs = tuple((word.partition("=")[0], word.partition("=")[2]) for word in arguments)
            found.append(Row(method, name, pairs, tuple(answers.split())))
    return found


def names(resolver: URLResolver | None = None, prefix: str = "") -> dict[str, URLPattern]:
    """Every URL by its name."""
    found: dict[str, URLPattern] = {}
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            found |= names(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        else:
            found[f"{prefix}{entry.name}"] = entry
    return found


def address(row: Row, world: dict[str, Any]) -> str:
    """The address a row means, with ids of rows of the world."""
    values = {}
    for name, word in row.arguments:
        held = world.get(word, word)
        values[name] = held.pk if isinstance(held, models.Model) else held
    return reverse(row.name, kwargs=values or None)


def answers(row: Row, world: dict[str, Any]) -> tuple[str, ...]:
    """What each role is answered, each as if the others had not asked."""
    found = []
    for role in worlds.ROLES:
        with transaction.atomic():
            client = Client()
            client.cookies = copy.deepcopy(world["clients"][role].cookies)
            response = client.generic(row.method, address(row, world))
            found.append(str(response.status_code))
            transaction.set_rollback(True)
    return tuple(found)


@pytest.fixture
def world(db: None, tmp_path: Path) -> Any:
    """One of everything; files go into a folder that is gone afterwards."""
    with override_settings(PASSWORD_HASHERS=HASHERS, MEDIA_ROOT=tmp_path):
        built = worlds.build()
        yield built | {"clients": worlds.clients(built)}


@pytest.mark.parametrize("room", sorted({row.name.partition(":")[0] for row in rows()}))
def test_each_role_is_answered_as_the_table_says(room: str, world: dict[str, Any]) -> None:
    mine = [row for row in rows() if row.name.partition(":")[0] == room]
    assert {str(row): " ".join(answers(row, world)) for row in mine} == {
        str(row): " ".join(row.answers) for row in mine
    }


def test_every_url_has_a_row() -> None:
    assert sorted(set(names()) - {row.name for row in rows()}) == []


@pytest.mark.skipif("SHOW_PERMISSIONS" not in os.environ, reason="only on request")
def test_show_what_rows_are_missing(world: dict[str, Any]) -> None:
    for name, pattern in names().items():
        if name not in {row.name for row in rows()}:
            words = re.findall(r"(?:<(?:\w+:)?|\?P<)(\w+)>", str(pattern.pattern))
            required = getattr(pattern.callback, "required_role", "")
            for method in ("GET", "POST"):
                row = Row(method, name, tuple((word, guess(name, word)) for word in words), ())
                try:
                    said = " ".join(answers(row, world))
                except Exception as error:
                    said = f"!!! {type(error).__name__} {str(error)[:80]}"
                print(f"{row!s:<70} | {said}   # {required}")  # noqa: T201


# Which thing of the world an argument probably means: by URL name, by argument, by room
BY_NAME = {
    "accounts:join": "invitation_token", "accounts:invite_again": "invitation", "accounts:revoke": "invitation",
    "accounts:restore": "invitation", "contacts:withdrawal": "consent", "directory:be_back": "absence",
    "directory:department": "department", "directory:site": "site", "directory:close_site": "site",
    "directory:open_site": "site", "directory:hours": "hours", "directory:limit": "user", "inbox:note_removal": "note",
    "inbox:original": "message", "inbox:taking_back": "answer", "inbox:outcome": "answer", "inbox:file": "attachment",
    "inbox:detaching": "attachment", "inbox:post_picture": "post", "inquiries:file": "ask_file",
    "topics:remove_example": "example", "topics:sheet": "sheet", "topics:restore_example": "example",
    **{f"channels:{page}": "outgoing" for page in ("take_back", "again", "was_sent", "was_not_sent")},
    **{f"channels:{page}": "outgoing" for page in ("post_by_hand", "posted")},
    "channels:lift": "hold",
    **{f"channels:meta{page}": "page_channel" for page in ("", "_look", "_pages", "_token", "_status")},
    **{f"channels:mail{page}": "mail_channel" for page in ("", "_check", "_check_now", "_sign_in")},
    **{f"inquiries:mail_{page}": "colleague_mail" for page in ("ask", "message", "seen")},
}  # fmt: skip
BY_WORD = {
    "conversation_id": "conversation", "channel_id": "channel", "source_id": "source", "file_id": "attachment",
    "delivery_id": "delivery", "code": "short_link", "form": "svg", "year": "2026", "number": "10", "mode": "reply",
    "site": "site", "kind": "hand", "uidb36": "x",
}  # fmt: skip
BY_ROOM = {
    "inbox": "conversation", "inquiries": "inquiry", "channels": "channel", "contacts": "contact", "topics": "topic",
    "knowledge": "deep_link",  "directory": "colleague", "accounts": "user", "privacy": "contact",
}  # fmt: skip


def guess(name: str, word: str) -> str:
    """Which thing of the world an argument of this name probably means."""
    room = name.partition(":")[0]
    if word == "token" and name not in BY_NAME:
        return {"notifications": "ask_token", "website": "visit_token"}.get(room, "wrong_token")
    if word == "key":
        return "channel_key" if room == "website" else "y"
    return BY_WORD.get(word) or BY_NAME.get(name) or BY_ROOM.get(room, word)
