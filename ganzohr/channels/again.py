"""Whether something that did not leave may leave after all: rooms above are asked, by a table in `config/wiring.py`."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.module_loading import import_string

from ganzohr.channels.models import Outgoing

_asked: list[str] = []


class StaysHere(Exception):
    """It must not leave any more as it is; the words say why, to people."""


def tie(functions: Sequence[str]) -> None:
    """Set once at start: functions (outgoing) -> why it must stay, in words, or '' if it may leave."""
    _asked[:] = functions


def why_not(outgoing: Outgoing) -> str:
    """The first reason to keep it here, in words; '' when nobody objects."""
    reasons = (str(import_string(function)(outgoing) or "") for function in _asked)
    return next((reason for reason in reasons if reason), "")
