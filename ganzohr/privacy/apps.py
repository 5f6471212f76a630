"""Names this room to Django."""

from django.apps import AppConfig


class Privacy(AppConfig):
    """The room `privacy`."""

    name = "ganzohr.privacy"
    label = "privacy"
    default_auto_field = "django.db.models.BigAutoField"
