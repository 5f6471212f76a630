"""Words are found by their stems, and by what they begin with."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ganzohr.inbox import filters, searching
from ganzohr.inbox.excerpts import START, STOP, cut
from ganzohr.inbox.listing import Wider
from ganzohr.inbox.models import Conversation
from ganzohr.inbox.searching import beginnings
from tests.inbox.story import Desk


@pytest.mark.parametrize(
    ("wanted", "begins"),
    [
        ("Dienstplan", "'dienstplan':*"),
        ("kinderbetreuung zuschuss", "'kinderbetreuung':* & 'zuschuss':*"),
        ("ab wann", ""),
        ('"genau so"', ""),
        ("gehalt -nacht", ""),
    ],
)
def test_a_part_of_four_letters_finds_what_it_begins(wanted: str, begins: str) -> None:
    assert beginnings(wanted) == begins


def found(client: Client, wanted: str) -> list[tuple[str, str]]:
    """What each row says of a search, and where opening it leads."""
    page = client.get("/inbox/", {"q": wanted}).content.decode()
    rows = re.findall(r'href="/inbox/\d+/[^"#]*(#m\d+)?" data-row.*?row__words one-line">(.*?)</span> <span', page)
    return [(words, anchor) for anchor, words in rows]


def test_a_row_shows_the_place_of_what_was_searched_for_as_it_was_written(desk: Desk, as_sophie: Client) -> None:
    old = desk.arrive(desk.say("Bei mehreren Dienstplänen <b>mit</b> Nächten?")).messages.get()
    held = desk.arrive(desk.say("Noch etwas anderes"))
    assert found(as_sophie, "Dienstplan") == [
        ("Bei mehreren <mark>Dienstplänen</mark> &lt;b&gt;mit&lt;/b&gt; Nächten?", f"#m{old.pk}")
    ]
    answer = desk.answer(held, "Ja, der Dienstplan steht vier Wochen vorher fest.")
    assert found(as_sophie, "Dienstplänen") == [
        ("You: Ja, der <mark>Dienstplan</mark> steht vier Wochen vorher fest. ^SB", f"#m{answer.pk}")
    ]
    assert found(as_sophie, "Teilzeit") == [("Subject: <mark>Teilzeit</mark>", "")]
    assert found(as_sophie, "Lena") == [("You: Ja, der Dienstplan steht vier Wochen vorher fest.", "")]


def test_the_places_of_a_whole_page_are_one_query(desk: Desk, as_sophie: Client) -> None:
    for number in range(30):
        desk.arrive(desk.say("Gibt es ein Wohnheim?", sender_id=f"{number}@x.example", thread_key=f"{number}"))
    with CaptureQueriesContext(connection) as held:
        assert len(found(as_sophie, "Wohnheim")) == 30
    assert sum("ts_headline" in one["sql"] for one in held.captured_queries) == 1


@pytest.mark.parametrize(
    ("said", "drawn"),
    [
        ("gleich am [Anfang]", "gleich am <mark>Anfang</mark>"),
        ("viele viele Worte und\n\ndann [es] da", "… und dann <mark>es</mark> da"),
        ("x" * 40 + "[y]", "… <mark>y</mark>"),
        ("[a] " + "b" * 200, "<mark>a</mark> " + "b" * 156),
        ("[" + "c" * 200 + "]", "c" * 159),
    ],
)
def test_an_excerpt_begins_shortly_before_what_was_found(said: str, drawn: str) -> None:
    assert cut(said.replace("[", START).replace("]", STOP)) == drawn


def test_a_list_is_looked_through_in_parts_and_says_so(
    desk: Desk, as_sophie: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The word is common on the desk; here only the oldest of eight has it."""
    for number, text in enumerate(["Wohnheim?", *["Hallo"] * 7]):
        held = desk.arrive(desk.say(text, sender_id=f"{number}@x.example", thread_key=f"{number}"))
        Conversation.objects.filter(pk=held.pk).update(state="closed", reason="answered")
    monkeypatch.setattr(searching, "ALWAYS", "SELECT true")
    monkeypatch.setattr(filters, "REACH", 3)
    monkeypatch.setattr(filters, "FURTHER", 4)
    parts, address = [], "/inbox/?view=closed&q=Wohnheim"
    while address:
        page = as_sophie.get(address, headers={"HX-Request": "true", "HX-Target": "more-rows"}).content.decode()
        said = re.findall(r"No [a-z ]+\.|row__words one-line\">(.*?)</span> <span", page)
        parts.append((re.findall(r"No [a-z ]+\.", page), said.count("<mark>Wohnheim</mark>?")))
        more = re.search(r'hx-get="([^"]+)" hx-target="#more-rows"[^>]*>(Search older ones too)<', page)
        address = more[1].replace("&amp;", "&") if more else ""
    assert parts == [(["No conversation fits so far."], 0), (["No older one fits so far."], 0), ([], 1)]


def test_what_was_found_further_down_is_found_again_from_where_it_leads(
    desk: Desk, as_sophie: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, text in enumerate(["Wohnheim?", *["Hallo"] * 7, "Wohnheim!"]):
        held = desk.arrive(desk.say(text, sender_id=f"{number}@x.example", thread_key=f"{number}"))
    monkeypatch.setattr(searching, "ALWAYS", "SELECT true")
    monkeypatch.setattr(filters, "REACH", 3)
    monkeypatch.setattr(filters, "FURTHER", 20)
    first = as_sophie.get("/inbox/?q=Wohnheim").content.decode()
    (more,) = re.findall(r'hx-get="([^"]+)" hx-target="#more-rows"', first)
    part = as_sophie.get(more.replace("&amp;", "&"), headers={"HX-Request": "true", "HX-Target": "more-rows"})
    (row, leads) = re.findall(r'id="c(\d+)" href="([^"#]+)', part.content.decode())[0]
    opened = as_sophie.get(leads.replace("&amp;", "&")).content.decode()
    (live,) = re.findall(r'hx-get="([^"]+)" hx-trigger="sse:inbox ', opened)
    again = as_sophie.get(live.replace("&amp;", "&"), headers={"HX-Request": "true", "HX-Target": "rows"})
    listed = [re.findall(r'id="c(\d+)"', page) for page in (first, opened, again.content.decode())]
    assert listed == [[str(held.pk)], [str(held.pk), row], [str(held.pk), row]]
    monkeypatch.setattr(filters, "FURTHEST", 4)
    assert 'id="more-rows"' in as_sophie.get(leads.replace("&amp;", "&")).content.decode()


@pytest.mark.parametrize(("count", "is_all", "said"), [(3, True, "3"), (99, False, "99+"), (0, False, "?")])
def test_a_wider_search_says_how_far_it_looked(count: int, is_all: bool, said: str) -> None:
    assert Wider("/", count, is_all).said == said
