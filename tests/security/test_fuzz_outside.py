"""The doors anybody in the internet can knock at: the widget's, private links, figures. An answer, whatever comes."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import strategies as st

from ganzohr.channels.models import Channel
from ganzohr.website import limits
from tests import world as worlds
from tests.security.nasty import IS_LONG, NUMBERS, TEXTS, torn, tried
from tests.security.test_fuzz_pages import STATUSES, said
from tests.test_permissions import HASHERS
from tests.website.visitors import SITE, Visitor

PATIENCE = 2.0  # seconds of this process for one request
MOST = 400 if IS_LONG else 25


@pytest.fixture
def world(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.setattr(limits, "QUICKEST", 0)
    with override_settings(PASSWORD_HASHERS=HASHERS, MEDIA_ROOT=tmp_path):
        built = worlds.build()
        channel = Channel.objects.get(key=built["channel_key"])
        Channel.objects.filter(pk=channel.pk).update(settings={**channel.settings, "origins": [SITE]})
        yield built


def visitor(world: dict[str, Any]) -> Visitor:
    made = Visitor(Channel.objects.get(key=world["channel_key"]))
    made.client.raise_request_exception = False
    return made


def post(client: Client, door: str, body: bytes, kind: str) -> Any:
    """A form: to the widget's door from its website, to the others from their own page."""
    return client.generic("POST", door, body, content_type=kind, headers={"origin": SITE} if "letters" in door else {})


def test_the_widget_is_answered_whatever_it_sends_from_a_website_that_may(world: dict[str, Any]) -> None:
    chance, somebody, failed, statuses = random.Random(None if IS_LONG else 7), visitor(world), [], set()
    for _ in range(MOST):
        values = somebody.form(name="Lena", address="lena@example.org", attached=SimpleUploadedFile("a.txt", b"Hallo"))
        for name in chance.sample(sorted(values), chance.randint(0, 3)):
            values[name] = str(chance.choice([*TEXTS, *NUMBERS])).encode("utf-8", "replace").decode()
        with transaction.atomic():
            path = f"/w/{world['channel_key']}/letters?lang={chance.choice(['de', 'xx', '%ff', ''])}"
            answer = somebody.client.post(path, values, headers={"origin": SITE})
            transaction.set_rollback(True)
        statuses.add(answer.status_code)
        if answer.status_code not in STATUSES or not isinstance(json.loads(answer.content), dict):
            failed.append((answer.status_code, values))
    assert (failed, statuses & {200, 422}) == ([], {200, 422})


LINE = b"\r\n"
FORM = LINE.join(
    [
        b"--b", b'Content-Disposition: form-data; name="token"', b"", b"x" * 43,
        b"--b", b'Content-Disposition: form-data; name="text"', b"", "Geht das? ä".encode(),
        b"--b", b'Content-Disposition: form-data; name="attached"; filename="a.png"', b"Content-Type: image/png", b"",
        b"\x89PNG\r\n\x1a\n", b"--b--", b"",
    ]
)  # fmt: skip
TYPES = [
    "multipart/form-data; boundary=b", "multipart/form-data", "multipart/form-data; boundary=", "application/json",
    "application/x-www-form-urlencoded", "multipart/mixed; boundary=b", "text/plain; charset=utf-7", "", "\x7f/x",
    "multipart/form-data; boundary=" + "b" * 300, "application/x-www-form-urlencoded; charset=idna",
]  # fmt: skip


def test_no_body_is_too_broken_for_a_form_without_sign_in(world: dict[str, Any]) -> None:
    client = Client(raise_request_exception=False)
    doors = [
        f"/w/{world['channel_key']}/letters", f"/w/{world['channel_key']}/", f"/v/{world['visit_token']}/",
        f"/v/{world['visit_token']}/address/", f"/ask/{world['ask_token']}/",
    ]  # fmt: skip

    @tried(25)
    @given(torn(FORM), st.sampled_from(TYPES), st.sampled_from(doors))
    def story(body: bytes, kind: str, door: str) -> None:
        began = time.process_time()
        with transaction.atomic():
            answer = post(client, door, body, kind)
            transaction.set_rollback(True)
        assert answer.status_code in STATUSES, (answer.status_code, door, kind, body)
        assert time.process_time() - began < PATIENCE

    story()


MANY = {
    "a thousand fields and more": ("application/x-www-form-urlencoded", b"a=1&" * 200_000),
    "a thousand files and more": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="attached"; filename="a"\r\n\r\nx\r\n' * 20_000 + b"--b--\r\n",
    ),
    "heads without end": ("multipart/form-data; boundary=b", b"--b\r\n" + b"X: y\r\n" * 200_000),
}


@pytest.mark.parametrize("name", MANY)
def test_no_form_grows_or_lasts_without_end(world: dict[str, Any], name: str) -> None:
    kind, body = MANY[name]
    client = Client(raise_request_exception=False)
    for door in (f"/w/{world['channel_key']}/letters", f"/v/{world['visit_token']}/", f"/ask/{world['ask_token']}/"):
        began = time.process_time()
        answer = post(client, door, body, kind)
        assert answer.status_code in {400, 413, 422}, (answer.status_code, door)
        assert time.process_time() - began < PATIENCE


def test_figures_and_conversations_answer_every_header(world: dict[str, Any]) -> None:
    chance, client, failed = random.Random(8), Client(raise_request_exception=False), []
    for text in TEXTS if IS_LONG else TEXTS[::2]:
        for path in ("/health", "/metrics", f"/w/{world['channel_key']}/conversation", "/g/" + "x" * 8):
            names = {"Authorization": f"Bearer {said(text)}", "If-None-Match": said(text), "Origin": SITE}
            answer = client.get(path, headers={name: value for name, value in names.items() if chance.random() < 0.8})
            if answer.status_code not in STATUSES:
                failed.append((path, text, answer.status_code))
    assert failed == []
