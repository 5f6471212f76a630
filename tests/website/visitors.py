"""Somebody who visits a website with the widget."""

from __future__ import annotations

import secrets
from typing import Any

from django.test import Client

from ganzohr.channels.models import Channel
from ganzohr.core.words import speak
from ganzohr.website import intake, words
from ganzohr.website.setup import Setup

SITE = "https://karriere.example.org"


class Visitor:
    """A browser on somebody else's website."""

    def __init__(self, channel: Channel, language: str = "de", origin: str = SITE) -> None:
        self.channel, self.language, self.origin = channel, language, origin
        self.client = Client(enforce_csrf_checks=True)
        self.token = secrets.token_urlsafe(32)

    def form(self, **values: Any) -> dict[str, Any]:
        """A filled form, as the widget sends it."""
        setup = Setup.of(self.channel.name, self.channel.languages, self.channel.settings)
        with speak(self.language, self.channel.address):  # type: ignore[arg-type]
            version = words.consent(setup, self.language)["version"]
        usual = {
            "token": self.token,
            "id": secrets.token_hex(8),
            "stamp": intake.stamp(self.channel),
            "consent": "on",
            "consent_version": version,
        }
        return {**usual, "text": "Kann ich die Ausbildung in Teilzeit machen?", **values}

    def write(self, **values: Any) -> Any:
        """Send a letter."""
        address = f"/w/{self.channel.key}/letters?lang={self.language}"
        return self.client.post(address, self.form(**values), headers={"origin": self.origin})

    def read(self, tag: str = "", token: str = "") -> Any:
        """Ask for the conversation."""
        headers = {"origin": self.origin, "authorization": f"Bearer {token or self.token}"}
        return self.client.get(
            f"/w/{self.channel.key}/conversation", headers={**headers, **({"if-none-match": tag} if tag else {})}
        )
