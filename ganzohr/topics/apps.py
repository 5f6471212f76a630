"""Names this room to Django."""

from django.apps import AppConfig


class Topics(AppConfig):
    """The room `topics`."""

    name = "ganzohr.topics"
    label = "topics"
    default_auto_field = "django.db.models.BigAutoField"
