"""What must hold for the look (shared/design/look.md), point by point, each where it can fail.

1  one row per conversation, newest first; inside in time order, the newest in view: here (test_1…)
2  at most one badge, time on one line: here (test_2…); rows and header: test_inbox.test_the_list_shows_enough_rows
3  the address, reload: here (test_3…); back on the phone: test_inbox.test_the_phone_goes_back_to_where_it_was
4  search and every filter by the form, alone and in pairs; load more; two kinds of empty: here (test_4…)
5  no typed word is lost: test_inbox.test_no_typed_word_is_lost…; a failed send, the row's word: here (test_5…)
6  ask in three actions, every link of every mail: test_circle
7  the post above its comments: here (test_7…)
8  German to the bone: test_every_page (lang, English words, longer labels); moments: tests/ui/test_formats
9  actions stick and only valid ones are shown: here (test_9…); also test_inbox.test_nothing_is_covered…
10 approving is reading; changed means unapproved; a double click is one act: here (test_10…)
11 the empty desk: here (test_11…)
12 sizes of targets, way to the first row, contrast: here (test_12…); dark: axe in test_every_page
13 hosts and weight: test_every_page; queries: here (test_13…)
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from ganzohr.inbox.models import Conversation, Message
    from tests.inquiries.circle import Circle

pytestmark = pytest.mark.browser
Pages = Callable[..., "Page"]


@pytest.fixture
def sophie(house: Circle, as_user: Pages) -> Pages:
    """Pages of Sophie's browser."""

    def opened(**options: Any) -> Page:
        return as_user(house.sophie.user, **options)

    return opened


def write(house: Circle, who: str, text: str, minutes_ago: float = 0, **more: Any) -> Message:
    """Somebody writes a mail; everybody has a thread of their own."""
    from ganzohr.core.times import now

    address = f"{who.split()[0].lower()}@web.example"
    values: dict[str, Any] = {
        "sender_id": address, "sender_name": who, "thread_key": address, "subject": "", "target": {"to": address},
        "provider_at": now() - dt.timedelta(minutes=minutes_ago),
    }  # fmt: skip
    return house.write(text, **values | more)


def held_of(message: Message) -> Conversation:
    """Its conversation as it stands now."""
    from ganzohr.inbox.models import Conversation

    return Conversation.objects.get(pk=message.conversation_id)


def ids(page: Page) -> list[int]:
    """The conversations the list shows, top to bottom."""
    return [int(one[1:]) for one in page.locator(".list [data-row]").evaluate_all("rows => rows.map(row => row.id)")]


def in_german(house: Circle) -> None:
    """Sophie reads German."""
    user = house.sophie.user
    assert user
    user.language = "de"
    user.save()


def test_1_one_row_per_conversation_the_newest_first(house: Circle, sophie: Pages) -> None:
    people = ["Ada Alt", "Ben Bald", "Cem Can", "Dana Drei"]
    for number, who in enumerate(people):
        write(house, who, "Erste Frage", 60 - number)
    write(house, "Ben Bald", "Noch eine", 2)
    write(house, "Ada Alt", "Nachgetragen, doch älter", 50)
    page = sophie()
    page.goto("/inbox/")
    names = page.locator(".list .row__who").all_inner_texts()
    assert [name.removeprefix("Unread:").strip() for name in names] == ["Ben Bald", "Ada Alt", "Dana Drei", "Cem Can"]


def test_1_inside_everything_in_time_order_and_the_newest_in_view(house: Circle, sophie: Pages) -> None:
    told = [(number, f"Satz {number}") for number in range(40)]
    random.Random(7).shuffle(told)
    for number, text in told:
        message = write(house, "Ada Alt", text, 100 - number)
    page = sophie(viewport={"width": 1280, "height": 720})
    page.goto(f"/inbox/{message.conversation_id}/")
    assert page.locator(".bubble").all_inner_texts() == [f"Satz {number}" for number in range(40)]
    newest, box = page.locator(".bubble").last.bounding_box(), page.locator(".thread").bounding_box()
    assert newest and box
    assert box["y"] <= newest["y"] <= newest["y"] + newest["height"] <= box["y"] + box["height"]


def test_1_what_comes_within_one_second_is_shown_too(house: Circle, sophie: Pages) -> None:
    first = write(house, "Ada Alt", "Erste Frage", 9)
    page = sophie()
    page.goto(f"/inbox/{first.conversation_id}/")
    for number in range(3):
        write(house, "Ada Alt", f"Nachsatz {number}", 8 - number)
        write(house, f"Neu{number} X", f"Frage {number}", 5 - number)
        expect(page.locator(".bubble").last).to_have_text(f"Nachsatz {number}")
        expect(page.locator(".list [data-row]")).to_have_count(number + 2)


def test_2_a_row_carries_at_most_one_badge_on_one_line(house: Circle, sophie: Pages) -> None:
    from ganzohr.core.times import now
    from ganzohr.inbox.models import Conversation

    hour = dt.timedelta(hours=1)
    states: list[dict[str, Any]] = [
        {"due_at": now() - 27 * hour},
        {"due_at": now() + hour / 2, "draft_at": now()},
        {"due_at": now() + 5 * hour},
        {"failed_at": now(), "failed_how": "unclear", "due_at": now() - hour},
        {"expert_draft_at": now(), "waits_for": house.thomas, "waits_until": now() + 30 * hour},
        {"waits_for": house.thomas, "waits_until": now() + 30 * hour, "assignee": house.sophie},
    ]
    for number, values in enumerate(states):
        message = write(house, f"Person{number} Mit Langem Nachnamen-Doppelnamen", "Eine lange Frage. " * 9)
        Conversation.objects.filter(pk=message.conversation_id).update(topic=house.training, **values)
    in_german(house)
    for width in (1440, 390):
        page = sophie(viewport={"width": width, "height": 900})
        page.goto("/inbox/")
        badges = page.locator(".list .row").evaluate_all(
            """rows => rows.map(row => [...row.querySelectorAll(".state")].map(one =>
            [one.getBoundingClientRect().height < 1.9 * parseFloat(getComputedStyle(one).fontSize),
             one.getBoundingClientRect().right <= row.getBoundingClientRect().right]))"""
        )
        assert badges == [[[True, True]]] * len(states)


def test_3_opening_changes_the_address_and_a_reload_shows_the_same(house: Circle, sophie: Pages) -> None:
    for number in range(3):
        message = write(house, f"Person{number} X", f"Frage {number}", 30 - number)
    page = sophie()
    page.goto("/inbox/?unanswered=1")
    page.locator(f"#c{message.conversation_id}").click()
    page.wait_for_url(f"**/inbox/{message.conversation_id}/?unanswered=1")
    shown = (page.locator("h1").inner_text(), page.locator(".bubble").all_inner_texts(), ids(page))
    page.reload()
    assert (page.locator("h1").inner_text(), page.locator(".bubble").all_inner_texts(), ids(page)) == shown
    page.go_back(wait_until="commit")
    expect(page).to_have_url(re.compile(r"/inbox/\?unanswered=1$"))


SUBMITTED = """async (choices) => {
  const form = document.querySelector("form.filtering"), found = [];
  for (const chosen of choices) {
    form.reset();
    for (const [name, value] of chosen) {
      const field = form.elements[name];
      if (field.type === "checkbox") field.checked = true; else field.value = value;
    }
    const query = new URLSearchParams(new FormData(form));
    const page = new DOMParser().parseFromString(await (await fetch(`${form.action}?${query}`)).text(), "text/html");
    found.push([...page.querySelectorAll(".list [data-row]")].map((row) => Number(row.id.slice(1))));
  }
  return found;
}"""


def mixed(house: Circle) -> dict[tuple[str, str], dict[str, Any]]:
    """Conversations of every sort; each choice of the form with what it means in the database."""
    from ganzohr.core.times import now
    from ganzohr.inbox.models import Conversation

    sorts = random.Random(11)
    sides: dict[str, list[Any]] = {
        "topic": [None, house.training, house.salary], "kind": ["question", "praise", ""], "site": [None, house.site],
        "assignee": [None, house.sophie, house.sophie], "language": ["de", "nl", "other"], "source": ["", "messe"],
        "is_public": [True, False], "unanswered_since": [None, now()], "due_at": [None, now() - dt.timedelta(hours=1)],
        "state": ["open", "open", "open", "closed", "snoozed"], "read_until_id": [0, 10**9],
    }  # fmt: skip
    for number in range(36):
        message = write(house, f"Person{number} X", "Ein Wohnheim?" if number % 2 else "Frage", 60 - number)
        values = {name: sorts.choice(choices) for name, choices in sides.items()}
        Conversation.objects.filter(pk=message.conversation_id).update(**values)
    open_ = {"state": "open"}
    return {
        ("q", "Wohnheim"): {"first_words__contains": "Wohnheim", **open_},
        ("state", "snoozed"): {"state": "snoozed"},
        ("state", "closed"): {"state": "closed"},
        ("state", "any"): {},
        ("channel", str(house.mail.pk)): {"channel": house.mail, **open_},
        ("topic", "none"): {"topic": None, **open_},
        ("topic", str(house.training.pk)): {"topic": house.training, **open_},
        ("kind", "praise"): {"kind": "praise", **open_},
        ("assignee", "me"): {"assignee": house.sophie, **open_},
        ("assignee", "none"): {"assignee": None, **open_},
        ("seen", "public"): {"is_public": True, **open_},
        ("seen", "private"): {"is_public": False, **open_},
        ("language", "nl"): {"language": "nl", **open_},
        ("language", "other"): {"language": "other", **open_},
        ("site", str(house.site.pk)): {"site": house.site, **open_},
        ("source", "messe"): {"source": "messe", **open_},
        ("unanswered", "on"): {"unanswered_since__isnull": False, **open_},
        ("overdue", "on"): {"due_at__lt": now(), **open_},
        ("unread", "on"): {"read_until_id": 0, **open_},
    }


def test_4_every_filter_alone_and_in_pairs_shows_what_the_database_holds(house: Circle, sophie: Pages) -> None:
    from ganzohr.inbox.models import Conversation

    meant = mixed(house)
    page = sophie()
    page.goto("/inbox/filter/")
    fields = page.locator("form.filtering [name]:not([type=hidden])").evaluate_all("all => all.map(one => one.name)")
    assert {name for name, _ in meant} == set(fields), "a field of the form that this test does not know"
    chosen = [(one,) for one in meant] + [pair for pair in combinations(meant, 2) if pair[0][0] != pair[1][0]]
    wanted = []
    for names in chosen:
        values: dict[str, Any] = {}
        for name in sorted(names, key=lambda one: one[0] == "state"):
            values |= meant[name]
        if ("state", "any") in names:
            values.pop("state", None)
        rows = Conversation.objects.filter(**values).order_by("-last_activity_at", "-id")
        wanted.append(list(rows.values_list("pk", flat=True)))
    found = page.evaluate(SUBMITTED, chosen)
    wrong = {str(names): (got, want) for names, got, want in zip(chosen, found, wanted, strict=True) if got != want}
    assert wrong == {}
    assert sum(1 for rows in wanted if rows) > len(wanted) / 2


def test_4_search_and_filter_by_hand_stay_in_the_address(house: Circle, sophie: Pages) -> None:
    first = write(house, "Ada Alt", "Gibt es ein Wohnheim?", 9)
    second = write(house, "Ben Bald", "Gibt es ein Wohnheim?", 8)
    write(house, "Ada Zwei", "Etwas anderes", 7, sender_id="a2@x.org", thread_key="a2")
    page = sophie()
    page.goto("/inbox/")
    page.get_by_role("link", name="Filter").click()
    page.get_by_role("dialog").get_by_label("Unread only").check()
    page.get_by_role("dialog").get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile("unread="))
    page.get_by_role("searchbox", name="Search conversations").fill("Ada Wohnheim")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=Ada"))
    assert re.search("unread=", page.url), "searching forgets the filter"
    page.get_by_role("searchbox", name="Search conversations").fill("Wohnheim")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=Wohnheim"))
    assert ids(page) == [second.conversation_id, first.conversation_id]
    page.reload()
    assert ids(page) == [second.conversation_id, first.conversation_id]


def test_4_load_more_reaches_everything_once(house: Circle, sophie: Pages) -> None:
    from ganzohr.inbox.models import Conversation

    for number in range(120):
        write(house, f"Person{number} X", "Frage", number % 7)
    page = sophie()
    page.goto("/inbox/")
    for reached in (50, 100):
        assert len(ids(page)) == reached
        page.get_by_role("link", name="Load more").click()
        expect(page.locator(".list [data-row]")).to_have_count(min(reached + 50, 120))
    everything = Conversation.objects.order_by("-last_activity_at", "-id").values_list("pk", flat=True)
    assert ids(page) == list(everything)
    expect(page.get_by_role("link", name="Load more")).to_have_count(0)


def test_4_no_match_with_a_way_back_differs_from_nothing_here_yet(house: Circle, sophie: Pages) -> None:
    page = sophie()
    page.goto("/inbox/?unread=1")
    expect(page.locator("main")).to_contain_text("It is quiet so far.")
    untouched = page.locator("main").inner_text()
    assert ("It is quiet so far." in untouched, "No conversation fits." in untouched) == (True, False)
    message = write(house, "Ada Alt", "Frage")
    page.goto("/inbox/?q=gibtesnicht")
    nothing = page.locator("main").inner_text()
    assert ("It is quiet so far." in nothing, "No conversation fits." in nothing) == (False, True)
    page.locator("#rows").get_by_role("link", name="Reset").click()
    page.wait_for_url("**/inbox/")
    assert ids(page) == [message.conversation_id]


def test_5_after_a_failed_send_the_words_the_clock_and_the_way_to_send_again_are_there(
    house: Circle, sophie: Pages
) -> None:
    from ganzohr.core.times import now
    from ganzohr.inbox.models import Conversation, Message

    asked = write(house, "Ada Alt", "Geht das in Teilzeit?", 90)
    Conversation.objects.filter(pk=asked.conversation_id).update(due_at=now() - dt.timedelta(minutes=30))
    page = sophie()
    page.goto(f"/inbox/{asked.conversation_id}/")
    page.locator("#text").fill("Ja, ab 75 Prozent, und auch im ersten Jahr.")
    page.get_by_role("button", name="Send by mail").click()
    page.locator(".leaving").wait_for()
    house.fails(Message.objects.get(direction="out"))
    page.get_by_role("heading", name="Not sent").wait_for()
    expect(page.locator("#text")).to_have_value("Ja, ab 75 Prozent, und auch im ersten Jahr.")
    expect(page.locator("#answer").get_by_role("button", name="Send by mail again")).to_be_visible()
    page.reload()
    expect(page.locator("#text")).to_have_value("Ja, ab 75 Prozent, und auch im ersten Jahr.")
    expect(page.locator("#answer").get_by_role("button", name="Send by mail again")).to_be_visible()
    assert "overdue" in page.locator(".talk__due").inner_text()
    assert held_of(asked).unanswered_since == asked.provider_at
    page.get_by_role("button", name="Send by mail again").click()
    page.locator(".leaving").wait_for()
    expect(page.locator("#text")).to_have_value("")


def test_5_words_not_sent_yet_make_the_row_say_so(house: Circle, sophie: Pages) -> None:
    message = write(house, "Ada Alt", "Geht das in Teilzeit?")
    in_german(house)
    page = sophie()
    page.goto(f"/inbox/{message.conversation_id}/")
    page.locator("#text").fill("Ja")
    page.goto("/inbox/")
    page.locator(".row").get_by_text("Entwurf", exact=True).wait_for()
    page.locator(".row").click()
    page.locator("#text").wait_for()
    expect(page.locator("#text")).to_have_value("Ja")


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


def test_7_above_the_comments_stands_the_post_they_hang_under(house: Circle, sophie: Pages) -> None:
    from django.core.files.base import ContentFile

    from ganzohr.channels.models import PublicPost

    comment = house.comment("Geht das in Teilzeit?")
    post = PublicPost.objects.get()
    post.picture.save("tag.png", ContentFile(PNG))
    page = sophie(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(f"/inbox/{comment.conversation_id}/")
    shown = page.locator(".thread .post")
    assert shown.locator(".post__short").inner_text() == f"{post.text[:100]}…"
    assert shown.get_by_role("link", name="View post").get_attribute("href") == "https://www.instagram.com/p/1"
    assert page.evaluate("document.querySelector('.post__picture').naturalWidth") == 1
    order = page.locator(".post, .comment").evaluate_all("all => all.map(one => one.classList[0])")
    assert order == ["post", "comment"]


def test_9_live_parts_stay_live(house: Circle, sophie: Pages) -> None:
    from django.db import transaction

    from ganzohr.channels.models import Channel
    from ganzohr.ui.live import touch

    page = sophie()
    page.goto("/channels/")
    for name in ("Erster Name", "Zweiter Name"):
        Channel.objects.filter(pk=house.hand.pk).update(name=name)
        with transaction.atomic():
            touch("channels")
        page.get_by_role("link", name=name).wait_for()


FREE = """button => {
  const box = button.getBoundingClientRect(), inset = 3;
  const places = [[box.left + inset, box.top + inset], [box.right - inset, box.top + inset],
    [box.left + inset, box.bottom - inset],
    [box.right - inset, box.bottom - inset], [(box.left + box.right) / 2, (box.top + box.bottom) / 2]];
  return places.every(([x, y]) => button.contains(document.elementFromPoint(x, y)));
}"""
LABELS = """all => all.filter(one => one.checkVisibility()).map(one => {
  const copy = one.cloneNode(true);
  copy.querySelectorAll("kbd").forEach(key => key.remove());
  return copy.textContent.trim();
})"""


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720), (1024, 768), (390, 844)])
def test_9_what_one_does_is_in_view_and_never_covered(house: Circle, sophie: Pages, width: int, height: int) -> None:
    inquiry = house.ask("Eine lange Frage mit vielen Worten. " * 30)
    house.reply(asks_of(inquiry)[0], "Eine lange Antwort mit vielen Worten. " * 60)
    public = house.comment("Und öffentlich? " * 40)
    page = sophie(viewport={"width": width, "height": height}, has_touch=width < 500)
    covered = []
    for pk in (inquiry.conversation_id, public.conversation_id):
        for mode in ("reply", "note", "ask"):
            page.goto(f"/inbox/{pk}/?mode={mode}")
            button = page.locator("#answer .answer__send .button--main")
            for place in ("as opened", "thread at its start"):
                if not button.evaluate(FREE):
                    covered.append((pk == public.conversation_id, mode, place))
                page.locator(".thread").evaluate("box => box.scrollTo(0, 0)")
    assert covered == []


def test_9_only_what_is_valid_now_is_offered(house: Circle, sophie: Pages, as_user: Pages) -> None:
    from ganzohr.accounts.models import User
    from ganzohr.inbox import actions

    private = held_of(write(house, "Ada Alt", "Geht das?"))
    closed = held_of(write(house, "Ben Bald", "Erledigt"))
    actions.close(closed, "answered", house.actor)
    public = held_of(house.comment("Öffentlich?"))
    always = ["Assign", "Topic and kind", "Later"]
    end = ["Unread again", "About this person"]
    wanted = {
        private.pk: (["Close"], [*always, "“I'll come back tomorrow”", *end]),
        closed.pk: (["Reopen"], ["Assign", "Topic and kind", "Back on the desk", *end]),
        public.pk: (["Close"], [*always, *end]),
    }
    page, found = sophie(), {}
    for pk in wanted:
        page.goto(f"/inbox/{pk}/")
        head = page.locator("#talk-do a, #talk-do form button").evaluate_all(LABELS)
        page.get_by_label("More actions").click()
        found[pk] = (
            head,
            page.locator(".menu[open] .menu__list li > a, .menu[open] .menu__list button").evaluate_all(LABELS),
        )
    assert found == wanted
    reader = as_user(User.objects.create_user("reader@auental.example", role="reader", language="en"))
    reader.goto(f"/inbox/{private.pk}/")
    assert reader.locator("#talk form button, #talk textarea").evaluate_all(LABELS) == []


def asks_of(inquiry: Any) -> list[Any]:
    """Who was asked, oldest first."""
    from tests.inquiries.circle import asks

    return asks(inquiry)


def test_10_what_is_approved_is_what_was_read_and_a_change_is_not_approved(house: Circle, sophie: Pages) -> None:
    from ganzohr.channels.models import Outgoing
    from ganzohr.inquiries.models import Inquiry
    from tests.inquiries.circle import state

    inquiry = house.ask()
    words = "\n".join(f"Zeile {number}: ja, ab 75 Prozent." for number in range(40))
    house.reply(asks_of(inquiry)[0], words)
    page = sophie()
    page.goto(f"/inbox/{inquiry.conversation_id}/")
    text, send = page.locator("#text"), page.locator("#answer .answer__send .button--main")
    expect(text).to_have_value(words)
    above, below = text.bounding_box(), send.bounding_box()
    assert above and below
    assert above["y"] + above["height"] <= below["y"]
    send.click()
    page.locator(".leaving").wait_for()
    assert (state(inquiry), Inquiry.objects.get().approved_text) == ("approved", words)
    page.get_by_role("button", name="Take back").click()
    expect(text).to_have_value(words)
    assert state(inquiry) == "drafted"
    text.fill("Ja, ab 80 Prozent.")
    page.locator("#answer .answer__send .button--main").click()
    page.locator(".leaving").wait_for()
    assert (state(inquiry), Inquiry.objects.get().approved_text) == ("approved", "Ja, ab 80 Prozent.")
    sent = Outgoing.objects.filter(kind="answer").order_by("id")
    assert [(one.state, one.payload["text"].partition("\n")[0]) for one in sent] == [
        ("taken_back", "Zeile 0: ja, ab 75 Prozent."), ("waiting", "Ja, ab 80 Prozent. ^SB"),
    ]  # fmt: skip


def test_10_a_double_click_is_one_act(house: Circle, sophie: Pages) -> None:
    from ganzohr.channels.models import Outgoing
    from ganzohr.inbox.models import Note

    message = write(house, "Ada Alt", "Geht das?")
    page = sophie()
    page.goto(f"/inbox/{message.conversation_id}/?mode=note")
    page.locator("#text").fill("Karin fragen")
    page.get_by_role("button", name="Keep note").dblclick()
    page.locator(".note-in").wait_for()
    page.goto(f"/inbox/{message.conversation_id}/")
    page.locator("#text").fill("Ja.")
    page.get_by_role("button", name="Send by mail").dblclick()
    page.locator(".leaving").wait_for()
    page.reload()
    assert (Note.objects.count(), Outgoing.objects.filter(kind="answer").count()) == (1, 1)


@pytest.fixture
def empty(desk: str, as_user: Pages) -> Page:
    """The desk on its first day: nobody but Sophie, no channel, no question."""
    from ganzohr.accounts.models import User
    from ganzohr.config import wiring
    from ganzohr.directory.models import Colleague

    wiring.tie()
    user = User.objects.create_user("sophie@auental.example", role="admin", language="en")
    Colleague.objects.update_or_create(email=user.email, defaults={"name": "Sophie Brandt", "user": user})
    return as_user(user)


def test_11_every_channel_card_says_what_is_needed_who_and_how_long_and_its_button_works(empty: Page) -> None:
    from ganzohr.channels.models import Channel

    empty.goto("/channels/")
    cards = empty.locator(".connect")
    said = [
        (card.locator("dt").all_inner_texts(), all(text.strip() for text in card.locator("dd").all_inner_texts()))
        for card in cards.all()
    ]
    assert said == [(["Needs", "Who", "Takes"], True)] * 5
    reached = []
    for number in range(5):
        empty.goto("/channels/")
        cards.nth(number).locator("button, a.button").click()
        empty.wait_for_url(re.compile("/channels/.+"))
        reached.append(empty.locator("h1").count())
        if number:
            Channel.objects.all().delete()
    assert reached == [1] * 5


BUTTONS_TO_NOWHERE = """() => [...document.querySelectorAll("button, a")].filter(one => {
  if (one.tagName === "A") return !one.getAttribute("href") || one.getAttribute("href") === "#"
    || one.getAttribute("href").startsWith("#") && !document.querySelector(one.getAttribute("href"));
  const does = [...one.attributes].some(({name}) => /^(data-|hx-|popovertarget$)/.test(name));
  return !one.form && !does;
}).map(one => one.outerHTML.slice(0, 120))"""


def test_11_on_the_empty_desk_no_button_leads_nowhere(empty: Page, desk: str) -> None:
    from collections import Counter

    from django.urls import Resolver404, resolve

    waiting, answers, nowhere, seen = ["/", "/month/2000-01/"], {}, {}, Counter[str]()
    while waiting:
        path = waiting.pop(0)
        try:
            name = resolve(path.partition("?")[0]).view_name
        except Resolver404:
            name = ""
        if path in answers or seen[name] > 1 or re.search(r"logout|live|manifest|export", name):
            continue
        seen[name] += 1
        answer = empty.request.get(desk + path)
        answers[path] = answer.status
        if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        empty.goto(path)
        if found := empty.evaluate(BUTTONS_TO_NOWHERE):
            nowhere[path] = found
        links = "all => all.map(one => one.getAttribute('href').split('#')[0])"
        waiting += empty.locator("a[href^='/']").evaluate_all(links)
    assert len(answers) > 20
    assert ({path: status for path, status in answers.items() if status != 200}, nowhere) == ({}, {})


SMALL = """least => [...document.querySelectorAll(
    "button, summary, select, textarea, input:not([type=hidden]), .button, nav a, [data-row], .chip, .toast a")]
  .filter(one => one.checkVisibility({opacityProperty: true, visibilityProperty: true}))
  .filter(one => !one.closest(".hidden, [aria-hidden=true], .skip"))
  .map(one => one.matches("[type=checkbox], [type=radio], .hidden") ? one.closest("label") || one : one)
  .filter(one => {
    const over = getComputedStyle(one, "::after"); // a link that covers its whole row
    const covers = over.position === "absolute" && over.content === '""';
    const box = (covers ? one.offsetParent : one).getBoundingClientRect();
    return box.width > 1 && (box.height < least - 0.5 || box.width < least - 0.5);
  })
  .map(one => {
    const box = one.getBoundingClientRect();
    return `${Math.round(box.width)}x${Math.round(box.height)} ${one.outerHTML.slice(0, 110)}`;
  })"""
PAGES = ("/", "/inbox/", "/inbox/?unread=1&q=Frage", "/inbox/filter/", "/inquiries/", "/colleagues/", "/topics/",
         "/channels/", "/outbox/",
         "/links/", "/month/", "/profile/", "/settings/")  # fmt: skip


@pytest.mark.parametrize(("width", "least"), [(1440, 24), (390, 44)])
def test_12_everything_one_presses_is_large_enough(house: Circle, sophie: Pages, width: int, least: int) -> None:
    inquiry = house.ask()
    house.reply(asks_of(inquiry)[0], "Ja, ab 75 Prozent.")
    public = house.comment("Und öffentlich?")
    write(house, "Ada Alt", "Frage")
    page = sophie(viewport={"width": width, "height": 900}, has_touch=width < 500, is_mobile=width < 500)
    small = {}
    conversations = [f"/inbox/{pk}/{mode}" for pk in (inquiry.conversation_id, public.conversation_id)
                     for mode in ("", "?mode=note", "?mode=ask", "topic/", "later/", "closing/")]  # fmt: skip
    for path in [*PAGES, *conversations]:
        answer = page.goto(path)
        assert answer and answer.status == 200, path
        if found := page.evaluate(SMALL, least):
            small[path] = found
    assert small == {}


def test_12_the_first_row_is_within_eight_tabs(house: Circle, sophie: Pages) -> None:
    write(house, "Ada Alt", "Frage")
    page = sophie()
    page.goto("/inbox/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("[data-row]").first).to_be_focused()


CONTRAST = """button => {
  const pen = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const light = (colour) => {
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const style = getComputedStyle(button), [a, b] = [light(style.color), light(style.backgroundColor)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_12_words_on_the_accent_can_be_read(house: Circle, sophie: Pages, scheme: str) -> None:
    message = write(house, "Ada Alt", "Frage")
    page = sophie(color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"/inbox/{message.conversation_id}/")
    button = page.locator("#answer .button--main")
    plain = button.evaluate(CONTRAST)
    button.hover()
    assert min(plain, button.evaluate(CONTRAST)) >= 4.5
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")


def test_13_no_page_asks_the_database_more_than_fifteen_times_however_many_rows(house: Circle) -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import Resolver404, resolve

    from ganzohr.directory.models import Colleague
    from ganzohr.topics.models import Topic

    Colleague.objects.bulk_create(Colleague(name=f"Kollegin {n}", email=f"k{n}@auental.example") for n in range(60))
    Topic.objects.bulk_create(Topic(slug=f"t{n}", names={"en": f"Topic {n}"}) for n in range(60))
    for number in range(60):
        message = write(house, f"Person{number} X", "Geht das in Teilzeit?", number)
        if number % 3:
            house.understand(message, topic=house.training)
    user = house.sophie.user
    assert user
    user.role = "admin"
    user.save()
    client, waiting, asked = Client(headers={"accept-language": "en"}), ["/"], {}
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    while waiting:
        path = waiting.pop(0)
        try:
            name = resolve(path.partition("?")[0]).view_name
        except Resolver404:
            continue
        if (name in asked and "?mode=" not in path) or path in asked or re.search("logout|live|export|go$", name):
            continue
        with CaptureQueriesContext(connection) as held:
            answer = client.get(path)
        asked[path if "?mode=" in path else name] = len(held)
        if answer.status_code == 200 and not answer.streaming:
            waiting += [link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)"', answer.content.decode())]
    assert len(asked) > 40
    assert {name: count for name, count in asked.items() if count > 15} == {}
