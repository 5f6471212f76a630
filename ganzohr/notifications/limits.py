"""How often somebody may knock. Kept in memory of the web process only, under a hash; nothing of it is stored."""

from __future__ import annotations

import hashlib

from django.core.cache import caches


def may(what: str, who: str, *, times: int, seconds: int) -> bool:
    """Whether `who` may do `what` once more: at most so many times in a window of so many seconds."""
    cache = caches["process"]
    key = "limit:" + hashlib.sha256(f"{what}\0{who}".encode()).hexdigest()
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) <= times
    except ValueError:  # the window ended between the two lines
        return True
