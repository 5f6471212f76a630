"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ganzohr.ui.navigation import ways


def shell(request: HttpRequest) -> dict[str, Any]:
    """The rail and the settings entries of the signed-in user, counted only if a template shows them."""
    if not hasattr(request, "user"):
        return {}
    return {
        "rail": SimpleLazyObject(lambda: ways(request, "rail") if request.user.is_authenticated else []),
        "settings_ways": SimpleLazyObject(lambda: ways(request, "settings") if request.user.is_authenticated else []),
    }
