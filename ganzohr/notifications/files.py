"""Which files we take from colleagues: known kinds by their content, not by what they say, and not too many."""

from __future__ import annotations

from pathlib import PurePath

import filetype

MOST_FILES = 5
LARGEST = 10 * 1024 * 1024
KINDS = {
    "application/pdf",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/heic",
    "video/mp4",
    "audio/mpeg",
    "audio/mp4",
}
ACCEPT = ".pdf,.doc,.docx,.xlsx,.pptx,.odt,.ods,.txt,image/*,video/mp4,audio/mpeg,audio/mp4"


def kind_of(content: bytes) -> str | None:
    """The media type the bytes show, `text/plain` for readable text; None for what we do not take."""
    guessed = filetype.guess_mime(content[:8192])
    if guessed:
        return guessed if guessed in KINDS else None
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text or text.lstrip()[:1] == "<" else "text/plain"


def safe_name(name: str) -> str:
    """The last part of the name, without anything a file system or a header would mind."""
    last = PurePath(name.replace("\\", "/")).name
    kept = "".join(char for char in last if char.isprintable() and char not in '<>:"/|?*;')
    return kept.strip(". ")[-120:] or "file"
