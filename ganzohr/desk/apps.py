"""Names this room to Django."""

from django.apps import AppConfig


class Desk(AppConfig):
    """The room `desk`."""

    name = "ganzohr.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"
