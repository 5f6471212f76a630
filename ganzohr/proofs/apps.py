"""Names this room to Django."""

from django.apps import AppConfig


class Proofs(AppConfig):
    """The room `proofs`."""

    name = "ganzohr.proofs"
    label = "proofs"
    default_auto_field = "django.db.models.BigAutoField"
