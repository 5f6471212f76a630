"""Named ways in: a link, a QR code that says the same link, and how many conversations came that way."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from PIL import Image

from ganzohr.accounts.models import User
from ganzohr.channels.models import Channel
from ganzohr.website.models import Source
from ganzohr.website.setup import Setup, origin
from tests.website.visitors import Visitor

if TYPE_CHECKING:
    from django.http import HttpResponse

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db: None) -> Client:
    """Sophie's browser."""
    client = Client()
    client.force_login(User.objects.create_user("sophie@auental.example", role="manager", language="en"))
    return client


def test_a_source_gets_a_link_two_codes_and_its_count(manager: Client, channel: Channel) -> None:
    page = f"/channels/{channel.pk}/sources/"
    answer = manager.post(page, {"name": "Messe Enschede", "code": ""})
    assert (answer.status_code, answer["Location"]) == (303, page)
    source = Source.objects.get()
    assert source.code == "messe-enschede"
    for number in range(3):
        Visitor(channel).write(source=source.code if number else "")
    from ganzohr.channels.actions import process_deliveries

    process_deliveries()
    text = manager.get(page).content.decode()
    assert f"/w/{channel.key}/?src=messe-enschede" in text
    assert ("2 conversations" in text, "1 conversation came without a source." in text) == (True, True)


@pytest.mark.parametrize(("form", "begins"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_the_qr_code_is_a_picture_to_download(manager: Client, channel: Channel, form: str, begins: bytes) -> None:
    source = Source.objects.create(channel=channel, code="poster", name="Poster")
    answer: Any = manager.get(f"/channels/{channel.pk}/sources/{source.pk}/qr.{form}")
    assert answer.content.startswith(begins)
    assert answer["Content-Disposition"] == f'attachment; filename="qr-poster.{form}"'
    if form == "png":
        assert Image.open(io.BytesIO(answer.content)).size[0] > 300


def test_a_source_taken_off_the_list_keeps_its_link_and_comes_back_by_its_code(
    manager: Client, channel: Channel
) -> None:
    source = Source.objects.create(channel=channel, code="poster", name="Poster")
    page = f"/channels/{channel.pk}/sources/"
    manager.post(f"{page}{source.pk}/archive/")
    assert "?src=poster" not in manager.get(page).content.decode()
    assert Client().get(f"/w/{channel.key}/?src=poster").status_code == 200
    manager.post(page, {"name": "Poster 2027", "code": "poster"})
    assert list(Source.objects.values_list("name", "archived_at")) == [("Poster 2027", None)]


def test_settings_are_checked_and_origins_made_whole(manager: Client, channel: Channel) -> None:
    address = f"/channels/{channel.pk}/sources/setup/"
    privacy = "https://www.a.example/privacy"
    form = {
        "title": "Auental",
        "privacy_url": privacy,
        "origins": "https://www.a.example/jobs?x\nHTTPS://b.example:443",
        "link_days": "30",
    }
    assert manager.post(address, form).status_code == 303
    channel.refresh_from_db()
    setup = Setup.of(channel.name, channel.languages, channel.settings)
    assert (setup.title, setup.origins, setup.link_days) == (
        "Auental", ("https://www.a.example", "https://b.example"), 30,
    )  # fmt: skip
    assert manager.post(address, {**form, "origins": "javascript:alert(1)"}).status_code == 422


@pytest.mark.parametrize("text", ["", "www.example.org", "ftp://a.example", "javascript:x", "https://", "https://a:b"])
def test_what_is_no_origin_is_none(text: str) -> None:
    assert origin(text) == ""


def test_a_code_nobody_could_type_is_refused_in_words(manager: Client, channel: Channel) -> None:
    answer: HttpResponse | Any = manager.post(f"/channels/{channel.pk}/sources/", {"name": "!!!"})
    assert (answer.status_code, Source.objects.count()) == (422, 0)
