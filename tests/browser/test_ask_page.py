"""The expert's private page on a phone: with and without JavaScript, in light and dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from ganzohr.inquiries.models import Inquiry
    from tests.inquiries.circle import Circle

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE = {"viewport": {"width": 360, "height": 780}, "has_touch": True, "is_mobile": True}
QUESTION = "Geht die Ausbildung zur Pflegefachfrau auch in Teilzeit? Ich schaffe ungefähr 75 Prozent. " * 2
NewPage = Callable[..., "Page"]


@pytest.fixture
def circle(desk: str, settings: Any) -> Circle:
    """Karin is German and asked by Lena in public."""
    from django.core.cache import caches

    from tests.inquiries.circle import open_circle

    caches["process"].clear()
    settings.EMPLOYER = "Kliniken Auental"
    made = open_circle()
    made.karin.language = "de"
    made.karin.save()
    made.understand(made.comment(QUESTION), topic=made.training)
    return made


def inquiry() -> Inquiry:
    from ganzohr.inquiries.models import Inquiry

    return Inquiry.objects.get()


def link(desk: str) -> str:
    """What stands in Karin's mail."""
    from ganzohr.core import crypto
    from tests.inquiries.circle import asks

    return f"{desk}/ask/{crypto.decrypt(asks(inquiry())[0].sealed_token)}/"


def axe(page: Page) -> list[str]:
    """What axe finds."""
    from axe_playwright_python.sync_playwright import Axe

    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(page).response["violations"]]


def overflow(page: Page) -> int:
    """How far the page can be scrolled sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_cut_off_before_and_after_answering(
    circle: Circle, desk: str, new_page: NewPage, scheme: str
) -> None:
    page = new_page(**PHONE, color_scheme=scheme)
    page.goto(link(desk))
    for summary in page.locator("summary").all():
        summary.click()
    found = [axe(page), overflow(page)]
    page.fill("[name=answer]", "Ja, ab 75 %.")
    page.get_by_role("button", name="Antwort schicken").click()
    page.wait_for_selector("h1:has-text('Danke')")
    assert [*found, axe(page), overflow(page)] == [[], 0, [], 0]


def test_without_javascript_the_answer_arrives(circle: Circle, desk: str, new_page: NewPage) -> None:
    page = new_page(**PHONE, java_script_enabled=False)
    page.goto(link(desk))
    page.fill("[name=answer]", "Ja, ab 75 %.")
    page.get_by_role("button", name="Antwort schicken").click()
    expect(page.locator("h1")).to_have_text("Danke")
    assert inquiry().state == "drafted"
    assert page.context.cookies() == []


def test_without_javascript_enter_in_a_field_does_not_send_the_answer(
    circle: Circle, desk: str, new_page: NewPage
) -> None:
    page = new_page(**PHONE, java_script_enabled=False)
    page.goto(link(desk))
    page.fill("[name=answer]", "Ja, ab")
    page.locator("summary", has_text="Das weiß jemand anderes").click()
    page.fill("[name=who]", "Thomas")
    page.press("[name=who]", "Enter")
    assert (inquiry().state, page.input_value("[name=answer]")) == ("asked", "Ja, ab")


def test_the_button_is_in_reach_without_scrolling_and_every_target_is_large_enough(
    circle: Circle, desk: str, new_page: NewPage
) -> None:
    page = new_page(**PHONE)
    page.goto(link(desk))
    box = page.get_by_role("button", name="Antwort schicken").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 780
    targets = page.locator("button:visible:not(.hidden), summary:visible, .ask__send a, .ask__file")
    sizes = [one.bounding_box() for one in targets.all()]
    assert [size for size in sizes if size is None or size["height"] < 44] == []


def test_what_is_typed_survives_closing_the_page(circle: Circle, desk: str, new_page: NewPage) -> None:
    page = new_page(**PHONE)
    page.goto(link(desk))
    page.fill("[name=answer]", "Ja, ab 75 Pro")
    page.wait_for_selector("[data-saved]:has-text('Gespeichert')")
    page.close()
    again = new_page(**PHONE)
    again.goto(link(desk))
    expect(again.locator("[name=answer]")).to_have_value("Ja, ab 75 Pro")


def test_the_page_says_which_files_were_chosen(circle: Circle, desk: str, new_page: NewPage) -> None:
    page = new_page(**PHONE)
    page.goto(link(desk))
    page.set_input_files("[name=files]", {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 ..."})
    expect(page.locator("[data-names]")).to_have_text("plan.pdf")


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_left_in_the_browser(
    circle: Circle, desk: str, new_page: NewPage
) -> None:
    page = new_page(**PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(link(desk))
    page.fill("[name=answer]", "Ja")
    page.wait_for_selector("[data-saved]:has-text('Gespeichert')")
    assert [url for url in asked if not url.startswith(desk)] == []
    assert (page.context.cookies(), page.evaluate("localStorage.length + sessionStorage.length")) == ([], 0)
