"""What a camera writes beside a picture (place, time, device) does not lie in our files, nor leave them."""

from __future__ import annotations

import io
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from ganzohr.audit import actions as audit
from ganzohr.channels import pictures
from ganzohr.channels.connectors.base import IncomingFile
from ganzohr.core import times
from ganzohr.inbox import actions
from ganzohr.inbox.actions import media
from ganzohr.inbox.models import Attachment, Message
from ganzohr.notifications import actions as notifications
from ganzohr.notifications.models import Ask
from tests import world as worlds
from tests.security.nasty import torn, tried
from tests.test_permissions import HASHERS

SECRETS = (b"Phone Inc", b"Wohnung", b"2026:11:22", b"film behind")
COLOURS = b"colours of this screen"


def taken(form: str, way: int = 6, **more: Any) -> bytes:
    """A picture as a phone hands it over: turned on its side, with the place it was taken at."""
    drawn, said = io.BytesIO(), Image.Exif()
    said[0x0112], said[0x010F], said[0x0132] = way, "Phone Inc", "2026:11:22 08:00:00"
    said.get_ifd(0x8825)[2] = (48.0, 8.0, 1.0)
    Image.linear_gradient("L").resize((40, 24)).convert("RGB").save(drawn, form, exif=said, **more)
    return drawn.getvalue()


def words() -> PngInfo:
    said = PngInfo()
    said.add_text("Comment", "Wohnung")
    said.add_itxt("XML:com.adobe.xmp", "Wohnung", zip=False)
    return said


FORMS = {
    "jpeg": lambda: taken("JPEG", comment=b"Wohnung", icc_profile=COLOURS),
    "jpeg in several scans, a film behind": lambda: taken("JPEG", progressive=True) + b"film behind",
    "png": lambda: taken("PNG", pnginfo=words(), icc_profile=COLOURS),
    "webp": lambda: taken("WEBP", xmp=b"Wohnung", icc_profile=COLOURS),
    "webp, exact": lambda: taken("WEBP", lossless=True),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_keeps_every_pixel_and_its_way_up_and_nothing_its_camera_said(form: str) -> None:
    raw = FORMS[form]()
    kept = pictures.plain(raw)
    before, after = Image.open(io.BytesIO(raw)), Image.open(io.BytesIO(kept))
    assert ImageOps.exif_transpose(after).tobytes() == ImageOps.exif_transpose(before).tobytes()
    assert ImageOps.exif_transpose(after).size == (24, 40)
    assert (dict(after.getexif()), after.getexif().get_ifd(0x8825)) == ({0x0112: 6}, {})
    assert [word for word in SECRETS if word in kept] == []
    assert after.info.get("icc_profile") == before.info.get("icc_profile")
    assert pictures.plain(kept) == kept


def test_a_picture_the_right_way_up_holds_no_word_at_all() -> None:
    for form in ("JPEG", "PNG", "WEBP"):
        assert dict(Image.open(io.BytesIO(pictures.plain(taken(form, way=1)))).getexif()) == {}


def test_what_is_no_such_picture_stays_as_it_is() -> None:
    moving = io.BytesIO()
    Image.new("P", (4, 4)).save(moving, "GIF", comment=b"x")
    for one in (b"", b"%PDF-1.4 Exif", b"\xff\xd8\xff", b"RIFF\4\0\0\0WEBP", b"Exif\0\0", moving.getvalue()):
        assert pictures.plain(one) == one


def note(marker: int, said: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(said) + 2).to_bytes(2) + said


def chunk(name: bytes, said: bytes) -> bytes:
    return len(said).to_bytes(4) + name + said + zlib.crc32(name + said).to_bytes(4)


def before(mark: bytes, more: bytes, form: str = "JPEG") -> bytes:
    """A picture with this slipped in before one of its parts."""
    raw = taken(form)
    at = raw.index(mark)
    return raw[:at] + more + raw[at:]


DQT, SOS = b"\xff\xdb", b"\xff\xda"
ODD = {
    "fill byte before what the camera says": lambda: before(b"\xff\xe1", b"\xff"),
    "fill bytes before the tables": lambda: before(DQT, b"\xff\xff\xff"),
    "fill byte before the scan": lambda: before(SOS, b"\xff"),
    "fill byte before the end": lambda: taken("JPEG")[:-2] + b"\xff\xff\xd9",
    "zeros between": lambda: before(b"\xff\xe1", b"\0\0"),
    "marker without length": lambda: before(DQT, b"\xff\xd0\xff\xd3"),
    "comment that begins with Adobe": lambda: before(DQT, note(0xFE, b"Adobe, Wohnung 12")),
    "comment that begins with JFIF": lambda: before(DQT, note(0xFE, b"JFIF\0Wohnung 12")),
    "comment that begins with a profile": lambda: before(DQT, note(0xFE, b"ICC_PROFILE\0Wohnung 12")),
    "old Photoshop": lambda: before(DQT, note(0xED, b"Adobe_Photoshop2.5:8BIM Wohnung 12")),
    "a png that says who made it": lambda: before(b"\0\0\0\0IEND", chunk(b"caBX", b"c2pa Wohnung 12"), "PNG"),
    "a webp with something behind": lambda: taken("WEBP") + b"Wohnung",
}
TORN = {
    "jpeg": lambda: before(SOS, note(0xFE, b"Wohnung") + b"no part"),
    "png": lambda: before(b"\0\0\0\0IEND", b"\xff\xff\xff\xfftEXtab", "PNG"),
    "webp": lambda: (raw := taken("WEBP"))[:4] + (len(raw) - 4).to_bytes(4, "little") + raw[8:] + b"abcd",
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_picture_says_as_little_and_keeps_every_pixel(name: str) -> None:
    raw = ODD[name]()
    kept = pictures.plain(raw)
    shown = Image.open(io.BytesIO(kept))
    assert shown.tobytes() == Image.open(io.BytesIO(raw)).tobytes()
    assert (dict(shown.getexif()), shown.getexif().get_ifd(0x8825)) == ({0x0112: 6}, {})
    assert [word for word in SECRETS if word in kept] == []
    assert pictures.plain(kept) == kept


@pytest.mark.parametrize("form", TORN)
def test_what_was_read_before_a_picture_tears_is_taken_away_and_the_rest_stays(form: str) -> None:
    raw = TORN[form]()
    kept = pictures.plain(raw)
    assert [word for word in SECRETS if word in kept] == []
    assert kept.endswith(raw[-4:]), "nothing behind the damage is lost"


def riff(*parts: tuple[bytes, bytes], length: int | None = None) -> bytes:
    body = b"WEBP" + b"".join(name + len(said).to_bytes(4, "little") + said for name, said in parts)
    return b"RIFF" + (len(body) if length is None else length).to_bytes(4, "little") + body


NOTHING = {
    "a head without a byte": riff((b"VP8X", b"")),
    "words alone": riff((b"XMP ", b"Wohnung."), (b"EXIF", b"Phone Inc.")),
    "a length of nought": riff((b"XMP ", b"Wohnung."), length=0),
}


@pytest.mark.parametrize("name", NOTHING)
def test_of_a_picture_without_a_picture_nothing_is_left(name: str) -> None:
    assert pictures.plain(NOTHING[name]) == riff()


def test_a_picture_we_stumble_over_is_not_kept_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_webp", lambda content: content[1:0][0])
    assert pictures.plain(taken("WEBP")) == b""


def claims(width: int) -> bytes:
    """A PNG of a few bytes that says it is enormous."""
    head = b"IHDR" + width.to_bytes(4) * 2 + b"\x08\x02\0\0\0"
    return pictures.PNG + (13).to_bytes(4) + head + zlib.crc32(head).to_bytes(4) + b"\0\0\0\0IEND\xaeB`\x82"


BOMBS = {
    "a size nobody can draw": lambda: claims(2**31 - 1),
    "parts without end": lambda: b"\xff\xd8" + b"\xff\xe1\0\2" * 5_000_000,
    "marks without end": lambda: b"\xff\xd8\xff\xda\0\2" + b"\xff" * 20_000_000,
    "chunks without end": lambda: pictures.PNG + b"\0\0\0\0tEXt\0\0\0\0" * 1_600_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_picture_bursts_or_lasts(name: str) -> None:
    raw, began = BOMBS[name](), time.process_time()
    assert len(pictures.plain(raw)) <= len(raw)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_picture_never_fails_and_never_grows(form: str) -> None:
    raw = FORMS[form]()

    @tried(25)
    @given(torn(raw))
    def story(body: bytes) -> None:
        assert len(pictures._sorted(body)) <= len(body) + 64

    story()


@pytest.fixture
def world(db: None, tmp_path: Path) -> Iterator[dict[str, Any]]:
    with override_settings(PASSWORD_HASHERS=HASHERS, MEDIA_ROOT=tmp_path):
        yield worlds.build()


def test_every_road_into_our_files_takes_it_away(world: dict[str, Any]) -> None:
    raw, conversation = taken("JPEG", comment=b"Wohnung"), world["conversation"]
    came = IncomingFile("a.jpg", "image/jpeg", raw)
    message = Message.objects.filter(conversation=conversation).order_by("pk")[0]
    actions.attach(conversation, "ours.jpg", raw, audit.round_("test"))
    actions.keep_received([(message, [came])])
    fetched = Attachment.objects.create(
        message=message, conversation=conversation, name="fetched.jpg", size=0, content_type="", reference="7",
        created_at=times.now(),
    )  # fmt: skip
    media._keep(fetched, came)
    ours, theirs, got = Attachment.objects.order_by("-pk")[:3]
    by_colleague = notifications.keep_file(replace(came, name="c.jpg"), ask=Ask.objects.all()[0])
    assert by_colleague is not None
    for row in (ours, theirs, got, by_colleague):
        with row.file.open("rb") as held:
            content = held.read()
        assert (len(content), content) == (row.size, pictures.plain(raw)), row.name
