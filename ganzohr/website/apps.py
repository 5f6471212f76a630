"""Names this room to Django."""

from django.apps import AppConfig


class Website(AppConfig):
    """The room `website`."""

    name = "ganzohr.website"
    label = "website"
    default_auto_field = "django.db.models.BigAutoField"
