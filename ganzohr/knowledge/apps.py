"""Names this room to Django."""

from django.apps import AppConfig


class Knowledge(AppConfig):
    """The room `knowledge`."""

    name = "ganzohr.knowledge"
    label = "knowledge"
    default_auto_field = "django.db.models.BigAutoField"
