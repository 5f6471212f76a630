"""What a visitor wrote, as the bytes that our own page signs and hands in as a delivery."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ganzohr.channels.connectors.base import Damaged, IncomingFile, clean

FORM = "ganzohr-letter-1"
SIGNATURE = "x-ganzohr-signature"
MAX_TEXT = 10_000


@dataclass(frozen=True)
class Letter:
    """One thing a visitor sent. `id` is made by the sender: the same id in the same visit is the same letter."""

    id: str
    visit: str
    at: datetime
    text: str = ""
    original: str = ""
    name: str = ""
    mail_address: str = ""
    language: str = ""
    source: str = ""
    page: str = ""
    by: str = "page"
    consent: Mapping[str, str] = field(default_factory=dict)
    files: tuple[IncomingFile, ...] = ()


def signature(secret: str, body: bytes) -> str:
    """The proof that our own page made these bytes."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def pack(letter: Letter) -> bytes:
    """The letter as bytes; equal letters give equal bytes."""
    values: dict[str, Any] = {
        "form": FORM,
        "id": letter.id,
        "visit": letter.visit,
        "at": letter.at.astimezone(UTC).isoformat(),
        "text": letter.text,
        "original": letter.original,
        "name": letter.name,
        "mail_address": letter.mail_address,
        "language": letter.language,
        "source": letter.source,
        "page": letter.page,
        "by": letter.by,
        "consent": dict(letter.consent),
        "files": [_packed(file) for file in letter.files],
    }
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def unpack(body: bytes) -> Letter:
    """The letter in these bytes; `Damaged` for anything that is not one. Overlong values are cut, never refused."""
    try:
        values = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Damaged("not JSON") from error
    if not isinstance(values, dict) or values.get("form") != FORM:
        raise Damaged(f"not of the form {FORM}")
    visit, id_ = _text(values, "visit", 60), _text(values, "id", 80)
    if not visit or not id_:
        raise Damaged("a letter needs its visit and its id")
    consent = values.get("consent")
    files = values.get("files")
    return Letter(
        id=id_,
        visit=visit,
        at=_moment(values.get("at")),
        text=_text(values, "text", MAX_TEXT),
        original=_text(values, "original", 10 * MAX_TEXT),
        name=_text(values, "name", 160),
        mail_address=_text(values, "mail_address", 254),
        language=_text(values, "language", 5),
        source=_text(values, "source", 120),
        page=_text(values, "page", 1000),
        by=_text(values, "by", 20),
        consent=_consent(consent) if isinstance(consent, dict) else {},
        files=tuple(_unpacked(file) for file in files if isinstance(file, dict)) if isinstance(files, list) else (),
    )


def _text(values: Mapping[str, Any], name: str, most: int) -> str:
    value = values.get(name, "")
    if not isinstance(value, str):
        return ""
    return clean(value)[:most]


def _moment(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Damaged("no moment a calendar holds") from error


def _consent(values: Mapping[str, Any]) -> dict[str, str]:
    lengths = {"kind": 40, "version": 40, "text": 4000, "language": 5}
    found = {name: _text(values, name, most) for name, most in lengths.items()}
    return found if found["kind"] and found["version"] else {}


def _packed(file: IncomingFile) -> dict[str, str]:
    content = base64.b64encode(file.content).decode()
    return {"name": file.name, "content_type": file.content_type, "content": content}


def _unpacked(values: Mapping[str, Any]) -> IncomingFile:
    try:
        content = base64.b64decode(str(values.get("content", "")), validate=True)
    except ValueError as error:
        raise Damaged("a file is not base64") from error
    return IncomingFile(
        name=_text(values, "name", 200) or "file",
        content_type=_text(values, "content_type", 120) or "application/octet-stream",
        content=content,
    )
