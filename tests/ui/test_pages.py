"""How views answer, and the frame around them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.ui import pages
from ganzohr.ui.keyset import keyset, length

STATIC = Path(pages.__file__).parent / "static" / "ui"


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("sophie@auental.example", name="Sophie Brandt", role="admin", language="de")


@pytest.fixture
def browser(client: Client, user: User) -> Client:
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def asked(user: User, **headers: str) -> HttpRequest:
    request = RequestFactory().get("/settings/", headers=headers)
    request.user = user
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize(
    ("headers", "is_whole"),
    [
        ({}, True),
        ({"HX-Request": "true", "HX-Target": "rows"}, False),
        ({"HX-Request": "true", "HX-Target": "elsewhere"}, True),
        ({"HX-Request": "true", "HX-Target": "rows", "HX-History-Restore-Request": "true"}, True),
    ],
)
def test_htmx_gets_the_part_it_fills_and_everybody_else_the_whole_page(
    user: User, headers: dict[str, str], is_whole: bool
) -> None:
    answer = pages.page(asked(user, **headers), "ui/settings.html", {}, partial={"rows": "ui/more.html"})
    assert ("<html" in answer.content.decode()) == is_whole
    assert answer.headers["Vary"] == "HX-Request, HX-Target"


def test_what_was_done_is_said_with_a_part_and_can_be_undone(user: User) -> None:
    request = asked(user, **{"HX-Request": "true"})
    moved = pages.done(request, "/topics/", "Topic closed", undo="/topics/3/opening")
    shown = pages.page(request, "ui/settings.html", {}, partial="ui/more.html").content.decode()
    assert (moved.status_code, moved.headers["Location"]) == (303, "/topics/")
    assert 'hx-swap-oob="beforeend"' in shown
    assert "Topic closed" in shown
    assert 'action="/topics/3/opening"' in shown


def test_the_rail_names_where_one_is_in_the_language_of_the_user(browser: Client) -> None:
    page = browser.get(reverse("directory:colleagues")).content.decode()
    current = re.findall(r'class="rail__link" href="([^"]+)" aria-current="page"', page)
    assert current == [reverse("directory:colleagues")]
    assert '<html lang="de">' in page


def test_entries_above_ones_role_are_not_offered(browser: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(role="reader")
    page = browser.get(reverse("ui:settings")).content.decode()
    assert reverse("accounts:users") not in page


def test_an_address_without_anything_says_what_to_do(browser: Client) -> None:
    answer = browser.get("/nothing-here/")
    assert answer.status_code == 404
    assert "Unter dieser Adresse ist nichts." in answer.content.decode()


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "500"])
def test_every_error_page_can_be_drawn_without_a_request(code: str) -> None:
    from django.template.loader import render_to_string

    page = render_to_string(f"{code}.html")
    assert page.count("<h1") == 1


def test_more_rows_follow_the_last_one_shown_without_gaps_or_doubles(db: None) -> None:
    for number in range(7):
        User.objects.create(email=f"{number}@auental.example", name="Same name")
    seen: list[int] = []
    after = ""
    for _page in range(4):
        part = keyset(User.objects.all(), ("name", "-id"), after, size=2)
        seen += [row.pk for row in part.rows]
        after = part.after
    expected = list(User.objects.order_by("name", "-id").values_list("pk", flat=True))
    assert (seen, after) == (expected, "")


@pytest.mark.parametrize("mark", ["", "nonsense", "W10", "WzEsMiwzXQ", "WyJhIiwiYiJd"])
def test_a_mark_nobody_gave_out_starts_from_the_top(db: None, mark: str) -> None:
    only = User.objects.create(email="a@auental.example", name="A")
    assert keyset(User.objects.all(), ("name", "-id"), mark).rows == [only]


def test_script_and_style_stay_under_sixty_kilobytes() -> None:
    files = [file for kind in ("css", "js") for file in STATIC.rglob(f"*.{kind}")]
    total = sum(len(gzip.compress(file.read_bytes())) for file in files)
    assert total <= 60_000


def test_nothing_of_ours_needs_inline_script_or_style() -> None:
    elsewhere = {"mail", "document"}  # read in a mail program, or from a folder of one's own
    files = Path(settings.PACKAGE).glob("*/templates/**/*.html")
    templates = [file for file in files if not elsewhere & set(file.parts)]
    guilty = [
        file.name
        for file in templates
        if re.search(r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*\ssrc=)", file.read_text())
    ]
    assert guilty == []


def test_a_list_is_fetched_again_as_long_as_it_was_and_no_longer_than_is_worth() -> None:
    asked: tuple[dict[str, str], ...] = (
        {},
        {"rows": "80"},
        {"rows": "80", "after": "x"},
        {"rows": "2"},
        {"rows": "9999"},
        {"rows": "many"},
    )
    assert [length(query) for query in asked] == [50, 80, 50, 50, 300, 50]
