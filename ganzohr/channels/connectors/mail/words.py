"""Bytes and header values to clean text. Nothing here raises for any input."""

from __future__ import annotations

import re
from email.header import decode_header

MOST_HEADER = 16_000
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_FOLD = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_CHARSET = re.compile(r"[A-Za-z0-9._:-]+")
_OTHER_NAMES = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso8859-1": "cp1252",
    "windows-1252": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "cp-850": "cp850",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "utf8mb4": "utf-8",
    "iso-8859-9": "cp1254",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "iso-2022-jp": "iso-2022-jp-ext",
}
_NEVER = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_UNSAID = {"", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown", "unknown-8bit", "8bit", "binary", "default"}
_ORDINARY = re.compile(
    "[\\x00-\\x7f\xa0\xab\xb7\xbb\xc4\xd6\xdc\xdf-\xf6\xf8-\xff\u2013\u2014\u2018-\u201e\u2022\u2026\u20ac]"
)


def clean(text: str) -> str:
    """The text without NUL and lone surrogates (PostgreSQL takes neither)."""
    return _UNFIT.sub("\ufffd", text.replace("\x00", ""))


def decode(raw: bytes, charset: str = "") -> str:
    """Text of these bytes: the declared charset where it holds, else the likeliest; wrong bytes become U+FFFD."""
    found = _CHARSET.search(charset)
    name = found.group(0).lower() if found else ""
    name = _OTHER_NAMES.get(name, name)
    for candidate in _candidates(raw, name):
        try:
            return clean(raw.decode(candidate))
        except (LookupError, ValueError):
            continue
    return clean(raw.decode("utf-8" if name == "utf-8" else "latin-1", "replace"))


def _candidates(raw: bytes, name: str) -> list[str]:
    if b"\x1b$" in raw or b"\x1b(J" in raw:
        return ["iso-2022-jp-ext", "iso-2022-kr", name or "utf-8", "cp1252"]
    declared = [name] if name and name not in _NEVER else []
    if name in _UNSAID or (name == "cp1252" and _is_plainly_utf8(raw)):
        declared = ["utf-8", "cp1252"]
    return [*declared, "utf-8", "cp1252"]


def _is_plainly_utf8(raw: bytes) -> bool:
    """Whether text declared as Latin-1 is UTF-8 after all: read so, it holds only letters and marks people write."""
    if raw.isascii():
        return False
    try:
        strange = _ORDINARY.sub("", raw.decode("utf-8"))
    except ValueError:
        return False
    return not strange


def header_bytes(value: str) -> bytes:
    """The header's own bytes, as the parser kept them."""
    return value.encode("utf-8", "surrogateescape") if _UNFIT.search(value) else value.encode("utf-8", "replace")


def unfold(value: str) -> str:
    """A raw header value on one line, with raw 8-bit bytes decoded."""
    value = value[:MOST_HEADER]
    is_plain = value.isascii() and "\x1b" not in value
    text = value.replace("\x00", "") if is_plain else decode(header_bytes(value))
    return _FOLD.sub(" ", text).strip() if "\n" in text or "\r" in text else text.strip()


def decode_words(value: str) -> str:
    """A header value with its encoded words (RFC 2047) read; broken ones stay as they are."""
    text = unfold(value)
    if "=?" not in text:
        return _flat(text)
    text = re.sub(r"=\?([^?\s]+)\?([QBqb])\?([^?]*)\?=", lambda m: m.group(0).replace(" ", "_"), text)
    try:
        parts = decode_header(text)
    except (ValueError, TypeError, UnicodeError, LookupError):
        return _flat(text)
    except Exception:  # decode_header raises HeaderParseError and, on odd input, more
        return _flat(text)
    return _flat("".join(_piece(part, charset) for part, charset in _joined(parts)))


def _joined(parts: list[tuple[bytes | str, str | None]]) -> list[tuple[bytes | str, str | None]]:
    """Neighbours of one charset together: some programs cut a character in two."""
    found: list[tuple[bytes | str, str | None]] = []
    for part, charset in parts:
        if found and isinstance(part, bytes) and charset and charset == found[-1][1]:
            before = found[-1][0]
            found[-1] = (before + part, charset) if isinstance(before, bytes) else found[-1]
        else:
            found.append((part, charset))
    return found


def _piece(part: bytes | str, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    if charset is None:  # decode_header hands plain parts over as raw-unicode-escape
        try:
            return part.decode("raw-unicode-escape")
        except ValueError:
            return part.decode("latin-1")
    return decode(part, charset)


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", clean(text)).strip()
