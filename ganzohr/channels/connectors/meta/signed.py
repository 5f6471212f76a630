"""Meta's two ways to sign: a header over the raw bytes, and a `signed_request` in a form. Several secrets are valid."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ganzohr.channels.connectors.base import Account
from ganzohr.channels.connectors.meta.values import loads

HEADER = "X-Hub-Signature-256"
MOST = 20_000


def app_secrets(account: Account) -> list[str]:
    """Every secret of the app that is valid at present: a JSON list, or one bare secret."""
    return list(_listed(account.secrets.get("app_secrets", "")))


@lru_cache(maxsize=64)
def _listed(stored: str) -> tuple[str, ...]:
    try:
        found = loads(stored.encode())
    except ValueError:
        found = stored
    return tuple(one for one in (found if isinstance(found, list) else [stored]) if isinstance(one, str) and one)


def signature(secret: str, body: bytes) -> str:
    """What stands in the header of a delivery with these bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of the secrets signed these bytes. Without a secret nothing is true."""
    given = next((value for name, value in headers.items() if name.lower() == HEADER.lower()), "").encode()
    equal = [hmac.compare_digest(signature(secret, body).encode(), given) for secret in secrets if secret]
    return any(equal)


def sign_request(secret: str, values: Mapping[str, Any]) -> str:
    """The text of a `signed_request` with these values, as Meta makes it."""
    payload = _encoded(json.dumps({"algorithm": "HMAC-SHA256", **values}).encode())
    return f"{_encoded(_digest(secret, payload))}.{payload}"


def signed_request(secrets: Sequence[str], text: str) -> dict[str, Any] | None:
    """The values of a `signed_request` that one of the secrets signed; None for everything else."""
    given, dot, payload = text.partition(".")
    if not dot or len(text) > MOST or not text.isascii():
        return None
    try:
        signed, values = _decoded(given), loads(_decoded(payload))
    except (binascii.Error, ValueError):
        return None
    equal = [hmac.compare_digest(_digest(secret, payload), signed) for secret in secrets if secret]
    if not any(equal) or not isinstance(values, dict):
        return None
    return values if str(values.get("algorithm", "")).upper() == "HMAC-SHA256" else None


def _digest(secret: str, payload: str) -> bytes:
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest()


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _decoded(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
