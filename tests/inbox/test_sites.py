"""Which site it is about: read from the words where they name one, chosen by a person where they do not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ganzohr.audit.models import Entry
from ganzohr.core.times import now
from ganzohr.directory.models import Site
from ganzohr.inbox import actions
from ganzohr.inbox.models import Conversation
from ganzohr.inbox.sites import named
from ganzohr.topics.understanding import Understood
from tests.inbox.story import Desk

KNOWN = [
    (1, "Klinikum Auental", "Seligenbach"),
    (2, "Haus Nord", "Köln"),
    (3, "Haus Süd", "Köln"),
    (4, "Halle (Saale)", "Halle"),
    (5, "Zentrum Groß-Gerau", "Groß-Gerau"),
    (6, "Essen", "Essen"),
    (7, "Essen-West", "Essen"),
    (8, "Werk Ulm", "Worms"),
]


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("Gibt es in Seligenbach Wohnungen?", 1),
        ("KLINIKUM  AUENTAL!", 1),
        ("Ich meine das Klinikum Auental in Seligenbach.", 1),
        ("Ist bei euch in Koeln was frei?", None),
        ("Im haus sued in köln, bitte", 3),
        ("Im Haus Su\u0308d", 3),
        ("Ziehe nach Gross-Gerau", 5),
        ("Groß Gerau?", 5),
        ("Stelle in Halle (Saale)", 4),
        ("Steht ihr in der Halle?", None),
        ("Was gibt es zu essen?", None),
        ("Habt ihr im Werk Ulm gutes Essen?", 8),
        ("Arbeitet ihr in Worms?", 8),
        ("Ist Essen-West offen?", 7),
        ("In Essen?", None),
        ("Haus Nord oder Seligenbach?", None),
        ("Seligenbacher Platz, Neuseligenbach, lena@seligenbach.example", None),
        ("", None),
    ],
)
def test_the_one_site_that_words_name(text: str, site: int | None) -> None:
    assert named(text, KNOWN) == site


def test_without_sites_or_with_names_too_short_nothing_is_named() -> None:
    assert named("In Au, Q 7, überall", []) is None
    assert named("In Au, Q 7, überall", [(1, "Q 7"[:1], ""), (2, "Au", " ")]) is None
    assert named("In (c++) und a.b", [(1, "(c++", "a.b")]) == 1


@pytest.fixture
def says(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two more sites; the model finds a question in everything."""
    Site.objects.create(name="Haus Nord", city="Köln")
    Site.objects.create(name="Haus Alt", city="Trier", closed_at=now())

    def understand(texts: Sequence[str], languages: Sequence[str]) -> list[Understood]:
        return [Understood("de", "question", None, False, []) for _ in texts]

    monkeypatch.setattr("ganzohr.topics.understanding.understand", understand)
    return desk


def site_of(held: Conversation) -> str | None:
    held.refresh_from_db()
    return held.site.name if held.site else None


def test_words_place_a_conversation_that_no_channel_placed(says: Desk) -> None:
    shared = says.arrive(says.say("Habt ihr in Köln auch Teilzeit?"), channel=says.website)
    own = says.arrive(says.say("Habt ihr in Köln auch Teilzeit?"))
    closed = says.arrive(says.say("Und in Trier?", sender_id="ole"), channel=says.website)
    actions.understand_waiting()
    assert (site_of(shared), site_of(own), site_of(closed)) == ("Haus Nord", "Seligenbach", None)

    says.arrive(says.say("Oder doch in Seligenbach?"), channel=says.website)
    actions.understand_waiting()
    assert site_of(shared) == "Haus Nord"


def test_what_a_person_chose_no_words_change_until_it_is_taken_back(says: Desk) -> None:
    held = says.arrive(says.say("Hallo?"), channel=says.website)
    actions.choose_site(held, None, says.actor)
    says.arrive(says.say("In Köln?"), channel=says.website)
    actions.understand_waiting()
    assert site_of(held) is None

    actions.choose_site(held, None, says.actor, is_chosen=False)
    says.arrive(says.say("In Köln, meine ich"), channel=says.website)
    actions.understand_waiting()
    assert site_of(held) == "Haus Nord"


def test_choosing_a_site_is_shown_kept_in_the_trail_and_undone(says: Desk, as_sophie: Client) -> None:
    held = says.arrive(says.say("Hallo?"), channel=says.website)
    address = reverse("inbox:site", args=[held.pk])
    assert f'href="{address}"' in as_sophie.get(reverse("inbox:conversation", args=[held.pk])).content.decode()
    offered = re.findall(r'name="site" value="(\d*)"', as_sophie.get(address).content.decode())
    assert offered == [str(Site.objects.get(name="Haus Nord").pk), str(says.site.pk), ""]

    page = as_sophie.post(address, {"site": str(says.site.pk)}, follow=True).content.decode()
    assert re.findall(r"<dt>Site</dt><dd>([^ ]+)", page) == ["Seligenbach"]
    assert re.findall(r"Website chat · ([^·<]+) · ([^·<]+)</span>", page) == [("No topic yet", "Seligenbach")]
    entry = Entry.objects.get(verb="chose the site")
    assert (entry.object_id, entry.data) == (held.pk, {"before": None, "after": says.site.pk})

    undo = re.search(r'action="(/inbox/\d+/undo/[^"]+)"', page)
    assert undo
    as_sophie.post(undo[1])
    assert (site_of(held), held.site_is_chosen) == (None, False)
    as_sophie.post(address, {"site": str(says.site.pk)})
    as_sophie.post(address, {"site": ""})
    assert (site_of(held), held.site_is_chosen) == (None, True)
    as_sophie.post(undo[1])
    assert (site_of(held), held.site_is_chosen) == (None, True)


def test_who_is_limited_to_sites_chooses_among_theirs_and_never_none(says: Desk, as_sophie: Client) -> None:
    other, held = Site.objects.get(name="Haus Nord"), says.arrive(says.say())
    lost = says.arrive(says.say(), channel=says.website)
    says.sophie.limited_to.add(says.site)
    address = reverse("inbox:site", args=[held.pk])

    assert re.findall(r'name="site" value="(\d*)"', as_sophie.get(address).content.decode()) == [str(says.site.pk)]
    told = [as_sophie.post(address, {"site": wanted}).status_code for wanted in (str(other.pk), "", "x", "9" * 40)]
    assert told == [404, 404, 404, 404]
    assert as_sophie.post(reverse("inbox:site", args=[lost.pk]), {"site": str(says.site.pk)}).status_code == 404
    assert (site_of(held), site_of(lost)) == ("Seligenbach", None)


def test_without_any_site_nobody_is_asked_for_one(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say(), channel=desk.website)
    desk.mail.delete()
    Site.objects.all().delete()
    page = as_sophie.get(reverse("inbox:conversation", args=[held.pk])).content.decode()
    assert (page.count("<dt>Site</dt>"), page.count("/site/")) == (0, 0)


def test_what_leaves_names_its_person_and_leads_to_the_talk_as_far_as_one_sees_it(
    says: Desk, as_sophie: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        held = says.arrive(says.say(sender_id=f"p{number}@example.org", sender_name=f"Lena {number}"))
        Conversation.objects.filter(pk=held.pk).update(site=Site.objects.get(name="Haus Nord") if number else says.site)
        says.answer(held)
    with django_assert_max_num_queries(14):
        answer = as_sophie.get(reverse("channels:outbox"), {"show": "way"})
    talks = [row.talk for row in answer.context["rows"]]
    assert sorted(talk.person for talk in talks) == sorted(f"Lena {number}" for number in range(12))
    assert [
        talk.address for talk in talks if f'<a href="{talk.address}">{talk.person}</a>' not in answer.content.decode()
    ] == []
    says.sophie.limited_to.add(says.site)
    mine = as_sophie.get(reverse("channels:outbox"), {"show": "way"})
    assert [row.talk.person for row in mine.context["rows"] if row.talk] == ["Lena 0"]
