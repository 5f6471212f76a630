"""What the outer address serves. Everything else is not there for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

Scope = dict[str, Any]


LOOPBACK = ("127.0.0.1", "::1", "localhost")
FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via")


def host_of(scope: Scope) -> str:
    """The host the request was sent to, without its port; '' where there is none or it is no host."""
    for name, value in scope.get("headers", []):
        if name == b"host":
            try:
                return (urlsplit(f"//{value.decode('latin-1')}").hostname or "").lower()
            except ValueError:
                return ""
    return ""


def is_outside(scope: Scope, inside_url: str, outside_url: str, outside_port: int) -> bool:
    """Whether the request came to the outer address: by its port, or by its host where the two hosts differ.

    By host, only the inner one is inside, and this machine speaking to itself; every other name is outside.
    """
    server = scope.get("server")
    if outside_port and server and server[1] == outside_port:
        return True
    inner, host = urlsplit(inside_url).hostname, host_of(scope)
    if inner == urlsplit(outside_url).hostname:
        return False
    return not _is_from_here(scope) if host in LOOPBACK else host != inner


def _is_from_here(scope: Scope) -> bool:
    """Somebody on this machine, without a proxy between."""
    peer = scope.get("client") or ("",)
    was_forwarded = any(name in FORWARDED for name, _value in scope.get("headers", []))
    return peer[0] in LOOPBACK and not was_forwarded


def serves(path: str, doors: Sequence[str]) -> bool:
    """Whether the path (without our prefix) is one of the doors open to the outside."""
    return path.startswith(tuple(doors)) and "/../" not in path
