"""Names this room to Django."""

from django.apps import AppConfig


class Audit(AppConfig):
    """The room `audit`."""

    name = "ganzohr.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
