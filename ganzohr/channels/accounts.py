"""What a connector may know of a channel, and the desk's own mail account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from django.conf import settings

from ganzohr.channels.connectors import connector
from ganzohr.channels.connectors.base import Account, Connector
from ganzohr.channels.models import App, Channel
from ganzohr.core import crypto

SECURITY = {"smtp": "starttls", "smtps": "tls", "smtp+plain": "none"}
PORTS = {"starttls": 587, "tls": 465, "none": 25}


def secrets_of(thing: Channel | App) -> dict[str, str]:
    """The secrets of a channel or an app, decrypted; `crypto.Unreadable` when no key fits."""
    return opened(thing.secrets)


def opened(secrets: str) -> dict[str, str]:
    """Secrets as they are stored, decrypted; `crypto.Unreadable` when no key fits."""
    if not secrets:
        return {}
    found: dict[str, str] = json.loads(crypto.decrypt(secrets))
    return found


def sealed(secrets: Mapping[str, str]) -> str:
    """Secrets as they are stored."""
    return crypto.encrypt(json.dumps(dict(secrets))) if secrets else ""


def account_of(channel: Channel) -> Account:
    """The channel as its connector sees it: what its app says holds where it says nothing itself."""
    if channel.app is None:
        return Account(channel.kind, channel.key, channel.settings, secrets_of(channel))
    settings_of_both = {**channel.app.settings, **channel.settings}
    return Account(channel.kind, channel.key, settings_of_both, {**secrets_of(channel.app), **secrets_of(channel)})


def account_of_app(app: App, kind: str) -> Account:
    """The app as the connector of one of its kinds sees it, for all its channels."""
    return Account(kind, app.key, app.settings, secrets_of(app))


def door_of(channel: Channel | None, app: App | None, kind: str) -> tuple[Connector, Account]:
    """Who reads what came for this channel, or to the hook of this app for one of its kinds, and for whom."""
    if app is not None:
        return connector(kind), account_of_app(app, kind)
    assert channel is not None  # one of the two, by constraint
    return connector_of(channel), account_of(channel)


def connector_of(channel: Channel | None) -> Connector:
    """Who speaks for this channel; None is the desk's own mail account."""
    return connector(channel.kind if channel else "mail")


def desk_account() -> Account | None:
    """The account that writes to colleagues and users: the one of the settings, else the first active mail channel."""
    if settings.MAIL_URL:
        return _from_url(settings.MAIL_URL, settings.DEFAULT_FROM_EMAIL)
    channel = Channel.objects.filter(kind="mail", state=Channel.State.ACTIVE).order_by("id").first()
    return account_of(channel) if channel else None


def _from_url(url: str, address: str) -> Account:
    parts = urlsplit(url)
    security = SECURITY.get(parts.scheme, "starttls")
    values = {
        "address": address,
        "from_name": "Ganzohr",
        "user": unquote(parts.username or ""),
        "auth": "password",
        "smtp_host": parts.hostname or "localhost",
        "smtp_port": parts.port or PORTS[security],
        "smtp_security": security,
    }
    return Account("mail", "desk", values, {"password": unquote(parts.password or "")})
