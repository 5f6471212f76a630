"""What the outer address serves. Everything else is not there for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

Scope = dict[str, Any]


def host_of(scope: Scope) -> str:
    """The host the request was sent to, without its port."""
    for name, value in scope.get("headers", []):
        if name == b"host":
            return (urlsplit(f"//{value.decode('latin-1')}").hostname or "").lower()
    return ""


def is_outside(scope: Scope, inside_url: str, outside_url: str, outside_port: int) -> bool:
    """Whether the request came to the outer address: by its port, or by its host where the two hosts differ."""
    server = scope.get("server")
    if outside_port and server and server[1] == outside_port:
        return True
    outer = urlsplit(outside_url).hostname
    return outer != urlsplit(inside_url).hostname and host_of(scope) == outer


def serves(path: str, doors: Sequence[str]) -> bool:
    """Whether the path (without our prefix) is one of the doors open to the outside."""
    return path.startswith(tuple(doors)) and "/../" not in path
