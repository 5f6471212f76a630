"""Encryption of channel tokens, signatures and random tokens. Keys come from the settings (see docs/operating.md)."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core import signing


class Unreadable(ValueError):
    """The text was not encrypted with any key we hold."""


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])


def encrypt(text: str) -> str:
    """A token only `decrypt` reads; another one at each call."""
    return _box().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text behind a token made with the present or an earlier key; `Unreadable` otherwise."""
    try:
        return _box().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise Unreadable("encrypted with a key this desk does not hold") from error


def renew(token: str) -> str:
    """The same text, encrypted with the newest key."""
    return encrypt(decrypt(token))


def sign(purpose: str, value: str) -> str:
    """The value with a signature that holds for this purpose only; the value itself stays readable."""
    return signing.TimestampSigner(salt=f"ganzohr.{purpose}").sign(value)


def unsign(purpose: str, token: str, max_age: dt.timedelta | int | None = None) -> str | None:
    """The value, or None when the signature is wrong, made for another purpose, or older than `max_age`."""
    try:
        return signing.TimestampSigner(salt=f"ganzohr.{purpose}").unsign(token, max_age=max_age)
    except signing.BadSignature:
        return None


def new_token() -> str:
    """43 characters nobody can guess, fit for an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What we store of a token instead of the token."""
    return hashlib.sha256(token.encode()).digest()
