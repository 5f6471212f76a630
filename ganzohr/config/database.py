"""Which PostgreSQL: our own on a socket in the data folder, or the one DATABASE_URL names."""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from pathlib import Path
from typing import Any

from psycopg import Error
from psycopg.conninfo import conninfo_to_dict

from ganzohr.config.datafolder import made_once

NAME = USER = "ganzohr"
PORT = 5432
LONGEST_SOCKET_FOLDER = 99 - len(f"/.s.PGSQL.{PORT}")


def socket_folder(home: Path) -> Path:
    """Where our own server listens; outside the data folder if the path of that is too long for a socket."""
    inside = home / "postgres" / "run"
    if len(bytes(inside)) <= LONGEST_SOCKET_FOLDER:
        return inside
    return Path(tempfile.gettempdir()) / f"ganzohr-{hashlib.sha256(bytes(home)).hexdigest()[:12]}"


def password(home: Path) -> str:
    """The password of our own server, made once."""
    return made_once(home / "keys" / "database", secrets.token_urlsafe)


def own(home: Path) -> dict[str, Any]:
    """How to reach our own server."""
    return {
        "NAME": NAME,
        "USER": USER,
        "PASSWORD": password(home),
        "HOST": str(socket_folder(home)),
        "PORT": str(PORT),
        "OPTIONS": {},
    }


def named(url: str) -> dict[str, Any] | None:
    """How to reach the server DATABASE_URL names; None if it cannot be read."""
    if not url.startswith(("postgresql://", "postgres://")):
        return None
    try:
        parts: dict[str, Any] = dict(conninfo_to_dict(url))
    except Error:
        return None
    return {
        "NAME": parts.pop("dbname", NAME),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "OPTIONS": parts,
    }


def settings(url: str, home: Path, pool: int) -> dict[str, Any] | None:
    """Django's settings of the database; None if `url` cannot be read. A pool of 0 means a connection per use."""
    found = named(url) if url else own(home)
    if found is None:
        return None
    if pool:
        found["OPTIONS"]["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
    return {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": bool(pool), **found}
