"""Signing in at Microsoft 365 and Google without a password: the device code, the app's redirect, the refresh, the
token.

Each function speaks to the provider once and is bounded in time. What went wrong comes as `SignInProblem` with a code
and words for people. Endpoints can be replaced (tests, national clouds).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

TIMEOUT = 20.0  # seconds
MOST_ANSWER = 1_000_000

_MICROSOFT_MAIL = "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"


@dataclass(frozen=True)
class Provider:
    """Where a provider's sign-in lives and what we ask for."""

    name: str
    token_url: str
    device_url: str = ""
    authorize_url: str = ""
    scope: str = ""


@dataclass(frozen=True)
class Tokens:
    """What signs in: the access token until `expires_at` (Unix time), the refresh token for the next one."""

    access_token: str
    refresh_token: str
    expires_at: float

    def as_secrets(self) -> dict[str, str]:
        """How the channel keeps them, encrypted."""
        return {
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "expires_at": f"{self.expires_at:.0f}",
        }


@dataclass(frozen=True)
class DeviceCode:
    """What to show to the person: open `url`, type `user_code`. Ask again every `interval` seconds until
    `expires_at`.
    """

    device_code: str
    user_code: str
    url: str
    interval: float
    expires_at: float


@dataclass(frozen=True)
class AppSignIn:
    """An address to send the person to; `state` and `verifier` are needed when they come back."""

    url: str
    state: str
    verifier: str


class SignInProblem(Exception):
    """The provider said no. `code`: pending, slow_down, declined, expired, signed_out, wrong_app, unreachable,
    refused.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{WORDS[code]} {detail}".strip())
        self.code = code
        self.detail = " ".join(detail.split())[:300]


WORDS = {
    "pending": "Nobody has confirmed the sign-in yet.",
    "slow_down": "We asked too often; the next try waits longer.",
    "declined": "The sign-in was declined.",
    "expired": "The code has run out; start the sign-in again.",
    "signed_out": "The sign-in no longer holds (password changed, access withdrawn, long unused); sign in again.",
    "wrong_app": "The provider does not know this application; check its id and its secret.",
    "unreachable": "The provider's sign-in does not answer.",
    "refused": "The provider refused the sign-in.",
}
_CODES = {
    "authorization_pending": "pending",
    "slow_down": "slow_down",
    "authorization_declined": "declined",
    "access_denied": "declined",
    "expired_token": "expired",
    "code_expired": "expired",
    "bad_verification_code": "expired",
    "invalid_grant": "signed_out",
    "interaction_required": "signed_out",
    "invalid_client": "wrong_app",
    "unauthorized_client": "wrong_app",
}


def microsoft(tenant: str = "common", base: str = "https://login.microsoftonline.com") -> Provider:
    """Microsoft 365; `base` differs in national clouds."""
    root = f"{base}/{tenant}/oauth2/v2.0"
    return Provider("microsoft", f"{root}/token", f"{root}/devicecode", f"{root}/authorize", _MICROSOFT_MAIL)


def google(base: str = "https://oauth2.googleapis.com", accounts: str = "https://accounts.google.com") -> Provider:
    """Google Workspace and Gmail (their device flow does not allow mail; the app sign-in does)."""
    return Provider("google", f"{base}/token", "", f"{accounts}/o/oauth2/v2/auth", "https://mail.google.com/")


def provider(name: str, tenant: str = "common") -> Provider:
    """The provider of a channel's settings."""
    return google() if name == "google" else microsoft(tenant)


def start_device(where: Provider, client_id: str) -> DeviceCode:
    """Begins the device sign-in."""
    answer = _post(where.device_url, {"client_id": client_id, "scope": where.scope})
    return DeviceCode(
        str(answer["device_code"]),
        str(answer["user_code"]),
        str(answer.get("verification_uri") or answer.get("verification_url") or ""),
        float(answer.get("interval") or 5),
        time.time() + float(answer.get("expires_in") or 900),
    )


def poll_device(where: Provider, client_id: str, code: DeviceCode) -> Tokens:
    """Asks once whether the person has confirmed. `pending`: ask again after the interval; `slow_down`: interval plus
    five seconds.
    """
    if time.time() >= code.expires_at:
        raise SignInProblem("expired")
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": client_id,
        "device_code": code.device_code,
    }
    return _tokens(_post(where.token_url, form), "")


def start_app(where: Provider, client_id: str, redirect_uri: str, login_hint: str = "") -> AppSignIn:
    """Begins the sign-in by redirect (with PKCE)."""
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": where.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
    }
    query |= {"login_hint": login_hint} if login_hint else {}
    return AppSignIn(f"{where.authorize_url}?{urlencode(query)}", state, verifier)


def finish_app(
    where: Provider, client_id: str, client_secret: str, code: str, verifier: str, redirect_uri: str
) -> Tokens:
    """Turns the code the person came back with into tokens."""
    form = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "client_secret": client_secret,
        "code": code,
        "code_verifier": verifier,
        "redirect_uri": redirect_uri,
    }
    return _tokens(_post(where.token_url, form), "")


def refresh(where: Provider, client_id: str, refresh_token: str, client_secret: str = "") -> Tokens:
    """A new access token. Microsoft hands out a new refresh token each time: keep what comes back."""
    form = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": refresh_token, "scope": where.scope}
    return _tokens(_post(where.token_url, form | {"client_secret": client_secret}), refresh_token)


def as_application(where: Provider, client_id: str, client_secret: str) -> Tokens:
    """Microsoft, client credentials: the application itself may read the mailbox an administrator gave it."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    return _tokens(_post(where.token_url, form | {"scope": "https://outlook.office365.com/.default"}), "")


def xoauth2(user: str, access_token: str) -> str:
    """The SASL initial response for IMAP and SMTP (not yet base64)."""
    return f"user={user}\x01auth=Bearer {access_token}\x01\x01"


def _post(url: str, form: Mapping[str, str]) -> dict[str, Any]:
    filled = {name: value for name, value in form.items() if value}
    status, body = _asked(url, filled)
    if not isinstance(body, dict) or status >= 500:
        raise SignInProblem("unreachable", f"HTTP {status}")
    if status >= 400 or "error" in body:
        error_name = str(body.get("error", ""))
        raise SignInProblem(
            _CODES.get(error_name, "refused"), f"{error_name} {body.get('error_description', '')}"[:300]
        )
    return body


def _asked(url: str, form: Mapping[str, str]) -> tuple[int, Any]:
    import httpx  # slow to load, and not needed to start

    from ganzohr.core import web

    accept = {"Accept": "application/json"}
    try:
        answer = web.exchange("POST", url, data=form, headers=accept, timeout=TIMEOUT, most=MOST_ANSWER)
        return answer.status, json.loads(answer.content or b"{}")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise SignInProblem("unreachable", type(error).__name__) from error


def _tokens(answer: Mapping[str, Any], earlier_refresh: str) -> Tokens:
    access = str(answer.get("access_token") or "")
    if not access:
        raise SignInProblem("refused", "no access token in the answer")
    life = float(answer.get("expires_in") or 3600)
    return Tokens(access, str(answer.get("refresh_token") or earlier_refresh), time.time() + life)
