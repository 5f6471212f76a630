"""What the web server serves: hooks raw, everything else by Django."""

from __future__ import annotations

import warnings
from typing import cast

import django
from django.core.asgi import get_asgi_application

from ganzohr.config.composite import Application, Composite

# Static files are small and come from memory or disk at once; reading them in one go is meant.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")


def build() -> Composite:
    """The application, with the tables of the wiring."""
    django.setup()
    from ganzohr.config import wiring

    return Composite(cast(Application, get_asgi_application()), wiring.RAW, wiring.DOORS)


application = build()
