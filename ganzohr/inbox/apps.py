"""Names this room to Django."""

from django.apps import AppConfig


class Inbox(AppConfig):
    """The room `inbox`."""

    name = "ganzohr.inbox"
    label = "inbox"
    default_auto_field = "django.db.models.BigAutoField"
