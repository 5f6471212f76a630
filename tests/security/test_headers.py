"""What every answer carries, how cookies and passwords are made, and what Django says of a real desk."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client, override_settings
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.config import composite
from ganzohr.contacts.models import Handle
from ganzohr.core import times
from ganzohr.inbox import files
from ganzohr.inbox.models import Attachment, Conversation
from ganzohr.website.links import find
from tests import world as worlds
from tests.test_permissions import HASHERS, address, rows

ROOT = Path(__file__).resolve().parents[2]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PAGES = (
    "desk:today", "inbox:conversation", "account_login", "accounts:start", "notifications:ask", "website:visit",
    "website:contact", "website:config", "website:script", "knowledge:go", "inbox:file", "inquiries:file",
)  # fmt: skip
CARRIED = {
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("DENY",),
    "Cross-Origin-Opener-Policy": ("same-origin",),
    "Referrer-Policy": ("same-origin", "no-referrer"),
}


@pytest.fixture
def world(db: None, tmp_path: Path) -> Any:
    with override_settings(PASSWORD_HASHERS=HASHERS, MEDIA_ROOT=tmp_path):
        yield worlds.build()


def inside() -> Client:
    client = Client()
    client.force_login(User.objects.get(email="admin@example.org"), BACKEND)
    return client


def test_every_answer_says_what_a_browser_must_not_do(world: dict[str, Any]) -> None:
    wrong = {}
    for row in [row for row in rows() if row.method == "GET" and row.name in PAGES]:
        for client in (inside(), Client()):
            answer = client.get(address(row, world), secure=True)
            policy = answer.headers.get("Content-Security-Policy", "")
            missing = [name for name, good in CARRIED.items() if answer.headers.get(name) not in good]
            missing += [] if "default-src 'none'" in policy and "unsafe" not in policy else [f"csp {policy}"]
            missing += [] if "microphone=()" in answer.headers.get("Permissions-Policy", "") else ["permissions"]
            if missing:
                wrong[str(row)] = missing
    assert {row.name for row in rows()} >= set(PAGES)
    assert wrong == {}


def test_answers_for_pages_that_are_not_there_are_no_exception(client: Client, db: None) -> None:
    answer = client.get("/nowhere/")
    assert (answer.status_code, "default-src 'none'" in answer.headers["Content-Security-Policy"]) == (404, True)


def test_short_answers_beside_django_are_never_taken_for_a_page() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(composite.answer(send, 404, b"<script>"))
    headers = dict(sent[0]["headers"])
    assert (headers[b"content-type"], headers[b"x-content-type-options"]) == (b"text/plain; charset=utf-8", b"nosniff")


HARMFUL = {
    "page.html": b"<html><script>alert(document.domain)</script></html>",
    "picture.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "picture.png": b"<!doctype html><script>alert(1)</script>",
    "feed.xml": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>1</script></html>',
    "both.gif": b"GIF89a/*<script>alert(1)</script>*/=1",
    "letter.pdf": b"%PDF-1.4 /JavaScript (app.alert(1))",
}


@pytest.mark.parametrize("name", HARMFUL)
def test_an_uploaded_page_or_drawing_can_do_no_harm(world: dict[str, Any], name: str) -> None:
    checked = files.check(name, HARMFUL[name])
    row = Attachment(
        conversation=world["conversation"], name=checked.name, content_type=checked.content_type, size=9,
        created_at=times.now(),
    )  # fmt: skip
    row.file.save("file", ContentFile(HARMFUL[name]), save=False)
    row.save()
    answer = inside().get(reverse("inbox:file", args=[row.pk]))
    kind, how = answer.headers["Content-Type"], answer.headers.get("Content-Disposition", "")
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (kind, how.startswith("attachment")) in [("application/octet-stream", True), ("image/gif", False)]


def test_every_door_for_files_hands_over_a_download_in_a_sandbox(world: dict[str, Any]) -> None:
    attachment, visit = world["attachment"], find(world["visit_token"])
    assert visit is not None
    Handle.objects.filter(pk=attachment.conversation.handle_id).update(external_id=visit.external_id)
    Conversation.objects.filter(pk=attachment.conversation_id).update(channel=visit.channel)
    doors = {
        reverse("inbox:file", args=[attachment.pk]): inside(),
        reverse("inquiries:file", args=[world["ask_file"].pk]): inside(),
        reverse("website:file", args=[world["visit_token"], attachment.pk]): Client(),
    }
    for door, client in doors.items():
        answer = client.get(door)
        policy = answer.headers["Content-Security-Policy"]
        assert (answer.status_code, answer.headers["X-Content-Type-Options"]) == (200, "nosniff"), door
        assert sorted(policy.split("; ")) == ["default-src 'none'", "sandbox"], door
        assert answer.headers["Content-Disposition"].startswith("attachment"), door
    for row in (attachment, world["ask_file"]):
        row.file.delete(save=False)
    assert {door: client.get(door).status_code for door, client in doors.items()} == dict.fromkeys(doors, 404)


def test_the_sign_in_changes_the_session_and_cookies_are_out_of_reach_of_scripts(world: dict[str, Any]) -> None:
    client = Client()
    client.get("/accounts/sign-in/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted = str(session.session_key)
    client.post("/accounts/sign-in/", {"login": "reader@example.org", "password": worlds.PASSWORD})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert client.get("/profile/").status_code == 200
    assert cookie.value != planted
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_passwords_are_long_unusual_and_hashed_with_effort() -> None:
    options: Any = settings.AUTH_PASSWORD_VALIDATORS
    named = [row["NAME"].rpartition(".")[2] for row in options]
    assert named[:2] == ["MinimumLengthValidator", "CommonPasswordValidator"]
    assert options[0]["OPTIONS"]["min_length"] == 10
    assert (
        "ScryptPasswordHasher"
        in (ROOT / "ganzohr/config/settings.py").read_text().split("PASSWORD_HASHERS = [")[1][:80]
    )


def test_a_real_desk_has_nothing_to_mend_and_https_means_https(tmp_path: Path) -> None:
    told = {
        "PATH": os.environ["PATH"], "GANZOHR_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "ganzohr.config.settings",
        "GANZOHR_URL": "https://desk.example.org", "GANZOHR_PUBLIC_URL": "https://jobs.example.org",
        "DATABASE_URL": "postgresql://a:b@127.0.0.1:1/x", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    code = (
        "import django; django.setup()\n"
        "from django.conf import settings as s\nfrom django.core.management import call_command\n"
        "call_command('check', deploy=True, fail_level='WARNING')\n"
        "print(s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, s.REACH)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=told, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "False True True 31536000 []"
    assert "no issues" in done.stdout
