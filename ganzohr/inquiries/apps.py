"""Names this room to Django."""

from django.apps import AppConfig


class Inquiries(AppConfig):
    """The room `inquiries`."""

    name = "ganzohr.inquiries"
    label = "inquiries"
    default_auto_field = "django.db.models.BigAutoField"
