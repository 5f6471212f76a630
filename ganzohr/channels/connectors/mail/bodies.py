"""The parts of a mail: its words as text, its HTML, its files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message

from ganzohr.channels.connectors.mail.flowed import unflow
from ganzohr.channels.connectors.mail.html import text_of
from ganzohr.channels.connectors.mail.values import MailFile
from ganzohr.channels.connectors.mail.words import clean, decode, decode_words

MOST_TEXT = 2_000_000
MOST_SPARE = 20_000
MOST_FILES = 100
DEEPEST = 30


@dataclass
class Bodies:
    """What was found while walking the parts."""

    text: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    files: list[MailFile] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)  # words to show when the mail has none of its own


def bodies(message: Message) -> Bodies:
    """The words and files of a mail; of alternatives the plain text counts, HTML where there is none."""
    return _walk(message, 0)


def _walk(part: Message, depth: int) -> Bodies:
    children = [child for child in _children(part) if isinstance(child, Message)]
    kind = part.get_content_type()
    if depth > DEEPEST:
        return Bodies(files=[_file(part, b"".join(_raw(child) for child in children[:1]))])
    if kind.startswith("message/") and children:
        return _embedded(part, children, kind, depth)
    if not children:
        return _leaf(part)
    found = [_walk(child, depth + 1) for child in children]
    return _alternative(found) if kind == "multipart/alternative" else _together(found)


def _children(part: Message) -> list[object]:
    payload = part.get_payload() if part.is_multipart() else None
    return list(payload) if isinstance(payload, list) else []


def _alternative(found: list[Bodies]) -> Bodies:
    merged = _together(found)
    plain = next((body.text for body in found if body.text and not body.html and "".join(body.text).strip()), None)
    if plain is not None:
        merged.text = plain
    return merged


def _together(found: list[Bodies]) -> Bodies:
    merged = Bodies()
    for body in found:
        merged.text += body.text
        merged.html += body.html
        merged.spare += body.spare
        merged.files = (merged.files + body.files)[:MOST_FILES]
    return merged


def _embedded(part: Message, children: list[Message], kind: str, depth: int) -> Bodies:
    """A mail inside a mail is a file; its words count only where the outer mail has none."""
    if kind in ("message/delivery-status", "message/disposition-notification"):
        return Bodies(spare=["\n".join(_as_text(child) for child in children[:20])])
    inner = children[0]
    title = inner.get("subject", "") or ""
    name = re.sub(r"[^\w .()-]+", "_", decode_words(title) if isinstance(title, str) else "")[:80].strip() or "mail"
    words = _walk(inner, depth + 1)
    spare = ["\n\n".join(piece.strip("\n") for piece in words.text or words.spare)]
    return Bodies(files=[MailFile(f"{name}.eml", "message/rfc822", _as_bytes(inner))], spare=spare)


def _as_bytes(inner: Message) -> bytes:
    try:
        return inner.as_bytes()
    except Exception:  # the generator of the standard library fails on some damaged mails
        return _raw(inner)


def _as_text(block: Message) -> str:
    return decode(_as_bytes(block)[:MOST_TEXT]).strip()


def _leaf(part: Message) -> Bodies:
    kind = part.get_content_type()
    content = content_of(part)
    disposition = str(part.get("content-disposition", "") or "").strip().lower()
    named = bool(_name(part))
    if kind not in ("text/plain", "text/html"):
        return Bodies(files=[_file(part, content)] if content or named else [])
    if named or disposition.startswith("attachment"):
        short_text = kind == "text/plain" and len(content) <= MOST_SPARE
        return Bodies(files=[_file(part, content)], spare=[_plain(part, content)] if short_text else [])
    if kind == "text/html":
        html = decode(content[:MOST_TEXT], _param(part, "charset"))
        return Bodies(text=[text_of(html)], html=[html])
    return Bodies(text=[_plain(part, content)])


def _plain(part: Message, content: bytes) -> str:
    text = decode(content[:MOST_TEXT], _param(part, "charset")).replace("\r\n", "\n").replace("\r", "\n")
    if _param(part, "format").lower() == "flowed":
        return unflow(text, _param(part, "delsp").lower() == "yes")
    return text


def content_of(part: Message) -> bytes:
    """The decoded bytes of a part; damaged encodings give what can be read."""
    how = re.search(r"[a-z0-9-]+", str(part.get("content-transfer-encoding", "") or "").lower())
    del part["content-transfer-encoding"]
    part["Content-Transfer-Encoding"] = how.group(0) if how else "8bit"
    try:
        payload = part.get_payload(decode=True)
    except Exception:  # binascii.Error, UnicodeError and others by the form of the damage
        payload = _raw(part)
    return payload if isinstance(payload, bytes) else b""


def _raw(part: Message) -> bytes:
    payload = getattr(part, "_payload", "")
    return payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""


def _param(part: Message, name: str) -> str:
    try:
        found = part.get_param(name)
    except Exception:  # broken RFC 2231 parameters
        return ""
    return str(found[2] if isinstance(found, tuple) else found or "")


def _name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except Exception:  # broken RFC 2231 parameters
        name = ""
    name = decode_words(clean(str(name)))
    return re.sub(r"[\x00-\x1f/\\]+", "_", name).strip(" ._")[-180:] if name.strip(" ._/\\") else ""


def _file(part: Message, content: bytes) -> MailFile:
    kind = clean(part.get_content_type())[:120]
    content_id = clean(str(part.get("content-id", "") or "")).strip(" <>\r\n\t")[:200]
    return MailFile(_name(part) or _invented(kind), kind, content, content_id)


def _invented(kind: str) -> str:
    ending = re.sub(r"[^a-z0-9]+", "", kind.partition("/")[2])[:8] or "bin"
    return {"text/calendar": "invitation.ics", "text/plain": "text.txt", "text/html": "page.html"}.get(
        kind, f"file.{ending}"
    )
