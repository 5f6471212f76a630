"""What a mail channel is told: servers, sign-in, folder. Read from the channel's plain settings and decrypted
secrets.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ganzohr.channels.connectors.base import Account, Trouble
from ganzohr.core.reach import Refused

IMAP_PORTS = {"tls": 993, "starttls": 143, "none": 143}
SMTP_PORTS = {"tls": 465, "starttls": 587, "none": 25}


@dataclass(frozen=True)
class Server:
    """One server and how to speak to it: tls from the first byte, starttls, or none (this machine only)."""

    host: str
    port: int
    security: str

    def must_be_safe(self) -> None:
        """Raises `Trouble` when a password would cross the network in the clear."""
        if not self.host:
            raise Trouble("host_unknown", "no server")
        if self.security == "none" and not is_loopback(self.host):
            raise Trouble("tls_failed", "without encryption only a server on this machine is spoken to")


@dataclass(frozen=True)
class MailAccount:
    """A mailbox. `plus` is the separator of plus addresses, '' where the server has none: then tokens go into the
    subject.
    """

    address: str
    name: str
    imap: Server
    smtp: Server
    user: str
    folder: str
    sent_folder: str
    plus: str
    mark: str
    marks_seen: bool
    poll_seconds: float
    first_days: int
    secrets: Mapping[str, str]
    auth: str
    tenant: str
    client_id: str

    @property
    def uses_oauth(self) -> bool:
        """Signs in with a token of Microsoft or Google instead of a password."""
        return self.auth in ("microsoft", "google")


def is_loopback(host: str) -> bool:
    """This machine itself, by name or number."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() in ("localhost", "localhost.localdomain")


def trouble(error: Exception, detail: str = "") -> Trouble:
    """What a failed connection means, as a code of health.py."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble("certificate_wrong", error.verify_message or "")
    if isinstance(error, ssl.SSLError):
        return Trouble("tls_failed", str(error.reason or ""))
    if isinstance(error, socket.gaierror):
        return Trouble("host_unknown", detail)
    if isinstance(error, Refused):
        return Trouble("host_forbidden", detail)
    if isinstance(error, TimeoutError):
        return Trouble("timeout", detail)
    return Trouble("connection_refused", detail or type(error).__name__)


def refused_login(words: str, with_token: bool = False) -> Trouble:
    """The server did not let us in; providers that want no passwords any more say so in their answer."""
    if with_token:
        return Trouble("oauth_expired", " ".join(words.split())[:300])
    low = words.lower()
    off = "basic authentication is disabled" in low or "basicauthblocked" in low or "basic auth" in low
    off = off or "application-specific password required" in low or "smtpclientauthentication is disabled" in low
    return Trouble("basic_auth_off" if off else "login_refused", " ".join(words.split())[:300])


def read(account: Account) -> MailAccount:
    """The mailbox behind these settings; missing values get what most servers use."""
    plain = account.settings
    address = str(plain.get("address", "")).strip().lower()
    return MailAccount(
        address=address,
        name=str(plain.get("from_name") or ""),
        imap=_server(plain, "imap", IMAP_PORTS, "tls"),
        smtp=_server(plain, "smtp", SMTP_PORTS, "starttls"),
        user=str(plain.get("user") or address),
        folder=str(plain.get("imap_folder") or "INBOX"),
        sent_folder=str(plain.get("sent_folder") or ""),
        plus=str(plain.get("plus", "+")),
        mark=str(plain.get("mark") or account.key or "1"),
        marks_seen=bool(plain.get("marks_seen", False)),
        poll_seconds=min(3600.0, max(0.2, _number(plain.get("poll_seconds"), 30.0))),
        first_days=int(_number(plain.get("first_days"), 7.0)),
        secrets=account.secrets,
        auth=str(plain.get("auth") or "password"),
        tenant=str(plain.get("tenant") or "common"),
        client_id=str(plain.get("client_id") or ""),
    )


def _server(plain: Mapping[str, Any], name: str, ports: Mapping[str, int], usual: str) -> Server:
    security = str(plain.get(f"{name}_security") or usual)
    security = security if security in ports else usual
    port = int(_number(plain.get(f"{name}_port"), float(ports[security])))
    return Server(str(plain.get(f"{name}_host") or "").strip(), port, security)


def _number(value: object, usual: float) -> float:
    try:
        return float(str(value)) if value not in (None, "") else usual
    except ValueError:
        return usual
