"""Names this room to Django."""

from django.apps import AppConfig


class Insights(AppConfig):
    """The room `insights`."""

    name = "ganzohr.insights"
    label = "insights"
    default_auto_field = "django.db.models.BigAutoField"
