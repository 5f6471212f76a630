"""What users limited to sites see besides what stands at their sites itself: rooms above say it, by the conversations.

Most employers have one mailbox and one website for all sites: the channel has no site there, the conversation does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.module_loading import import_string

_seen: dict[str, str] = {}


def tie(seen: Mapping[str, str]) -> None:
    """Set once at start: kind of thing → function(site ids) that gives the ids of those seen by their conversation."""
    _seen.clear()
    _seen.update(seen)


def at(kind: str, sites: Collection[int]) -> QuerySet[Any] | list[int]:
    """The ids of things of this kind that belong to conversations at these sites."""
    return import_string(_seen[kind])(sites) if kind in _seen else []
