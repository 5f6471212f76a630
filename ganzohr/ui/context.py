"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ganzohr.ui.navigation import is_in_settings, ways


def shell(request: HttpRequest) -> dict[str, Any]:
    """The rail and the settings entries of the signed-in user, counted only if a template shows them."""
    if not hasattr(request, "user"):
        return {}
    rail = SimpleLazyObject(lambda: ways(request, "rail") if request.user.is_authenticated else [])
    settings_ways = SimpleLazyObject(lambda: ways(request, "settings") if request.user.is_authenticated else [])
    in_settings = SimpleLazyObject(lambda: is_in_settings(request, settings_ways))
    return {"rail": rail, "settings_ways": settings_ways, "is_in_settings": in_settings}
