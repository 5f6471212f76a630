"""The shell around every page."""

from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Base page, components, live revisions; knows no domain words."""

    name = "ganzohr.ui"
    label = "ui"
