"""Names this room to Django."""

from django.apps import AppConfig


class Notifications(AppConfig):
    """The room `notifications`."""

    name = "ganzohr.notifications"
    label = "notifications"
    default_auto_field = "django.db.models.BigAutoField"
