"""The inbox in a real browser: by keys, live, on a phone; no typed word is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.inbox.story import Desk
    from tests.inquiries.circle import Circle

pytestmark = pytest.mark.browser


@pytest.fixture
def story(desk: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A small desk with a few conversations, without the rooms above."""
    from ganzohr.config import wiring
    from ganzohr.core import events
    from ganzohr.core.times import now
    from tests.inbox import story as stories

    own = {
        kind: [one for one in rows if one.function.startswith("ganzohr.inbox.actions.")]
        for kind, rows in wiring.LISTENERS.items()
    }
    events.tie(own, keep=lambda event, names: None)
    monkeypatch.setattr(stories, "NOW", now())
    told = stories.open_desk([])
    for n in range(12):
        told.arrive(told.say(f"Frage {n}", sender_id=f"{n}@x.org", sender_name=f"Person {n}", thread_key=f"{n}"))
    yield told
    wiring.tie()


@pytest.fixture
def signed_in(story: Desk, desk: str, new_page: Callable[..., Page]) -> Callable[..., Page]:
    """A page of Sophie's browser."""
    from django.test import Client

    client = Client()
    assert story.sophie.user
    client.force_login(story.sophie.user)
    cookie = client.cookies["ganzohr_session"].value

    def opened(**options: Any) -> Page:
        page = new_page(**options)
        page.context.add_cookies([{"name": "ganzohr_session", "value": cookie, "url": desk}])
        return page

    return opened


def test_the_circle_by_keys_alone(story: Desk, desk: str, signed_in: Callable[..., Page]) -> None:
    from ganzohr.channels.models import Outgoing
    from ganzohr.inbox.models import Conversation, Draft

    page = signed_in(viewport={"width": 1440, "height": 900})
    page.goto(f"{desk}/inbox/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/*/")
    first = Conversation.objects.get(contact__name="Person 11")
    assert page.url.endswith(f"/inbox/{first.pk}/")
    page.keyboard.press("a")
    page.get_by_role("dialog").get_by_role("button", name="Me").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("Now with Sophie Brandt").wait_for()
    page.keyboard.press("r")
    page.keyboard.insert_text("Ja, das geht ab 75 Prozent.")  # saved once
    page.get_by_text("sends nobody on").wait_for()
    page.get_by_text("saved as a draft").first.wait_for(state="attached")
    assert Draft.objects.get().text == "Ja, das geht ab 75 Prozent."
    page.keyboard.press("Control+Enter")
    page.locator(".leaving").wait_for()
    assert Outgoing.objects.get().state == "waiting"
    expect(page.locator("#text")).to_have_value("")
    expect(page.locator(".thread")).to_be_focused()
    page.keyboard.press("z")
    page.get_by_text("Taken back. The text lies in the box again.").wait_for()
    expect(page.locator("#text")).to_have_value("Ja, das geht ab 75 Prozent.")
    assert Outgoing.objects.get().state == "taken_back"
    page.keyboard.press("b")
    page.wait_for_url("**/inbox/")
    expect(page.locator(f"#c{first.pk}")).to_be_focused()


def test_a_message_arrives_while_one_types(story: Desk, desk: str, signed_in: Callable[..., Page]) -> None:
    from ganzohr.inbox.models import Conversation

    held = Conversation.objects.get(contact__name="Person 3")
    page = signed_in(viewport={"width": 1280, "height": 720})
    page.goto(f"{desk}/inbox/{held.pk}/")
    page.locator("#text").click()
    page.keyboard.type("Meine halbe")
    story.arrive(story.say("Noch etwas Wichtiges", sender_id="3@x.org", thread_key="3"))
    page.locator("#thread-in").get_by_text("Noch etwas Wichtiges").wait_for()
    page.keyboard.type(" Antwort")
    expect(page.locator("#text")).to_have_value("Meine halbe Antwort")
    page.get_by_role("button", name="Read, it fits").wait_for()
    page.get_by_role("button", name="Read, it fits").click()
    page.get_by_role("button", name="Read, it fits").wait_for(state="detached")
    page.get_by_role("button", name="Send by mail").click()
    page.locator(".leaving").wait_for()


def test_no_typed_word_is_lost_when_the_page_goes(story: Desk, desk: str, signed_in: Callable[..., Page]) -> None:
    from ganzohr.inbox.models import Conversation

    held = Conversation.objects.get(contact__name="Person 5")
    page = signed_in(viewport={"width": 1440, "height": 900})
    page.goto(f"{desk}/inbox/{held.pk}/")
    page.locator("#text").fill("Schnell getippt")
    page.goto(f"{desk}/inbox/")
    page.goto(f"{desk}/inbox/{held.pk}/")
    expect(page.locator("#text")).to_have_value("Schnell getippt")
    page.get_by_role("link", name="Internal note").click()
    page.locator("textarea[data-draft$='note/']").fill("Nur für uns")
    page.get_by_role("link", name="Answer", exact=True).click()
    page.locator("textarea[data-draft$='reply/']").wait_for()
    expect(page.locator("#text")).to_have_value("Schnell getippt")


def test_two_people_see_each_other(story: Desk, desk: str, signed_in: Callable[..., Page]) -> None:
    from ganzohr.inbox import actions
    from ganzohr.inbox.models import Conversation

    held = Conversation.objects.get(contact__name="Person 2")
    page = signed_in(viewport={"width": 1440, "height": 900})
    page.goto(f"{desk}/inbox/{held.pk}/")
    assert story.jonas.user
    actions.note_presence(held, story.jonas.user, is_typing=True)
    page.get_by_text("Jonas is typing").wait_for()
    actions.note_leaving(held, story.jonas.user)
    page.get_by_text("Jonas is typing").wait_for(state="detached")


SCROLLED = """(box, to) => new Promise(done => {
  box.addEventListener("scroll", () => requestAnimationFrame(done), {once: true});
  box.scrollTo(0, to);
})"""


def test_the_phone_goes_back_to_where_it_was(story: Desk, desk: str, signed_in: Callable[..., Page]) -> None:
    page = signed_in(viewport={"width": 390, "height": 700}, has_touch=True)
    page.goto(f"{desk}/inbox/?unanswered=1")
    page.locator(".list__rows").evaluate(SCROLLED, 180)
    page.get_by_text("Frage 6").tap()
    back = page.get_by_role("link", name="Back to the inbox")
    expect(back).to_be_visible()
    box = back.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 44
    back.tap()
    page.wait_for_url("**/inbox/?unanswered=1")
    expect(page.locator(".list__rows")).to_have_js_property("scrollTop", 180)
    page.get_by_text("Frage 6").tap()
    page.wait_for_url("**/inbox/*/?unanswered=1")
    page.go_back(wait_until="commit")
    expect(page.locator(".list__rows")).to_have_js_property("scrollTop", 180)


def test_the_list_begins_at_the_top_and_shows_the_row_of_what_is_opened_from_elsewhere(
    story: Desk, desk: str, signed_in: Callable[..., Page]
) -> None:
    from ganzohr.inbox.models import Conversation

    page = signed_in(viewport={"width": 1440, "height": 500})
    page.goto(f"{desk}/inbox/")
    page.locator(".list__rows").evaluate(SCROLLED, 180)
    page.goto("about:blank")
    page.goto(f"{desk}/inbox/")
    expect(page.locator(".list__rows")).to_have_js_property("scrollTop", 0)
    last = Conversation.objects.get(contact__name="Person 0")
    page.goto(f"{desk}/inbox/{last.pk}/")
    expect(page.locator(f"#c{last.pk}")).to_be_in_viewport()


def test_opening_what_was_found_leads_to_the_place_and_marks_it(
    story: Desk, desk: str, signed_in: Callable[..., Page]
) -> None:
    from ganzohr.inbox.models import Message

    story.arrive(story.say("Wie sind die Dienstplanwünsche?", sender_id="3@x.org", thread_key="3"))
    story.arrive(*(story.say(f"Und {n}?", sender_id="3@x.org", thread_key="3") for n in range(30)))
    page = signed_in(viewport={"width": 1440, "height": 700})
    page.goto(f"{desk}/inbox/?q=Dienstplan")
    page.locator("[data-row] mark").click()
    page.wait_for_url("**/inbox/*/?q=Dienstplan#m*")
    expect(page.locator(f"#m{Message.objects.get(text__contains='wünsche').pk}")).to_be_in_viewport()
    assert page.evaluate("[...CSS.highlights.get('found')].map(String)") == ["Dienstplanwünsche"]


def test_the_button_shows_at_once_that_it_works_and_a_second_press_is_none(
    story: Desk, desk: str, signed_in: Callable[..., Page]
) -> None:
    from ganzohr.channels.models import Outgoing
    from ganzohr.inbox.models import Conversation

    held = Conversation.objects.get(contact__name="Person 5")
    page = signed_in(viewport={"width": 1440, "height": 900})
    page.goto(f"{desk}/inbox/{held.pk}/")
    on_their_way: list[Any] = []
    page.route("**/answers/**", lambda route: on_their_way.append(route))  # noqa: PLW0108  no builtin
    page.route("**/checks/**", lambda _route: None)  # still on its way when the button is pressed, and gives way
    with page.expect_request("**/checks/**"):
        page.locator("#text").fill("Ja, gern.")
    busy = "() => { const it = document.querySelector('#send'); it.click(); it.click(); return it.ariaBusy; }"
    assert page.evaluate(busy) == "true"
    page.locator("#send").click()
    expect(page.locator("#send")).to_have_attribute("aria-busy", "true")
    assert len(on_their_way) == 1
    page.locator("#text").press("End")
    page.keyboard.type(" Und noch etwas.")  # somebody types on
    on_their_way[0].continue_()
    page.locator(".leaving").wait_for()
    assert Outgoing.objects.get().payload["text"].startswith("Ja, gern. ^") is True
    expect(page.locator("#text")).to_have_value("Und noch etwas.")
    expect(page.locator("#text")).to_be_focused()


SIZES = [(1440, 900), (1280, 720), (1024, 768), (390, 844), (360, 740)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_covered_cut_or_unreadable(
    story: Desk, desk: str, signed_in: Callable[..., Page], scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    from ganzohr.inbox import actions

    story.sophie.user.language = "de"  # type: ignore[union-attr]
    story.sophie.user.save()  # type: ignore[union-attr]
    public = story.comment("Mega Einblick. Geht das in Teilzeit?", provider_at=story.say().provider_at)
    actions.write_note(public, "Karin fragen", story.jonas, story.actor)
    private = story.arrive(story.say("Und noch etwas", sender_id="1@x.org", thread_key="1"))
    actions.save_draft(private, "reply", "Bitte rufen Sie uns an, [Name].", story.sophie, 0)
    problems: list[str] = []
    for width, height in SIZES:
        page = signed_in(viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=width < 500)
        for path in ("/inbox/", f"/inbox/{public.pk}/", f"/inbox/{private.pk}/", f"/inbox/{private.pk}/topic/",
                     "/inbox/filter/", f"/contacts/{private.contact_id}/"):  # fmt: skip
            page.goto(desk + path)
            page.evaluate("document.fonts.ready.then(() => 0)")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                problems.append(f"{path} {width}: sideways")
            send = page.locator(".answer__send .button--main")
            if send.count():
                box = send.bounding_box()
                if not box or box["y"] + box["height"] > height:
                    problems.append(f"{path} {width}: the button is not in view")
            if width in (1440, 390):
                found = Axe().run(page).response["violations"]
                problems += [f"{path} {width} {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]
        page.close()
    assert problems == []


def test_the_list_shows_enough_rows(story: Desk, desk: str, signed_in: Callable[..., Page]) -> None:
    for width, height, least in ((1440, 900, 10), (390, 844, 7)):
        page = signed_in(viewport={"width": width, "height": height}, has_touch=width < 500)
        page.goto(f"{desk}/inbox/")
        whole = page.locator(".list .row").evaluate_all(
            "(rows, height) => rows.filter((row) => { const box = row.getBoundingClientRect();"
            " return box.top >= 0 && box.bottom <= height; }).length",
            height if width > 768 else height - 56,
        )
        assert whole >= least
        head = page.locator(".list__head").bounding_box()
        assert head
        assert head["height"] <= height / 4


def test_rows_come_live_without_losing_the_place(story: Desk, desk: str, signed_in: Callable[..., Page]) -> None:
    from ganzohr.core.times import now

    page = signed_in(viewport={"width": 1440, "height": 500})
    page.goto(f"{desk}/inbox/")
    page.locator(".list__rows").evaluate(SCROLLED, 150)
    page.locator("[data-row]").nth(4).focus()
    focused = page.locator("#" + str(page.locator("[data-row]").nth(4).get_attribute("id")))
    at = now() + dt.timedelta(minutes=1)
    story.arrive(story.say("Ganz neu", sender_id="neu@x.org", sender_name="Neu", thread_key="neu", provider_at=at))
    page.get_by_text("Ganz neu").wait_for()
    expect(focused).to_be_focused()
    assert page.locator(".list__rows").evaluate("box => box.scrollTop") >= 100


def test_back_out_of_the_browsers_memory_shows_what_was_missed_and_stays_live(
    story: Desk, desk: str, signed_in: Callable[..., Page]
) -> None:
    page = signed_in(viewport={"width": 1440, "height": 900})
    page.goto(f"{desk}/inbox/")
    stuck: list[Any] = []  # what the page was fetching when it was left never comes
    page.route("**/inbox/", lambda route: stuck.append(route) if not stuck else route.continue_())
    held = story.arrive(story.say("Noch unterwegs", sender_id="u@x.org", sender_name="Ulf", thread_key="u"))
    with page.expect_request(lambda request: request.url.endswith("/inbox/")):
        pass
    page.evaluate("window.isTheSame = true; 0")
    page.locator("#c" + str(held.pk - 1)).click()
    page.locator("#talk").wait_for()
    story.arrive(story.say("Verpasst", sender_id="v@x.org", sender_name="Vera", thread_key="v"))
    page.go_back(wait_until="commit")
    expect(page.locator("#rows")).to_contain_text("Verpasst")
    expect(page.locator("#count-inbox")).to_contain_text("13")
    story.arrive(story.say("Danach", sender_id="d@x.org", sender_name="Dora", thread_key="d"))
    expect(page.locator("#rows")).to_contain_text("Danach")
    expect(page.locator("#count-inbox")).to_contain_text("14")
    assert page.evaluate("window.isTheSame") is True
    stuck[0].abort()


@pytest.fixture
def asked(house: Circle, as_user: Callable[..., Page]) -> tuple[Circle, Any, Page]:
    """Karin is asked, and Sophie has the conversation open."""
    inquiry = house.ask()
    page = as_user(house.sophie.user)
    page.goto(f"/inbox/{inquiry.conversation_id}/")
    return house, inquiry, page


def test_an_experts_draft_is_in_the_box_the_row_and_the_column_at_once(asked: tuple[Circle, Any, Page]) -> None:
    from tests.inquiries.circle import ANSWER, asks

    house, inquiry, page = asked
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    expect(page.locator("#talk-facts")).to_contain_text("with K. Wöhlert")
    page.locator("#text").focus()
    house.reply(asks(inquiry)[0])
    expect(page.locator("#text")).to_have_value(ANSWER)
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#answer").get_by_text("Draft from Karin Wöhlert", exact=True)).to_be_visible()
    expect(page.locator("#context").get_by_text("check your version")).to_be_visible()
    expect(page.locator(f"#c{inquiry.conversation_id} .state--draft")).to_be_visible(timeout=8000)
    page.locator("#send").click()
    page.locator(".leaving").wait_for()
    expect(page.locator("#answer").get_by_text("Draft from Karin Wöhlert", exact=True)).to_have_count(0)
    expect(page.locator("#context").get_by_text("check your version")).to_have_count(0)
    assert complaints == []


def test_a_draft_that_arrives_while_one_types_stands_beside_the_box(asked: tuple[Circle, Any, Page]) -> None:
    from tests.inquiries.circle import ANSWER, asks

    house, inquiry, page = asked
    page.locator("#text").fill("Ich schreibe schon selbst")
    page.get_by_text("saved as a draft").first.wait_for(state="attached")
    house.reply(asks(inquiry)[0])
    expect(page.locator("#answer").get_by_text("Draft from Karin Wöhlert", exact=True)).to_be_visible()
    expect(page.locator("#expert-words .pair__words")).to_have_text(ANSWER)
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type(", wie immer")
    expect(page.locator("#text")).to_have_value("Ich schreibe schon selbst, wie immer")
    expect(page.get_by_text("A draft from Karin Wöhlert is here.")).to_be_hidden()


def test_a_warning_asks_for_a_second_press_which_no_double_click_gives(asked: tuple[Circle, Any, Page]) -> None:
    from ganzohr.channels.models import Outgoing

    _house, _inquiry, page = asked
    page.locator("#text").fill("Hallo Sophie, ja, ab [Prozent prüfen].")
    page.locator("#send").dblclick()
    again = page.get_by_role("button", name="Send anyway")
    expect(again).to_be_enabled()
    assert [row.kind for row in Outgoing.objects.filter(kind="answer")] == []
    page.locator("#text").fill("Ja, ab 75 Prozent.")
    expect(page.get_by_role("button", name="Send by mail")).to_be_visible()
    expect(page.locator("#again")).to_be_empty()
    page.locator("#text").fill("Ja, ab [Prozent prüfen].")
    page.get_by_text("still open: [Prozent prüfen]").wait_for()
    page.locator("#send").click()
    again.click()
    page.locator(".leaving").wait_for()
    assert Outgoing.objects.get(kind="answer").state == "waiting"


def test_what_is_said_covers_neither_the_button_nor_the_box_nor_the_name(asked: tuple[Circle, Any, Page]) -> None:
    _house, inquiry, page = asked
    page.goto(f"/inbox/{inquiry.conversation_id}/?mode=note")
    page.locator("#text").fill("Karin fragen")
    page.get_by_role("button", name="Keep note").click()
    toast = page.locator(".toast:not(#away)").first
    toast.wait_for()
    said = toast.bounding_box()
    assert said
    for place in (page.locator("#answer"), page.locator(".talk__head")):
        kept = place.bounding_box()
        assert kept
        is_above = said["y"] + said["height"] <= kept["y"]
        is_below = said["y"] >= kept["y"] + kept["height"]
        assert is_above or is_below or said["x"] + said["width"] <= kept["x"]
