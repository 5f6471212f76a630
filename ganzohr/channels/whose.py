"""Whom something that leaves is for, and where their talk stands: rooms above know it, by `config/wiring.py`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.module_loading import import_string

from ganzohr.accounts.models import User

_asked: list[str] = []


@dataclass(frozen=True)
class Talk:
    """The person, and the page of the conversation with them."""

    person: str
    address: str


def tie(function: str) -> None:
    """Set once at start: function(user, ids of outgoing things) -> {id: (person, address)}, only what they may see."""
    _asked[:] = [function]


def talks(user: User, ids: Collection[int]) -> dict[int, Talk]:
    """The talks of these outgoing things, as far as this user sees them; all at once."""
    return {pk: Talk(*said) for function in _asked for pk, said in import_string(function)(user, ids).items()}
