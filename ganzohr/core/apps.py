"""Names this room to Django."""

from django.apps import AppConfig


class Core(AppConfig):
    """The room `core`."""

    name = "ganzohr.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"
