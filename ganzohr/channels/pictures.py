"""A picture without what its camera wrote beside it: place, time, device, thumbnail. Bytes in, bytes out.

Only the parts of the file are sorted, no pixel is touched: a certificate stays as sharp as it was sent, and a picture
made to burst a decoder never meets one. Which way up it is stays, as the only word of its camera. A file that is no
JPEG, PNG or WebP stays as it is; a damaged one is sorted up to where its parts cannot be told apart any more. One we
stumble over is not kept at all: what was not sorted may say where somebody lives.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator
from typing import Literal

log = logging.getLogger(__name__)
MOST_PARTS = 20_000
EXIF = b"Exif\0\0"
MOST_TAGS = 500
ORIENTATION = 0x0112
ONLY_TURNED = b"MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0%c\0\0\0\0\0\0"
SCAN, END = 0xDA, 0xD9
ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length behind them
MARKER = re.compile(rb"\0*+\xff++([^\0])")  # any number of fill bytes may stand before one
NEXT_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
DRAWS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}  # the notes that say how to draw
PNG, WEBP = b"\x89PNG\r\n\x1a\n", b"WEBP"
PNG_WORDS = {b"tEXt", b"zTXt", b"iTXt", b"tIME", b"caBX"}
WEBP_WORDS = {b"XMP ", b"C2PA"}
SAYS_EXIF, SAYS_XMP = 0b1000, 0b0100  # what the head of a WebP promises
REST = b""
Part = tuple[bytes, bytes]


def plain(content: bytes) -> bytes:
    """The same picture without words beside it; whatever else this is, unchanged. Never fails: a picture that nobody
    thought of stops no letter and no neighbour of it, and nothing is left of it."""
    try:
        return _sorted(content)
    except Exception:
        log.exception("a picture could not be sorted and was not kept")
        return b""


def _sorted(content: bytes) -> bytes:
    if content.startswith(b"\xff\xd8\xff"):
        return b"".join(_jpeg(content))
    if content.startswith(PNG):
        return PNG + b"".join(_png(content))
    if content[:4] == b"RIFF" and content[8:12] == WEBP:
        return _webp(content)
    return content


def _jpeg(content: bytes) -> Iterator[bytes]:
    """Part by part up to the end of the picture; what hangs behind (a second picture, a film) stays away."""
    yield content[:2]
    at = 2
    for _ in range(MOST_PARTS):
        if (mark := MARKER.match(content, at)) is None:
            break
        at, marker = mark.end() - 2, mark[1][0]
        if marker == END:
            yield content[at : at + 2]
            return
        stop = at + 2 if marker in ALONE else _end(content, at)
        if not stop:
            break
        if marker == SCAN:
            found = NEXT_MARKER.search(content, stop)
            stop = found.start() if found else len(content)
        yield _segment(marker, content[at:stop])
        at = stop
    yield content[at:]  # cut off on its way or damaged, and shown as far as it goes


def _end(content: bytes, at: int) -> int:
    """Where the part that begins here ends by its own word; 0 if it cannot."""
    length = int.from_bytes(content[at + 2 : at + 4])
    return at + 2 + length if length >= 2 and at + 2 + length <= len(content) else 0


def _segment(marker: int, whole: bytes) -> bytes:
    """This part, less of it, or nothing: of notes only those stay that say how to draw."""
    said = whole[4:]
    if marker == 0xE1 and said.startswith(EXIF):
        turned = EXIF + one if (one := _turned(said)) else b""
        return b"\xff\xe1" + (len(turned) + 2).to_bytes(2) + turned if turned else b""
    is_note = 0xE0 <= marker <= 0xEF or marker == 0xFE
    draws = marker in DRAWS and said.startswith(DRAWS[marker])
    return whole if draws or not is_note else b""


def _png(content: bytes) -> Iterator[bytes]:
    for name, said in _parts(content, len(PNG), "big", 4):
        kept = _turned(said) if name == b"eXIf" else b"" if name in PNG_WORDS else said
        if name == REST:
            yield said
        elif kept or not said:
            yield len(kept).to_bytes(4) + name + kept + zlib.crc32(name + kept).to_bytes(4)
        if name == b"IEND":
            return


def _webp(content: bytes) -> bytes:
    """What hangs behind the length it says stays away, as no program shows it."""
    whole = content[: 8 + int.from_bytes(content[4:8], "little")]
    parts = _parts(whole, 12, "little", 0)
    kept = [(name, less) for name, said in parts if (less := _chunk(name, said))]
    is_turned = any(name == b"EXIF" for name, _ in kept)
    body = bytearray(WEBP)
    for name, said in kept:
        flags = bytes([said[0] | SAYS_EXIF * is_turned]) if name == b"VP8X" else said[:1]
        head = name + len(said).to_bytes(4, "little") if name != REST else b""
        body += head + flags + said[1:] + b"\0" * (len(said) % 2 if head else 0)
    return b"RIFF" + len(body).to_bytes(4, "little") + bytes(body)


def _chunk(name: bytes, said: bytes) -> bytes:
    if name == b"VP8X" and said:
        return bytes([said[0] & ~(SAYS_EXIF | SAYS_XMP)]) + said[1:]
    return _turned(said) if name == b"EXIF" else b"" if name in WEBP_WORDS else said


def _parts(content: bytes, at: int, order: str, behind: int) -> Iterator[Part]:
    """Name and bytes of each part: a name and a length, in the order the format has them, then the bytes.
    From where they cannot be told apart any more all that is left comes as one, without a name."""
    for _ in range(MOST_PARTS):
        if at >= len(content):
            return
        head = content[at : at + 8]
        name, length = (head[4:], head[:4]) if order == "big" else (head[:4], head[4:])
        size = int.from_bytes(length, "big" if order == "big" else "little")
        stop = at + 8 + size
        if len(head) < 8 or stop + behind > len(content):
            break
        yield name, content[at + 8 : stop]
        at = stop + (behind if order == "big" else size % 2)
    yield REST, content[at:]


def _turned(said: bytes) -> bytes:
    """Which way up the camera was held, said anew and alone; nothing if as usual, or if it cannot be read."""
    tiff = said.removeprefix(EXIF)
    order: Literal["little", "big"] = "little" if tiff.startswith(b"II") else "big"
    first = int.from_bytes(tiff[4:8], order)
    count = min(int.from_bytes(tiff[first : first + 2], order), MOST_TAGS)
    for at in range(first + 2, first + 2 + 12 * count, 12):
        if int.from_bytes(tiff[at : at + 2], order) == ORIENTATION:
            way = int.from_bytes(tiff[at + 8 : at + 10], order)
            return ONLY_TURNED % way if 2 <= way <= 8 else b""
    return b""
