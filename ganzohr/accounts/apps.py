"""Users, roles, sign-in."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may sign in and do what."""

    name = "ganzohr.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Listen to what people do with their second factors."""
        from ganzohr.accounts import factors

        factors.watch()
