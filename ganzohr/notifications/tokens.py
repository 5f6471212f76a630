"""The two keys of an ask: one opens its private page, the other marks a reply by mail."""

from __future__ import annotations

import base64
import hashlib
import hmac


def mail_token(token: str) -> str:
    """26 lower-case characters that stand in the reply address. Whoever sees them cannot open the page."""
    digest = hmac.new(token.encode(), b"ganzohr reply by mail", hashlib.sha256).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()
