"""Everybody inside."""

from __future__ import annotations

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Colleagues, departments, sites, opening hours, absences."""

    name = "ganzohr.directory"
    label = "directory"
