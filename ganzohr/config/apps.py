"""Names this room to Django and ties the wiring once every room is loaded."""

from django.apps import AppConfig


class Config(AppConfig):
    """The room `config`."""

    name = "ganzohr.config"
    label = "config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hand the tables of `wiring.py` to the mechanisms of `core`."""
        from ganzohr.config import wiring

        wiring.tie()
