"""Names this room to Django."""

import os

from django.apps import AppConfig

# One core for sums of a whole process: more would take the web's, and wait for one another. Read when numpy loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class Language(AppConfig):
    """The room `language`."""

    name = "ganzohr.language"
    label = "language"
    default_auto_field = "django.db.models.BigAutoField"
