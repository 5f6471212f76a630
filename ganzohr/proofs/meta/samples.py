"""A picture and a voice note to send from the phone page, made here so that none must be kept."""

from __future__ import annotations

import io
import struct

HEAD = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48_000, 0, 0)
TAGS = b"OpusTags" + struct.pack("<I7sI", 7, b"Ganzohr", 0)
SILENCE = b"\xf8\xff\xfe"  # twenty milliseconds of nothing
PACKETS_A_PAGE = 50


def voice(seconds: int = 3) -> bytes:
    """A voice note: Opus in Ogg, silent, playable."""
    pages = [_page(0, 2, 0, [HEAD]), _page(1, 0, 0, [TAGS])]
    for number in range(seconds):
        last = number == seconds - 1
        samples = (number + 1) * PACKETS_A_PAGE * 960
        pages.append(_page(number + 2, 4 if last else 0, samples, [SILENCE] * PACKETS_A_PAGE))
    return b"".join(pages)


def _page(number: int, flags: int, samples: int, packets: list[bytes]) -> bytes:
    lengths = bytes(len(packet) for packet in packets)
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, samples, 1, number, 0, len(packets)) + lengths
    body = b"".join(packets)
    return head[:22] + struct.pack("<I", _checksum(head + body)) + head[26:] + body


def _checksum(data: bytes) -> int:
    total = 0
    for byte in data:
        total ^= byte << 24
        for _ in range(8):
            total = ((total << 1) ^ (0x04C11DB7 if total & 0x80000000 else 0)) & 0xFFFFFFFF
    return total


def picture() -> bytes:
    """A small picture: a sheet of paper with lines, as somebody would photograph a certificate."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (640, 480), "#c9b79c")
    draw = ImageDraw.Draw(image)
    draw.polygon([(140, 40), (520, 60), (500, 450), (120, 430)], fill="#fbf8f1")
    for number in range(9):
        top = 110 + number * 34
        draw.line([(190 - number, top), (440 - number, top + 3)], fill="#8a8378", width=4)
    draw.ellipse([(400, 350), (460, 410)], outline="#8b2f2a", width=6)
    found = io.BytesIO()
    image.save(found, "PNG")
    return found.getvalue()
