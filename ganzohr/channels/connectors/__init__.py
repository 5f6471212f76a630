"""One folder per platform: plain Python that knows no desk."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from ganzohr.channels.connectors.base import Connector

KINDS = ("website", "mail", "hand", "facebook", "whatsapp")


@cache
def connector(kind: str) -> Connector:
    """The connector of a kind; KeyError for a kind nobody wrote."""
    if kind not in KINDS:
        raise KeyError(kind)
    found: Connector = import_module(f"{__name__}.{kind}").connector
    return found
