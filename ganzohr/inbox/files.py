"""What a file really is, and whether it may be shown inside a page. Bytes in, words out."""

from __future__ import annotations

import re
from dataclasses import dataclass

import filetype

MAX_SIZE = 20 * 1024 * 1024
SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
SOUND = frozenset({"audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/x-wav", "audio/opus", "audio/x-m4a"})
FILM = frozenset({"video/mp4", "video/webm", "video/3gpp"})
PLAIN = {"txt": "text/plain", "csv": "text/csv", "ics": "text/calendar", "vcf": "text/vcard", "eml": "message/rfc822"}
REFUSED = frozenset({
    "exe", "dll", "msi", "bat", "cmd", "com", "scr", "ps1", "vbs", "js", "jse", "wsf", "hta", "jar", "lnk", "reg", "sh",
    "apk", "app", "dmg", "iso",
})  # fmt: skip
REFUSED_TYPES = frozenset(
    {"application/x-msdownload", "application/x-executable", "application/vnd.android.package-archive"}
)


@dataclass(frozen=True)
class Checked:
    """A file's safe name and what its bytes say it is; `problem` is a code when it must not be kept."""

    name: str
    content_type: str
    problem: str = ""


def check(name: str, content: bytes) -> Checked:
    """Judge a file by its bytes, never by what the sender claims; unknown bytes are plain downloads."""
    safe = safe_name(name)
    ending = safe.rsplit(".", 1)[-1].lower() if "." in safe else ""
    found = filetype.guess_mime(content[:8192]) if content else None
    kind = found or (PLAIN.get(ending, "application/octet-stream") if _is_text(content) else "application/octet-stream")
    if len(content) > MAX_SIZE:
        return Checked(safe, kind, "too_big")
    if ending in REFUSED or kind in REFUSED_TYPES:
        return Checked(safe, kind, "refused")
    return Checked(safe, kind)


def safe_name(name: str) -> str:
    """The last part of a path without characters that mean something to a shell, a header or a file system."""
    last = re.split(r"[/\\]", name)[-1]
    clean = re.sub(r"[\x00-\x1f\x7f<>:\"|?*\u202a-\u202e\u2066-\u2069]", "", last).strip(" .")
    if len(clean) <= 120:
        return clean or "file"
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[: 119 - len(ending)]}{dot}{ending}" if dot and len(ending) < 10 else clean[:120]


def may_be_shown(content_type: str) -> bool:
    """Pictures a browser draws without running anything; everything else is a download (never SVG or HTML)."""
    return content_type in SHOWN


def plays(content_type: str) -> str:
    """`sound`, `film` or '': what a browser plays without running anything."""
    return "sound" if content_type in SOUND else "film" if content_type in FILM else ""


def part(wanted: str, size: int) -> range | None:
    """The bytes a `Range` header asks for (`bytes=0-`, `bytes=2-4`, `bytes=-5`); None when there are none such."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted.strip())
    if not found or not any(found.groups()):
        return None
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    return range(start, stop) if start < stop else None


def _is_text(content: bytes) -> bool:
    if b"\0" in content[:8192]:
        return False
    try:
        content[:8192].decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        return error.start > len(content[:8192]) - 4
    return True
