"""Names this room to Django."""

from django.apps import AppConfig


class Channels(AppConfig):
    """The room `channels`."""

    name = "ganzohr.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"
