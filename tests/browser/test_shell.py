"""The frame around every page, in a real browser: keys, live parts, taking back, the phone's bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from ganzohr.accounts.models import User
from ganzohr.audit.actions import round_
from ganzohr.directory import actions
from ganzohr.directory.models import Colleague

pytestmark = pytest.mark.browser
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PAGES = (
    "directory:colleagues",
    "directory:absences",
    "directory:departments",
    "directory:sites",
    "directory:new_hours",
)
MORE = ("directory:new_colleague", "accounts:users", "directory:invite", "accounts:profile", "ui:settings")


@pytest.fixture
def signed_in(desk: str, new_page: Callable[..., Any], settings: Any) -> Callable[..., Any]:
    """A page of a signed-in admin, German as German can be."""
    user = User.objects.create_user("sophie@auental.example", name="Sophie Brandt", role="admin", language="de")
    Colleague.objects.create(name="Sophie Brandt", email=user.email, user=user)
    for name in ("Karin Wöhlert", "Petra Schöllhorn-Weißgerber"):
        Colleague.objects.create(
            name=name, role_title="Anästhesietechnische Assistenz", email=f"{len(name)}@auental.example"
        )

    def opened(**options: Any) -> Any:
        client = Client()
        client.force_login(user, backend=BACKEND)
        page = new_page(base_url=desk, **options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": desk}])
        return page

    return opened


def test_the_first_tab_skips_to_the_content_and_keys_walk_the_rows(signed_in: Callable[..., Any]) -> None:
    page = signed_in()
    page.goto(reverse("directory:colleagues"))
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="Karin Wöhlert")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("petra j")
    expect(page.get_by_role("searchbox")).to_have_value("petra j")
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).not_to_be_focused()


def test_a_question_mark_shows_all_keys_and_they_can_be_switched_off(signed_in: Callable[..., Any]) -> None:
    page = signed_in()
    page.goto(reverse("directory:colleagues"))
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("nächste Zeile")
    expect(page.locator("#keys")).to_contain_text("Jemanden eintragen")
    page.get_by_label("Einzelne Tasten").check()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("n")
    assert page.url.endswith(reverse("directory:colleagues"))
    page.keyboard.press("?")
    page.get_by_label("Einzelne Tasten").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("n")
    page.wait_for_url("**" + reverse("directory:new_colleague"))


def test_what_was_done_is_taken_back_with_one_key(signed_in: Callable[..., Any]) -> None:
    karin_page, page = reverse("directory:colleagues"), signed_in()
    page.goto(karin_page)
    page.get_by_role("link", name="Karin Wöhlert").click()
    page.get_by_role("link", name="Verlässt das Haus").click()
    page.get_by_role("button", name="Ja, verlässt das Haus").click()
    page.get_by_text("Karin Wöhlert hat das Haus verlassen").wait_for()
    page.keyboard.press("z")
    page.get_by_text("Karin Wöhlert ist wieder da").wait_for()
    assert Colleague.objects.get(name="Karin Wöhlert").left_at is None


def test_an_open_page_shows_what_somebody_else_changed(signed_in: Callable[..., Any]) -> None:
    page = signed_in()
    with page.expect_response("**/live?**"):
        page.goto(reverse("directory:colleagues"))
    karin = Colleague.objects.get(name="Karin Wöhlert")
    karin.role_title = "Leiterin Pflegeschule"
    actions.save_colleague(karin, round_("test"))
    page.get_by_text("Leiterin Pflegeschule").wait_for()


def test_a_page_in_the_background_hangs_up_and_hears_on_return_what_it_missed(signed_in: Callable[..., Any]) -> None:
    page = signed_in()
    with page.expect_response("**/live?**"):
        page.goto(reverse("directory:colleagues"))
    hide = (
        "state => {{ Object.defineProperty(document, 'visibilityState', {{ value: {0}, configurable: true }}); {1} }}"
    )
    tell = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(hide.format("'hidden'", tell))
    karin = Colleague.objects.get(name="Karin Wöhlert")
    karin.role_title = "Leiterin Pflegeschule"
    actions.save_colleague(karin, round_("test"))
    page.evaluate(hide.format("'visible'", tell))
    page.get_by_text("Leiterin Pflegeschule").wait_for()


def test_what_was_not_understood_gets_the_focus(signed_in: Callable[..., Any]) -> None:
    page = signed_in()
    page.goto(reverse("directory:new_colleague"))
    page.get_by_label("Name", exact=True).fill("Neue Kollegin")
    page.get_by_label("Vertretung").fill("Niemand da")
    page.get_by_role("button", name="Speichern").click()
    page.get_by_text("Hier heißt niemand Niemand da.").wait_for()
    expect(page.get_by_label("Vertretung")).to_be_focused()


def test_the_phone_has_five_ways_in_its_bar_and_the_rest_behind_more(signed_in: Callable[..., Any]) -> None:
    page = signed_in(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    page.goto(reverse("ui:settings"))
    bar = page.locator(".rail li:visible")
    heights = bar.locator(".rail__link").evaluate_all("links => links.map(link => link.getBoundingClientRect().height)")
    assert (bar.count() <= 5, min(heights) >= 44) == (True, True)
    page.get_by_role("button", name="Mehr").click()
    page.locator("#more").get_by_text("Menschen").click()
    page.wait_for_url("**" + reverse("directory:colleagues"))


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_runs_off_the_page_in_german(signed_in: Callable[..., Any], width: int) -> None:
    page = signed_in(viewport={"width": width, "height": 800})
    wide = []
    for name in (*PAGES, *MORE):
        page.goto(reverse(name))
        if page.evaluate("document.querySelector('main').scrollWidth > document.querySelector('main').clientWidth"):
            wide.append(name)
    assert wide == []
