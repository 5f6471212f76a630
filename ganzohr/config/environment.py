"""Reads GANZOHR_* settings and says in words what is wrong with them, all at once, before anything starts."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.fernet import Fernet

TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}

LAST_PORT = 65_535


class Environment:
    """The environment, read with checks. `complaints` collects what cannot be understood."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = os.environ if values is None else values
        self.complaints: list[str] = []

    def text(self, name: str, default: str = "", choices: tuple[str, ...] = ()) -> str:
        """A text, one of the choices if there are some."""
        value = self.values.get(name, "").strip() or default
        if choices and value not in choices:
            self.complaints.append(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")
            return default
        return value

    def number(self, name: str, default: int) -> int:
        """A whole number, not negative."""
        value = self.values.get(name, "").strip()
        if value and not value.isdecimal():
            self.complaints.append(f"{name} is {value!r}; it must be a whole number.")
            return default
        return int(value or default)

    def port(self, name: str, default: int) -> int:
        """A number of TCP; 0 means none, or any."""
        value = self.number(name, default)
        if value > LAST_PORT:
            self.complaints.append(f"{name} is '{value}'; it must be a port, at most {LAST_PORT}.")
            return default
        return value

    def zone(self, name: str, default: str) -> str:
        """A time zone by its name in the IANA's list."""
        value = self.text(name, default)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.complaints.append(f"{name} is {value!r}; it must be a time zone such as Europe/Berlin.")
            return default
        return value

    def switch(self, name: str, default: bool = False) -> bool:
        """Yes or no."""
        value = self.values.get(name, "yes" if default else "no").strip().lower()
        if value not in TRUE | FALSE:
            self.complaints.append(f"{name} is {value!r}; it must be yes or no.")
        return value in TRUE

    def names(self, name: str) -> list[str]:
        """Texts between commas."""
        return [part.strip() for part in self.values.get(name, "").split(",") if part.strip()]

    def address(self, name: str, default: str) -> str:
        """A whole address (https://desk.example.org/ganzohr) without a slash at its end."""
        value = (self.values.get(name, "").strip() or default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            self.complaints.append(f"{name} is {value!r}; it must be an address such as https://desk.example.org.")
            return default
        return value

    def reachable(self, name: str, usual: tuple[str, ...]) -> list[str]:
        """Networks (10.1.0.0/16) and host names."""
        for entry in self.names(name):
            try:
                ipaddress.ip_network(entry, strict=False)
            except ValueError:
                if not re.fullmatch(r"[A-Za-z0-9._-]+", entry) or entry.replace(".", "").isdecimal():
                    self.complaints.append(
                        f"{name} holds {entry!r}; it must be a network such as 10.1.0.0/16 or a host."
                    )
        return self.names(name) or list(usual)

    def encryption_keys(self, name: str, keys: list[str]) -> list[str]:
        """Fernet keys, the newest first."""
        for key in keys:
            try:
                Fernet(key)
            except ValueError:
                self.complaints.append(f"{name} holds a key that is not 32 bytes in urlsafe base64.")
        return keys

    def check(self) -> None:
        """End the program in words if anything was wrong."""
        if self.complaints:
            print("Ganzohr cannot start; please mend its settings:", *self.complaints, sep="\n  ", file=sys.stderr)
            raise SystemExit(2)
