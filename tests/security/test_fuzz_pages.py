"""Whatever is typed into an address, a header or a form, by whom ever: an answer in words, never a failure of ours."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse

from ganzohr.core import crypto
from tests import world as worlds
from tests.security.nasty import IS_LONG, NUMBERS, TEXTS
from tests.test_permissions import HASHERS, Row, address, rows

ROOT = Path(__file__).resolve().parents[2]
ASKED = re.compile(
    r"""(?:POST|GET|data|FILES)(?:\.get|\.getlist)?[\[(]["']([\w-]+)["']|^    (\w+) = forms\.\w+\(""", re.M
)
HEADERS = (
    "Accept-Language", "Accept", "Range", "If-None-Match", "If-Modified-Since", "Origin", "Referer", "User-Agent",
    "X-Forwarded-For", "Authorization", "Last-Event-ID", "HX-Request", "HX-Current-URL", "HX-Target", "Cookie",
)  # fmt: skip
LEFT = {"account_logout", "accounts:end_session", "ui:live"}  # end the sign-in of the others, or never end
STATUSES = {200, 204, 206, 301, 302, 303, 304, 400, 401, 403, 404, 405, 409, 410, 413, 416, 422, 429}


def field_names() -> list[str]:
    """Every name that any view or form of ours asks for."""
    found = {
        name
        for file in sorted(ROOT.glob("ganzohr/**/*.py"))
        for pair in ASKED.findall(file.read_text())
        for name in pair
    }
    return sorted(found - {""})


NAMES = field_names()


def form(chance: random.Random, token: str = "") -> dict[str, Any]:
    values: dict[str, Any] = {name: chance.choice(TEXTS) for name in chance.sample(NAMES, 25)}
    values[chance.choice(NAMES)] = chance.choice(NUMBERS)
    values["attached"] = SimpleUploadedFile(chance.choice(["x.png", "a" * 300, "\u202egnp.exe"]), chance.randbytes(40))
    return values | ({"token": token} if token else {})


def said(text: str) -> str:
    """As a client can say it in a header."""
    return text.encode("utf-8", "replace").decode("latin-1").replace("\r", "").replace("\n", "").replace("\0", "")


def plain(text: str) -> str:
    """Without half characters, which no client can send."""
    return text.encode("utf-8", "replace").decode()


def knock(client: Client, chance: random.Random, method: str, path: str, values: dict[str, Any]) -> int:
    """One request; what it changed is undone."""
    headers = {name: said(chance.choice(TEXTS)) for name in chance.sample(HEADERS, 4) if name != "Cookie"}
    clean = {name: plain(one) if isinstance(one, str) else one for name, one in values.items()}
    with transaction.atomic():
        if method == "POST":
            answer = client.post(path, clean, headers=headers)
        else:
            clean.pop("attached", None)
            answer = client.get(path, clean, headers=headers)
        transaction.set_rollback(True)
    return answer.status_code


@pytest.fixture
def world(db: None, tmp_path: Path) -> Any:
    """One of everything."""
    with override_settings(PASSWORD_HASHERS=HASHERS, MEDIA_ROOT=tmp_path):
        yield worlds.build()


def signed_in() -> Client:
    from ganzohr.accounts.models import User

    client = Client(raise_request_exception=False)
    client.force_login(
        User.objects.get(email="admin@example.org"), "allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


def test_no_page_fails_whatever_stands_in_its_address_its_headers_and_its_form(world: dict[str, Any]) -> None:
    chance = random.Random(None if IS_LONG else 4)
    inside, nobody, failed = signed_in(), Client(raise_request_exception=False), {}
    for row in rows() * 20 if IS_LONG else chance.sample(rows(), len(rows()) // 2):
        if row.name in LEFT:
            continue
        client = (
            nobody
            if row.name.partition(":")[0] in {"website", "notifications"} or row.name.startswith("account_")
            else inside
        )
        values = form(chance)
        status = knock(client, chance, row.method, address(row, world), values)
        if status not in STATUSES:
            failed[str(row)] = (status, {name: str(one)[:40] for name, one in values.items()})
    assert failed == {}


def test_no_number_in_an_address_is_too_big_and_no_word_too_odd(world: dict[str, Any]) -> None:
    chance, inside, failed = random.Random(4), signed_in(), {}
    for row in rows():
        if row.method == "GET" and row.arguments and row.name not in LEFT:
            path = address(row, world)
            odd = re.sub(r"(?<=/)\d+(?=/|$)", lambda _found: str(chance.choice([0, 2**31, 2**63, 10**30])), path)
            with transaction.atomic():
                status = inside.get(odd).status_code
                transaction.set_rollback(True)
            if status not in STATUSES:
                failed[odd] = status
    assert failed == {}


TOKENS = ["x", "ä", "%", "%ff", "%2e%2e", "a" * 2000, "'", "\u202e", "🙂", "1:2", "=" * 43, "%0a", "-", "٣", "null"]


def test_doors_without_sign_in_answer_every_token(world: dict[str, Any]) -> None:
    chance, nobody, failed = random.Random(6), Client(raise_request_exception=False), {}
    doors: tuple[str, ...] = (
        "/ask/{}/",
        "/v/{}/",
        "/v/{}/files/1/",
        "/g/{}",
        "/d/{}/",
        "/w/{}/",
        "/w/{}/config",
        "/w/{}/letters",
        "/accounts/join/{}/",
    )
    doors += (
        "/accounts/start/{}/",
        "/accounts/password/forgotten/{}/",
        "/accounts/sign-in/by/{}/",
        "/accounts/demo/{}/",
    )
    for door in doors:
        for token in TOKENS if IS_LONG else chance.sample(TOKENS, 4):
            for ask in (nobody.get, nobody.post):
                with transaction.atomic():
                    status = ask(door.format(token)).status_code
                    transaction.set_rollback(True)
                if status not in STATUSES:
                    failed[door, token, ask.__name__] = status
    assert failed == {}


def test_private_pages_answer_every_form_of_whoever_holds_the_link(world: dict[str, Any]) -> None:
    chance, client, failed = random.Random(5), Client(raise_request_exception=False), []
    ask, visit = world["ask_token"], world["visit_token"]
    doors = [
        f"/ask/{ask}/",
        f"/v/{visit}/",
        f"/v/{visit}/address/",
        f"/w/{world['channel_key']}/",
        reverse("account_login"),
    ]
    for _ in range(200 if IS_LONG else 4):
        for door in doors:
            token = crypto.new_token() if door.startswith("/w/") else ""
            values = form(chance, token)
            if knock(client, chance, "POST", door, values) not in STATUSES:
                failed.append((door, values))
    assert failed == []


def test_the_share_sheet_takes_whatever_a_phone_hands_over(world: dict[str, Any]) -> None:
    inside = signed_in()
    path = reverse("channels:share")
    for text in TEXTS if IS_LONG else TEXTS[::3]:
        said_texts = {"title": text, "text": f"{text} https://www.instagram.com/p/{text}", "url": text}
        clean = {name: plain(one) for name, one in said_texts.items()}
        assert inside.get(path, clean, follow=True).status_code in STATUSES, text


def test_the_table_of_pages_is_not_empty() -> None:
    assert len(rows()) > 100 and len(NAMES) > 100 and all(isinstance(row, Row) for row in rows())
