"""A small OpenID Connect provider on loopback, as strict as a real one: discovery, authorize, token, keys, userinfo.

It checks redirect address, client, secret, code and PKCE, and signs id tokens with RS256. `faults` make it lie.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "desk", "a secret between the two of us"


def key() -> rsa.RSAPrivateKey:
    """A fresh pair."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """Who is signed in there, what it lies about, and what it refused."""

    address: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    key: rsa.RSAPrivateKey = field(default_factory=key)

    def settings(self) -> dict[str, Any]:
        """What the desk must know, as its settings say it."""
        app = {"provider_id": "house", "name": "Auental", "client_id": CLIENT, "secret": SECRET}
        apps = [{**app, "settings": {"server_url": self.address}}]
        return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}}

    def discovery(self) -> dict[str, Any]:
        """Where everything is."""
        at = self.address
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "userinfo_endpoint": f"{at}/userinfo",
            "jwks_uri": f"{at}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self) -> dict[str, Any]:
        """The public key."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": "1", "alg": "RS256", "use": "sig"}]}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes next; everybody is signed in here already."""
        needed = {"client_id", "redirect_uri", "state", "nonce", "code_challenge"}
        if needed - set(query) or query["client_id"] != CLIENT or query.get("code_challenge_method") != "S256":
            self.refused.append("authorize")
            return ""
        code = secrets.token_urlsafe()
        self.asked[code] = query
        answer = {"code": code, "state": self.faults.get("state", query["state"])}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Tokens for a code, once, for whoever holds its verifier."""
        asked = self.asked.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        good = asked and asked["code_challenge"] == challenge and asked["redirect_uri"] == form.get("redirect_uri")
        if not asked or not good or form.get("client_secret") != SECRET:
            self.refused.append("token")
            return None
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            **self.person,
        }
        claims |= {name: value for name, value in self.faults.items() if name in {"iss", "aud", "exp", "nonce"}}
        signed = jwt.encode(claims, self.faults.get("key", self.key), "RS256", {"kid": "1"})
        return {"access_token": "access", "token_type": "Bearer", "id_token": signed}


@contextmanager
def running() -> Iterator[Provider]:
    """The provider, on a port of its own."""
    provider = Provider()

    class Door(BaseHTTPRequestHandler):
        def log_message(self, *_words: Any) -> None:
            """Nothing."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/authorize":
                to = provider.authorize(query)
                self.send_response(302 if to else 400)
                self.send_header("Location", to)
                self.end_headers()
                return
            pages = {"/.well-known/openid-configuration": provider.discovery, "/keys": provider.keys}
            pages["/userinfo"] = lambda: {**provider.person, **provider.faults.get("userinfo", {})}
            self.say(pages[parts.path]())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.say(provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def say(self, value: Any) -> None:
            self.send_response(200 if value else 400)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(value or {"error": "invalid_grant"}).encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield provider
    server.shutdown()
    server.server_close()
