"""Every room's addresses. Hooks are answered beside Django, in `asgi.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from ganzohr.config import views

ROOMS = (
    "accounts",
    "audit",
    "channels",
    "contacts",
    "desk",
    "directory",
    "inbox",
    "inquiries",
    "insights",
    "knowledge",
    "notifications",
    "privacy",
    "topics",
    "ui",
    "website",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", views.health, name="health"),
    path("metrics", views.metrics, name="metrics"),
]
urlpatterns += [path("", include(f"ganzohr.{room}.urls")) for room in ROOMS]
