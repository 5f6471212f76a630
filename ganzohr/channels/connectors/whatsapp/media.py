"""Files at WhatsApp: references in, bytes out. What is received lies there for some days; its address for minutes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from ganzohr.channels.connectors.base import Account, IncomingFile, OutgoingFile, Trouble
from ganzohr.channels.connectors.meta import graph
from ganzohr.channels.connectors.meta.values import loads, text, text_id

MEGABYTE = 1_000_000
MOST_FETCHED = 105 * MEGABYTE
UPLOAD_SECONDS = 60.0  # for all files of one answer: what is said with them needs what is left
MOST: Mapping[str, int] = {
    "image": 5 * MEGABYTE,
    "audio": 16 * MEGABYTE,
    "video": 16 * MEGABYTE,
    "document": 100 * MEGABYTE,
}
SENT_AS: Mapping[str, str] = {
    "image/jpeg": "image", "image/png": "image",
    "video/mp4": "video", "video/3gpp": "video",
    "audio/aac": "audio", "audio/amr": "audio", "audio/mp4": "audio", "audio/mpeg": "audio", "audio/ogg": "audio",
}  # fmt: skip
ENDINGS: Mapping[str, str] = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif",
    "video/mp4": "mp4", "video/3gpp": "3gp", "audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/mp4": "m4a",
    "audio/aac": "aac", "audio/amr": "amr", "application/pdf": "pdf", "text/plain": "txt",
}  # fmt: skip


def reference(kind: str, media: Mapping[str, Any]) -> IncomingFile | None:
    """A file of theirs as it is named in a message; None when the message does not say where it is."""
    id_, address = text_id(media.get("id")), text(media, "url", "link")
    if not id_ and not address:
        return None
    type_ = text(media, "mime_type").partition(";")[0].strip().lower()[:100] or "application/octet-stream"
    name = text(media, "filename")[:150] or f"{kind}.{ENDINGS.get(type_, 'bin')}"
    known = {"id": id_, "sha256": text(media, "sha256")[:100], "url": "" if id_ else address[:1000]}
    stored = json.dumps({**{key: one for key, one in known.items() if one}, "type": type_, "name": name})
    return IncomingFile(name=name, content_type=type_, reference=stored)


def fetch(account: Account, stored: str) -> IncomingFile:
    """The bytes behind a reference, as long as the platform keeps them. Raises `Trouble`."""
    known = _known(stored)
    said = _ask(account, text_id(known.get("id"))) if text_id(known.get("id")) else known
    size = said.get("file_size")
    if isinstance(size, str | int) and str(size).isdigit() and int(size) > MOST_FETCHED:
        raise Trouble("message_too_big", f"{size} bytes")
    content, type_ = graph.download(account, text(said, "url"), most=MOST_FETCHED)
    for digest in (text(known, "sha256"), text(said, "sha256")):
        if digest and not _fits(digest, content):
            raise Trouble("file_damaged", "the bytes are not those the message told of")
    return IncomingFile(
        name=text(known, "name") or "file",
        content_type=text(known, "type") or text(said, "mime_type").partition(";")[0] or type_,
        content=content,
        reference=stored,
    )


def upload(account: Account, number: str, file: OutgoingFile) -> graph.Answer:
    """Lays a file down at the platform for a message; nothing reaches anybody by it."""
    data = {"messaging_product": "whatsapp", "type": file.content_type}
    sent = {"file": (file.name, file.content, file.content_type)}
    return graph.call(account, "POST", f"{number}/media", data=data, files=sent, timeout=UPLOAD_SECONDS)


def sent_as(file: OutgoingFile) -> str:
    """As what a file leaves; '' when it is too big for everything. What does not fit its kind leaves as document."""
    kind = SENT_AS.get(file.content_type.partition(";")[0].strip().lower(), "document")
    kinds = (one for one in (kind, "document") if len(file.content) <= MOST[one])
    return next(kinds, "")


def _known(stored: str) -> dict[str, Any]:
    try:
        found = loads(stored.encode("utf-8", "replace"))
    except ValueError:
        found = None
    if isinstance(found, dict) and (text_id(found.get("id")) or text(found, "url")):
        return found
    if isinstance(found, int) or (found is None and stored.isalnum()):
        return {"id": stored}  # a bare id
    raise Trouble("not_possible", "no reference to a file")


def _ask(account: Account, media_id: str) -> dict[str, Any]:
    if not media_id.replace("_", "").replace("-", "").isalnum():
        raise Trouble("not_possible", "no id of a file")
    answer = graph.call(account, "GET", media_id, params={"phone_number_id": account.settings.get("phone_number_id")})
    if not answer.is_good:
        raise Trouble(_gone(answer), answer.words)
    if not text(answer.body, "url"):
        raise Trouble("target_gone", "the platform names no address")
    return answer.body


def _gone(answer: graph.Answer) -> str:
    """What is asked for by id and not known is over: received files are kept for some days only."""
    return "target_gone" if answer.code in ("bad_parameter", "not_possible", "target_gone") else answer.code


def _fits(digest: str, content: bytes) -> bool:
    """Whether this is the SHA-256 of the content. Messages tell it in base64, the platform's own answer in hex."""
    actual = hashlib.sha256(content).digest()
    if len(digest) == 64:
        return hmac.compare_digest(actual.hex(), digest.lower())
    try:
        return hmac.compare_digest(base64.b64decode(digest, validate=True), actual)
    except (binascii.Error, ValueError):
        return False
