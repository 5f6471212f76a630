"""Where and when something happened, and the common ground of everything that Facebook tells us."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from ganzohr.channels.connectors.base import Account, Incoming, IncomingFile
from ganzohr.channels.connectors.meta.values import moment, part, text, text_id

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # for what comes without any time; it must stay the same when read again
PART = "#part"  # after our key: not the last of several messages; the echo of the last says that all have left
TYPES = {
    **dict.fromkeys(("image", "photo"), "image/jpeg"),
    **{"video": "video/mp4", "audio": "audio/mp4", "sticker": "image/png"},
}


@dataclass(frozen=True)
class Place:
    """One entry of a webhook: which page it is about, and when it was told."""

    page_id: str
    at: datetime | None = None
    ours: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, account: Account, entry: Mapping[str, Any]) -> Place:
        """The place of an entry; both the page it names and the one we are connected to count as ours."""
        page_id = text_id(entry.get("id")) or text_id(account.settings.get("page_id"))
        own = {page_id, text_id(account.settings.get("page_id"))} - {""}
        return cls(page_id, moment(entry.get("time")), frozenset(own))

    def when(self, *values: object) -> datetime:
        """The first of these that is a moment, else when the entry was told."""
        return next((found for value in values if (found := moment(value))), self.at or NEVER)

    def unsupported(self, name: str, event: Mapping[str, Any], sender_id: str = "") -> Incoming:
        """Something we have no place for; kept, and shown by its name."""
        return Incoming(
            what="unsupported",
            external_id=made_id("other", name, fingerprint(event)),
            sender_id=sender_id,
            provider_at=self.when(event.get("timestamp"), event.get("created_time")),
            headers={"form": name[:80]},
            account=self.page_id,
        )


@dataclass(frozen=True)
class Author:
    """Who did something. A person whom Facebook does not show us is known by what they did, and by that only."""

    id: str
    name: str = ""
    is_own: bool = False


def author_of(place: Place, value: Mapping[str, Any], thing: str) -> Author:
    """The author of something in a feed, in the form of today or in that from before 2018."""
    known = part(value, "from", "sender", "reviewer", "user")
    id_ = next((id_ for one in _ids(value, known) if (id_ := text_id(one))), "")
    name = text(known, "name", "username") or text(value, "sender_name", "reviewer_name", "from_name")
    return Author(id_ or f"unknown:{thing}"[:300], name.strip()[:160], id_ in place.ours)


def _ids(value: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[object, ...]:
    names = ("sender_id", "reviewer_id", "user_id", "from")
    return (known.get("id"), *(value.get(name) for name in names))


def made_id(*parts: str) -> str:
    """An id for something that has none of its own; the same parts make the same id."""
    plain = ":".join(parts)
    return plain if len(plain) <= 200 else f"{plain[:150]}#{hashlib.sha256(plain.encode()).hexdigest()[:40]}"


def fingerprint(event: Any) -> str:
    """What tells this event from others that look like it."""
    return hashlib.sha256(json.dumps(event, sort_keys=True, default=str).encode()).hexdigest()[:24]


def file_behind(address: object, kind: str = "image", name: str = "") -> IncomingFile | None:
    """A file that is fetched apart; None where there is no address."""
    if not isinstance(address, str) or not address.lower().startswith(("http://", "https://")):
        return None
    try:
        path = urlsplit(address).path
    except ValueError:
        return None
    last = path.rpartition("/")[2]
    guessed = mimetypes.guess_type(last)[0] or TYPES.get(kind, "application/octet-stream")
    fallback = f"{kind}{mimetypes.guess_extension(guessed) or ''}"
    return IncomingFile((name or last or fallback)[-120:], guessed, reference=address[:4000])
