"""Names this room to Django."""

from django.apps import AppConfig


class Language(AppConfig):
    """The room `language`."""

    name = "ganzohr.language"
    label = "language"
    default_auto_field = "django.db.models.BigAutoField"
