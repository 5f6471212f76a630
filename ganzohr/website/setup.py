"""What the settings of a website channel mean. Values in, values out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

LANGUAGES = ("de", "en", "nl")
SOURCE = re.compile(r"[\w.-]{1,60}", re.ASCII)


@dataclass(frozen=True)
class Setup:
    """The checked settings of one website channel."""

    title: str
    languages: tuple[str, ...] = LANGUAGES
    origins: tuple[str, ...] = ()
    privacy_url: str = ""
    link_days: int = 90

    @classmethod
    def of(cls, name: str, languages: Sequence[str], settings: Mapping[str, Any]) -> Setup:
        """From a channel's name, languages and settings; anything unusable gives way to its default."""
        spoken = tuple(language for language in languages if language in LANGUAGES)
        return cls(
            title=str(settings.get("title") or name),
            languages=spoken or LANGUAGES,
            origins=tuple(filter(None, map(origin, settings.get("origins") or ()))),
            privacy_url=web_address(settings.get("privacy_url")),
            link_days=_number(settings.get("link_days"), 90, 1, 730),
        )

    def language(self, *wished: str) -> str:
        """The first wished language that is spoken here (`nl-BE` counts as `nl`), else the first one spoken."""
        for wish in wished:
            code = wish.lower().split("-")[0].split("_")[0]
            if code in self.languages:
                return code
        return self.languages[0]

    def lets_in(self, asking: str, own: str) -> bool:
        """Whether a page of this origin may use the widget; our own pages always may."""
        return asking == own or asking in self.origins


def origin(text: object) -> str:
    """`https://www.example.org` out of whatever somebody pasted; '' if there is none in it."""
    try:
        parts = urlsplit(str(text).strip())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")


def web_address(text: object) -> str:
    """An http(s) address, else ''."""
    value = str(text or "").strip()
    return value if origin(value) else ""


def source_code(text: object) -> str:
    """A `?src=` value as we keep it: letters, digits, dot, dash, underscore; '' for anything else."""
    value = str(text or "").strip()
    return value if SOURCE.fullmatch(value) else ""


def _number(value: object, usual: int, least: int, most: int) -> int:
    try:
        return min(most, max(least, int(str(value))))
    except ValueError:
        return usual
