"""Codes of short links, and who counts as a person clicking. Values in, values out."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # nothing that looks like something else, and no u: no words by chance
LENGTH = 7
_MACHINES = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|externalhit|facebookcatalog|meta-external|^whatsapp|^telegram|^signal|"
    r"skypeuripreview|embed|fetch|scan|monitor|uptime|pingdom|headless|lighthouse|curl|wget|python|httpx|okhttp|java/|"
    r"go-http|libwww|guzzle|node|axios|postman|googleother|google-read|mediapartners|feed|validator|barracuda|proofpoint",
    re.IGNORECASE,
)


def new_code() -> str:
    """Seven characters: short enough to type, too many to try (30⁷ is 22 thousand million)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def is_click(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a person followed the link: not a machine, not a look ahead of the browser, not a HEAD."""
    if method != "GET":
        return False
    purposes = " ".join(headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")).lower()
    if "prefetch" in purposes or "preview" in purposes or "prerender" in purposes:
        return False
    agent = headers.get("User-Agent", "")
    return bool(agent) and not _MACHINES.search(agent)
