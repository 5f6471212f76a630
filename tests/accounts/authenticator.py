"""What an authenticator app does with its secret (RFC 6238)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time


def code(secret: str, later: int = 0) -> str:
    """The six digits the app shows now, or so many steps of 30 seconds later."""
    key = base64.b32decode(secret.replace(" ", ""))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + later), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"
