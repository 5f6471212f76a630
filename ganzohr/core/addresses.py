"""Whole addresses of our pages: inside (the desk) and outside (hooks, widget, private pages, short links)."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse


def _join(base: str, path: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}{path}"


def inside(name: str, *args: object, **kwargs: object) -> str:
    """The address of a page of the desk, by URL name, for somebody who signs in."""
    return _join(settings.INSIDE_URL, reverse(name, args=args or None, kwargs=kwargs or None))


def whole_outside(path: str) -> str:
    """The address of something at the outer door that is no page: a hook, by its path below the desk's own."""
    return _join(settings.OUTSIDE_URL, f"{settings.PATH_PREFIX}{path}")


def outside(name: str, *args: object, **kwargs: object) -> str:
    """The address of a page anybody may reach: use it for private links, the widget, hooks and short links."""
    return _join(settings.OUTSIDE_URL, reverse(name, args=args or None, kwargs=kwargs or None))
