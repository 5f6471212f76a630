"""What stands in the rail and on the settings page; the entries are listed in `config/wiring.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string

BAR = 4  # entries in the phone's bottom bar; the rest stands behind "More"


@dataclass(frozen=True)
class Entry:
    """One way to go. `count` is a dotted function `(user) -> int` shown as a number beside the word."""

    url_name: str
    label: str | Promise
    icon: str
    role: str = "reader"
    place: Literal["rail", "settings"] = "rail"
    hint: str | Promise = ""
    count: str = ""
    count_words: str | Promise = ""


@dataclass(frozen=True)
class Way:
    """An entry as one user sees it now."""

    entry: Entry
    url: str
    is_current: bool
    count: int
    in_bar: bool


_entries: list[Entry] = []


def ways(request: HttpRequest, place: str) -> list[Way]:
    """The entries of a place that this user may open, in the order of the wiring."""
    user: Any = request.user
    mine = [entry for entry in _entries if entry.place == place and user.has_role(entry.role)]
    found = [(entry, url) for entry in mine if (url := _url(entry)) is not None]
    here = _current([url for _, url in found], request.path)
    return [Way(entry, url, url == here, _count(entry, user), index < BAR) for index, (entry, url) in enumerate(found)]


def is_in_settings(request: HttpRequest, settings_ways: Iterable[Way]) -> bool:
    """The settings page itself, or a page one goes to from there."""
    return request.path == reverse("ui:settings") or any(way.is_current for way in settings_ways)


def tie(entries: Sequence[Entry]) -> None:
    """Set once at start which entries there are."""
    _entries[:] = entries


def _url(entry: Entry) -> str | None:
    try:
        return reverse(entry.url_name)
    except NoReverseMatch:
        return None


def _current(urls: list[str], path: str) -> str:
    """The longest way that leads to this path; the front page only leads to itself."""
    shortest = min(urls, key=len, default="")
    root = shortest if all(url.startswith(shortest) for url in urls) else ""
    fitting = [url for url in urls if path == url or (path.startswith(url) and url != root)]
    return max(fitting, key=len, default="")


def _count(entry: Entry, user: Any) -> int:
    return int(import_string(entry.count)(user)) if entry.count else 0
