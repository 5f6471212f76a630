"""Names this room to Django."""

from django.apps import AppConfig


class Accounts(AppConfig):
    """The room `accounts`."""

    name = "ganzohr.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
