"""What a person copied from a network, as bytes that can be kept, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ganzohr.channels.connectors.base import Damaged, clean

NETWORKS = (
    "instagram", "facebook", "linkedin", "youtube", "tiktok", "xing", "kununu",
    "whatsapp", "telegram", "mastodon", "bluesky", "other",
)  # fmt: skip
LONGEST_NETWORK = 60
_TRACKING = ("utm_", "igsh", "igshid", "fbclid", "gclid", "mibextid", "rcm", "si", "share_id", "_r", "_t")


@dataclass(frozen=True)
class Entry:
    """One comment or message as somebody typed it in. `written_at` is an ISO text with a zone; `person` is known."""

    network: str
    text: str
    written_at: str
    is_public: bool = True
    link: str = ""
    name: str = ""
    post_link: str = ""
    post_text: str = ""
    person: str = ""

    def to_bytes(self) -> bytes:
        """The entry as it is stored."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> Entry:
        """The entry in these bytes; `Damaged` when they are none."""
        try:
            values = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Damaged("not an entry by hand") from error
        if not isinstance(values, dict):
            raise Damaged("not an entry by hand")
        return _checked(cls, values)

    @property
    def at(self) -> datetime:
        """When it was written, in UTC."""
        return datetime.fromisoformat(self.written_at).astimezone(UTC)

    def identity(self) -> bytes:
        """Equal for the same words of the same person at the same place, whoever copied them and however."""
        parts = [self.network, plain_link(self.link), self.name.casefold().strip(), " ".join(self.text.split())]
        if not self.link:
            parts += [self.person, plain_link(self.post_link)]
        return json.dumps(parts).encode()

    def external_id(self) -> str:
        """What the same thing is called, however often it is entered."""
        return f"hand:{hashlib.sha256(self.identity()).hexdigest()[:40]}"

    def sender(self) -> str:
        """Who wrote it: somebody known, an unmistakable @handle, or somebody at exactly this link.

        A bare first name is no identity: two Annas are never taken for one.
        """
        if self.person:
            return self.person
        if self.name.startswith("@"):
            return f"{self.network}:{self.name.casefold()}"[:300]
        known = [self.name.casefold(), plain_link(self.link)] if self.link else [self.identity().decode()]
        return f"{self.network}:{hashlib.sha256(json.dumps(known).encode()).hexdigest()[:32]}"


def _checked(kind: type[Entry], values: Mapping[str, Any]) -> Entry:
    for one in fields(kind):
        wanted = bool if one.name == "is_public" else str
        if one.name in values and not isinstance(values[one.name], wanted):
            raise Damaged(f"{one.name} is not of its kind")
    known = {one.name: values[one.name] for one in fields(kind) if one.name in values}
    known |= {name: clean(one) for name, one in known.items() if isinstance(one, str)}
    try:
        entry = kind(**known)
        entry.at  # noqa: B018  must be a time
    except (TypeError, ValueError, OverflowError) as error:
        raise Damaged("an entry by hand lacks something") from error
    if len(entry.network) > LONGEST_NETWORK:
        raise Damaged("no network is called that")
    if not entry.text.strip() or datetime.fromisoformat(entry.written_at).tzinfo is None:
        raise Damaged("an entry by hand lacks its words or its time zone")
    return entry


def plain_link(link: str) -> str:
    """The link without what only says who copied it: tracking, fragment, `www.` and a closing slash."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return link.strip()
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not pair[0].startswith(_TRACKING)]
    host = parts.netloc.lower().removeprefix("www.").removeprefix("m.")
    return urlunsplit(("https", host, parts.path.rstrip("/"), urlencode(query), ""))
