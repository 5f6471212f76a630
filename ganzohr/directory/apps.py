"""Names this room to Django."""

from django.apps import AppConfig


class Directory(AppConfig):
    """The room `directory`."""

    name = "ganzohr.directory"
    label = "directory"
    default_auto_field = "django.db.models.BigAutoField"
