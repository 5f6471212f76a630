"""Users, roles, sign-in."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may sign in and do what."""

    name = "ganzohr.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Listen to what people do with their second factors."""
        from django.apps import apps

        if apps.is_installed("allauth.mfa"):  # TEMPORARY until settings name it (others could not run their tests)
            from ganzohr.accounts import factors

            factors.watch()
