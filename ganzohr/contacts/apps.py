"""Names this room to Django."""

from django.apps import AppConfig


class Contacts(AppConfig):
    """The room `contacts`."""

    name = "ganzohr.contacts"
    label = "contacts"
    default_auto_field = "django.db.models.BigAutoField"
