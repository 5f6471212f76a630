"""The widget on somebody else's website: by mouse, by keyboard, on a phone, under a strict policy."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewPage = Callable[..., Any]
SHADOW = "document.querySelector('[data-ganzohr]').shadowRoot"
QUESTION = "Geht die Ausbildung zur Pflegefachfrau auch in Teilzeit?"


@pytest.fixture
def site(desk: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The demo's career site on an origin of its own, with the widget of a website channel."""
    from ganzohr.channels.models import Channel
    from ganzohr.proofs.sample.employer import always
    from ganzohr.proofs.site import serve
    from ganzohr.website import limits

    monkeypatch.setattr(limits, "QUICKEST", 0)
    server = serve(0, f"{desk}/w/auental/widget.js")
    address = f"http://127.0.0.1:{server.port}"
    settings = {"title": "Kliniken Auental", "origins": [address], "privacy_url": f"{address}/datenschutz"}
    Channel.objects.create(
        kind="website", name="Karriereseite", key="auental", languages=["de", "nl", "en"], settings=settings,
        hours=always(),
    )  # fmt: skip
    yield address
    server.stop()


def answer(text: str) -> None:
    """Somebody at the desk answers the newest message; it leaves at once."""
    from ganzohr.channels.actions import enqueue
    from ganzohr.channels.models import Outgoing
    from ganzohr.core import times
    from ganzohr.inbox.models import Message

    asked = Message.objects.filter(direction="in").latest("id")
    outgoing = enqueue(
        channel=asked.channel, kind="answer", target=asked.target, payload={"text": text}, key=f"answer:{asked.pk}"
    )
    Outgoing.objects.filter(pk=outgoing.pk).update(state=Outgoing.State.ACCEPTED, finished_at=times.now())
    Message.objects.create(
        conversation=asked.conversation, channel=asked.channel, direction="out", text=text, outgoing=outgoing,
        provider_at=times.now(), received_at=times.now(),
    )  # fmt: skip


def sort_letters() -> None:
    """The worker's part."""
    from ganzohr.channels.actions import process_deliveries

    while process_deliveries():
        pass


def ask(page: Page, text: str = QUESTION) -> None:
    """Open, write, agree, send."""
    page.get_by_role("button", name=re.compile("Frag uns|Ask us")).click()
    page.get_by_role("textbox", name=re.compile("Nachricht|message")).fill(text)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=re.compile("^(Senden|Send)$")).click()
    page.get_by_role("log").get_by_text(text).wait_for()


def test_a_question_is_asked_answered_and_read_under_a_strict_policy(site: str, new_page: NewPage) -> None:
    page = new_page()
    hosts: set[str] = set()
    refused: list[str] = []
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
    page.goto(f"{site}/?src=plakat")
    ask(page)
    sort_letters()
    answer("Ja, mit 75 Prozent sind es vier Jahre.")
    page.get_by_role("log").get_by_text("vier Jahre").wait_for()
    assert {host.split(":")[0] for host in hosts} == {"127.0.0.1"} and len(hosts) == 2
    assert (page.context.cookies(), refused) == ([], [])
    from ganzohr.inbox.models import Conversation

    assert Conversation.objects.get().source == "plakat"


def test_a_reload_and_another_page_keep_the_conversation_and_the_typed_words(site: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(site)
    ask(page)
    page.get_by_role("textbox").first.fill("Noch nicht abgeschickt")
    page.goto(f"{site}/datenschutz")
    page.get_by_role("log").get_by_text(QUESTION).wait_for()
    expect(page.get_by_role("textbox").first).to_have_value("Noch nicht abgeschickt")


def test_an_answer_while_the_window_is_closed_is_marked_on_the_button(site: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(site)
    ask(page)
    sort_letters()
    answer("Ja, das geht.")
    page.keyboard.press("Escape")
    page.locator("[data-ganzohr] .unread").wait_for(state="visible")
    page.locator("[data-ganzohr] .open").click()
    page.get_by_role("log").get_by_text("Ja, das geht.").wait_for()


def test_by_keyboard_alone(site: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(site)
    page.locator("[data-ganzohr] .open").wait_for()
    page.locator("[data-ganzohr] .open").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-ganzohr] #text")).to_be_focused()
    page.keyboard.type(QUESTION)
    visited = []
    for _ in range(9):
        page.keyboard.press("Tab")
        visited.append(page.evaluate(f"(e => e?.id || e?.type || e?.className)({SHADOW}.activeElement)"))
        if visited[-1] == "consent":
            page.keyboard.press("Space")
        if visited[-1] == "submit":
            break
    assert [name for name in visited if name in {"name", "mail_address", "consent", "submit"}] == [
        "name", "mail_address", "consent", "submit",
    ]  # fmt: skip
    page.keyboard.press("Enter")
    page.get_by_role("log").get_by_text(QUESTION).wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    expect(page.locator("[data-ganzohr] .open")).to_be_focused()  # the browser tells of closing a moment later


def test_while_the_line_is_down_the_words_stay_and_leave_when_it_is_back(site: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(site)
    page.locator("[data-ganzohr] .open").click()
    box = page.get_by_role("textbox").first
    box.fill(QUESTION)
    page.get_by_role("checkbox").check()
    page.context.set_offline(True)
    page.locator("[data-ganzohr] .main").click()
    page.locator("[data-ganzohr] .state.bad").wait_for()
    expect(box).to_have_value(QUESTION)
    page.context.set_offline(False)
    page.get_by_role("log").get_by_text(QUESTION).wait_for()
    from ganzohr.channels.models import Delivery

    assert Delivery.objects.count() == 1


def test_while_the_desk_takes_nothing_in_the_words_stay_and_leave_by_themselves(site: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(site)
    refused: list[str] = []

    def refuse(route: Any) -> None:
        refused.append(route.request.post_data or "")
        headers = {"Access-Control-Allow-Origin": site, "Access-Control-Expose-Headers": "Retry-After"}
        route.fulfill(status=503, headers={**headers, "Retry-After": "0.2"}, json={"code": "busy", "errors": {}})

    page.route("**/letters?*", refuse, times=1)
    ask(page)
    from ganzohr.channels.models import Delivery

    assert (len(refused), Delivery.objects.count()) == (1, 1)


def test_what_is_missing_is_said_at_its_field(site: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(site)
    page.locator("[data-ganzohr] .open").click()
    page.locator("[data-ganzohr] .main").click()
    page.locator("[data-ganzohr] #text[aria-invalid]").wait_for()
    assert page.locator("[data-ganzohr] #text-wrong").inner_text() != ""
    assert page.locator("[data-ganzohr] #consent-wrong").inner_text() != ""


def test_on_a_phone_it_fills_the_screen_and_closes_by_its_button(site: str, new_page: NewPage) -> None:
    page = new_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page.goto(site)
    ask(page)
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 360, 740)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    small = page.evaluate(
        f"[...{SHADOW}.querySelectorAll('button, .quiet, .in')]"
        ".map(e => e.getBoundingClientRect()).filter(r => r.height && r.height < 44).length"
    )
    assert small == 0
    page.locator("[data-ganzohr] .x").click()
    page.get_by_role("dialog").wait_for(state="hidden")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing(site: str, new_page: NewPage, scheme: str, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page.goto(site)
    page.locator("[data-ganzohr] .open").wait_for()
    axe = Axe()
    found = [axe.run(page)]
    ask(page)
    found.append(axe.run(page))
    link = page.locator("[data-ganzohr] .keep a").get_attribute("href")
    desk = str(link).partition("/v/")[0]
    for address in (str(link), f"{desk}/w/auental/", f"{desk}/v/unknown/", site):
        page.goto(address)
        found.append(axe.run(page))
    assert [result.generate_report() for result in found if result.violations_count] == []


def test_everything_it_loads_is_less_than_25_kb(site: str, new_page: NewPage) -> None:
    page = new_page()
    loaded: dict[str, bytes] = {}
    page.on("requestfinished", lambda request: loaded.setdefault(request.url, request.response().body()))
    page.goto(site)
    ask(page)
    page.wait_for_load_state("networkidle")
    own = {url: body for url, body in loaded.items() if url.split("/")[2] not in site}
    assert any("panel.js" in url for url in own)
    assert sum(len(gzip.compress(body, 6)) for body in own.values()) < 25_000


def test_the_plain_page_and_the_private_page_work_without_script(site: str, new_page: NewPage, desk: str) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(f"{desk}/w/auental/?lang=de&src=messe")
    page.locator("#text").fill(QUESTION)
    page.locator("button.button--main").click()
    expect(page.locator("#consent-wrong")).to_be_visible()
    expect(page.locator("#text")).to_have_value(QUESTION)
    page.locator("[name=consent]").check()
    page.locator("button.button--main").click()
    page.wait_for_url(re.compile(r"/v/[\w-]{43}/"))
    expect(page.locator("#thread").get_by_text(QUESTION)).to_be_visible()
    page.locator("#mail").fill("lena@post.example")
    with page.expect_navigation():
        page.locator("#address button").click()
    expect(page.locator("#mail")).to_have_value("lena@post.example")
    page.locator("#text").fill("Und in Vollzeit?")
    page.locator("#end button").click()
    expect(page.locator("#thread").get_by_text("Und in Vollzeit?")).to_be_visible()
    sort_letters()
    answer("Beides geht.")
    page.reload()
    expect(page.locator("#thread").get_by_text("Beides geht.")).to_be_visible()
    page.locator("#data summary").last.click()
    page.locator("#data details[open] button").click()
    page.wait_for_url("**/end/")
    page.goto(page.url.replace("end/", ""))
    assert page.locator("#thread").count() == 0
    assert page.context.cookies() == []


def test_no_script_of_ours_needs_another_host() -> None:
    folder = Path(__file__).parents[2] / "ganzohr/website/static/website"
    texts = {path.name: path.read_text() for path in folder.rglob("*.js")}
    assert {name: re.findall(r"https?://[^\"'`\s]+", text) for name, text in texts.items() if "http" in text} == {
        "dom.js": ["http://www.w3.org/2000/svg"]
    }
