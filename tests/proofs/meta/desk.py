"""A little desk for the stand-in's tests: takes deliveries, checks their signature, says what it was told to."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import httpx

from ganzohr.proofs.meta import Platform


class Desk:
    """`answers` are the statuses it says first; then 200."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.bodies: list[tuple[str, dict[str, Any]]] = []
        self.signed_by: list[str] = []
        self.secrets: list[str] = []

    def take(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """One delivery."""
        said = headers["X-Hub-Signature-256"]
        sums = {secret: hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in self.secrets}
        self.signed_by += [secret for secret, total in sums.items() if said == f"sha256={total}"]
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.bodies.append((url, json.loads(body)))
        return status

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """Every single change and messaging event that came, in its order."""
        found = []
        for _, body in self.bodies:
            for entry in body["entry"]:
                found += [(change["field"], change["value"]) for change in entry.get("changes", [])]
                found += [("messaging", event) for event in entry.get("messaging", [])]
        return found

    def fields(self) -> list[str]:
        """What the events are, shortly: item and verb, or the part of a message."""
        return [_short(name, value) for name, value in self.events()]


def _short(name: str, value: dict[str, Any]) -> str:
    if name == "messaging":
        return next(part for part in value if part not in ("sender", "recipient", "timestamp"))
    if name == "feed":
        return f"{value['item']} {value['verb']}"
    if "statuses" in value:
        return str(value["statuses"][0]["status"])
    return str(value["messages"][0]["type"]) if "messages" in value else name


class Client:
    """Calls Graph with a token in the header."""

    def __init__(self, platform: Platform, token: str) -> None:
        self.http = httpx.Client(
            base_url=f"{platform.url}/v25.0", headers={"Authorization": f"Bearer {token}"}, timeout=10
        )

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """The body of a good answer."""
        answer = self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def post(self, path: str, **json_: Any) -> httpx.Response:
        """Whatever comes back."""
        return self.http.post(path, json=json_)

    def code(self, path: str, **json_: Any) -> tuple[int, int]:
        """Code and subcode of a refusal; (0, 0) when it was taken."""
        error = self.post(path, **json_).json().get("error", {})
        return error.get("code", 0), error.get("error_subcode", 0)
