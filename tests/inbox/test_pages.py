"""The list and the conversation as a browser gets them."""

from __future__ import annotations

import datetime as dt
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ganzohr.channels import actions as channels
from ganzohr.channels import outcomes
from ganzohr.channels.connectors.base import IncomingFile, Outcome
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.contacts.models import Contact
from ganzohr.directory.models import Site
from ganzohr.inbox import actions
from ganzohr.inbox.filters import Filter
from ganzohr.inbox.models import Attachment, Conversation, Draft, Message, Note
from ganzohr.inbox.rows import bare, drawn
from ganzohr.privacy import actions as privacy
from tests.inbox.story import NOW, Desk

MOST_QUERIES = 15


def crowd(desk: Desk, number: int) -> None:
    """Many people, each with a question of their own."""
    words = "Wie lange dauert die Bearbeitung meiner Bewerbung als Medizinische Fachangestellte in Teilzeit bei euch?"
    desk.arrive(
        *(
            desk.say(
                f"{words} Nummer{n}", sender_id=f"{n}@example.org", sender_name=f"Person Nummer{n}", thread_key=str(n)
            )
            for n in range(number)
        )
    )
    Conversation.objects.update(topic=desk.topic, assignee=desk.jonas)


def rows(client: Client, query: str = "") -> set[int]:
    page = client.get(f"/inbox/{query}").content.decode()
    return {int(pk) for pk in re.findall(r'id="c(\d+)"', page)}


def queries(client: Client, path: str) -> list[str]:
    client.get(path)
    with CaptureQueriesContext(connection, ) as held:  # fmt: skip
        assert client.get(path).status_code == 200
    return [one["sql"] for one in held.captured_queries]


def test_the_list_costs_the_same_however_many_rows_and_stays_small(desk: Desk, as_sophie: Client) -> None:
    crowd(desk, 60)
    asked = queries(as_sophie, "/inbox/")
    page = as_sophie.get("/inbox/").content

    assert len(asked) <= MOST_QUERIES, "\n".join(sql[:160] for sql in asked)
    assert len(rows(as_sophie)) == 50
    assert len(page) <= 80_000


def test_a_conversation_costs_the_same_however_long_it_is(desk: Desk, as_sophie: Client) -> None:
    crowd(desk, 60)
    held = Conversation.objects.order_by("-last_activity_at")[0]
    sender, thread = held.handle.external_id, held.thread_key
    desk.arrive(*(desk.say(f"Und {n}?", sender_id=sender, thread_key=thread) for n in range(120)))
    for n in range(5):
        actions.write_note(held, f"Notiz {n}", desk.jonas, desk.actor)
    path = reverse("inbox:conversation", args=[held.pk])
    asked = queries(as_sophie, path)

    assert len(asked) <= MOST_QUERIES, "\n".join(sql[:160] for sql in asked)
    page = as_sophie.get(path).content.decode()
    assert page.count('class="bubble"') == 100
    assert "?whole=1" in page


def test_load_more_reaches_every_conversation_once(desk: Desk, as_sophie: Client) -> None:
    crowd(desk, 120)
    seen: list[int] = []
    path: str | None = "/inbox/"
    while path:
        page = as_sophie.get(path).content.decode()
        seen += [int(pk) for pk in re.findall(r'id="c(\d+)"', page)]
        more = re.search(r'id="more-rows"><a class="button" href="([^"]+)"', page)
        path = more[1].replace("&amp;", "&") if more else None

    assert len(seen) == len(set(seen)) == 120


def test_an_address_shows_as_many_rows_as_were_loaded(desk: Desk, as_sophie: Client) -> None:
    crowd(desk, 120)
    more = re.search(r'id="more-rows"><a class="button" href="([^"]+)"', as_sophie.get("/inbox/").content.decode())
    assert more
    loaded = as_sophie.get(more[1].replace("&amp;", "&")).content.decode()
    (back,) = set(re.findall(r'href="/inbox/\d+/([^"]*)"', loaded))

    assert (len(re.findall(r'id="c\d+"', loaded)), back) == (50, "?show=100")
    assert len(rows(as_sophie, back)) == 100


FILTERS: dict[str, tuple[str, dict[str, Any]]] = {
    "channel": ("channel={hand}", {"channel__kind": "hand"}),
    "topic": ("topic={topic}", {"topic__slug": "pflege"}),
    "no topic": ("topic=none", {"topic": None}),
    "kind": ("kind=praise", {"kind": "praise"}),
    "site": ("site={site}", {"site__name": "Seligenbach"}),
    "language": ("language=nl", {"language": "nl"}),
    "public": ("seen=public", {"is_public": True}),
    "private": ("seen=private", {"is_public": False}),
    "unanswered": ("unanswered=on", {"unanswered_since__isnull": False}),
    "overdue": ("overdue=on", {"due_at__lt": NOW}),
    "mine": ("assignee=me", {"assignee__name": "Sophie Brandt"}),
    "of jonas": ("assignee={jonas}", {"assignee__name": "Jonas Weber"}),
    "of nobody": ("assignee=none", {"assignee": None}),
    "source": ("source=messe", {"source": "messe"}),
    "words": ("q=Wohnheim", {"messages__text__contains": "Wohnheim"}),
}


@pytest.fixture
def mixed(desk: Desk) -> Desk:
    """Conversations of every sort."""
    first = desk.comment("Toller Einblick")
    actions.choose_kind(first, "praise", desk.actor)
    for n, (language, source) in enumerate([("de", "messe"), ("nl", ""), ("de", ""), ("nl", "messe")]):
        held = desk.arrive(
            desk.say("Gibt es ein Wohnheim?" if n % 2 else "Frage", sender_id=f"{n}@x.org", thread_key=f"{n}",
                     language=language, source=source)
        )  # fmt: skip
        actions.assign(held, [None, desk.sophie, desk.jonas, desk.sophie][n], desk.actor)
        if n != 3:
            actions.choose_topic(held, [desk.topic, desk.other_topic, desk.topic][n], desk.actor)
    held = desk.comment("Wohnheim?", sender_id="instagram:@ole")
    Conversation.objects.filter(pk=held.pk).update(
        due_at=NOW - dt.timedelta(hours=1), topic=desk.topic, assignee=desk.jonas
    )
    Conversation.objects.filter(pk=first.pk).update(unanswered_since=None, due_at=None)
    actions.close(desk.arrive(desk.say("Wohnheim zu", sender_id="z@x.org", thread_key="z")), "answered", desk.actor)
    return desk


def test_every_filter_alone_and_in_pairs_shows_what_the_database_holds(mixed: Desk, as_sophie: Client) -> None:
    ids = {"hand": mixed.hand.pk, "topic": mixed.topic.pk, "site": mixed.site.pk, "jonas": mixed.jonas.pk}
    chosen = [(name,) for name in FILTERS] + list(combinations(FILTERS, 2))
    found = []
    for names in chosen:
        queries_of = [FILTERS[name] for name in names]
        if len({text.split("=")[0] for text, _ in queries_of}) < len(names):
            continue  # the same field twice
        query = "&".join(text for text, _ in queries_of).format(**ids)
        wanted = Conversation.objects.filter(state="open")
        for _, values in queries_of:
            wanted = wanted.filter(**values)
        found.append(len(rows(as_sophie, f"?{query}")))
        assert rows(as_sophie, f"?{query}") == set(wanted.values_list("pk", flat=True)), query
    assert sum(1 for number in found if number) > 20


def test_views_and_states(mixed: Desk, as_sophie: Client) -> None:
    def of(**values: Any) -> set[int]:
        return set(Conversation.objects.filter(**values).values_list("pk", flat=True))

    assert rows(as_sophie, "?view=mine") == of(state="open", assignee=mixed.sophie)
    assert rows(as_sophie, "?view=nobody") == of(state="open", assignee=None, waits_for=None)
    assert rows(as_sophie, "?view=closed") == of(state="closed")
    assert rows(as_sophie, "?state=any") == of()
    assert rows(as_sophie, "?view=waits") == set()


def test_words_are_found_in_every_language_and_names_by_their_beginning(desk: Desk, as_sophie: Client) -> None:
    german = desk.arrive(
        desk.say("Gibt es noch Ausbildungsplätze?", sender_id="a", thread_key="a", sender_name="Ünal Özcan")
    )
    dutch = desk.arrive(
        desk.say("Welke opleidingen zijn er?", sender_id="b", thread_key="b", language="nl", sender_name="Noor")
    )
    polish = desk.arrive(desk.say("Dziękuję bardzo", sender_id="c", thread_key="c", language="", subject="Sonderfall"))

    assert rows(as_sophie, "?q=Ausbildungsplatz") == {german.pk}
    assert rows(as_sophie, "?q=opleiding") == {dutch.pk}
    assert rows(as_sophie, "?q=bardzo") == {polish.pk}
    assert rows(as_sophie, "?q=noo") == {dutch.pk}
    assert rows(as_sophie, "?q=Özc") == {german.pk}
    assert rows(as_sophie, "?q=sonder") == {polish.pk}
    for strange in ("'", "& |", "a:*", "%00", "((", "x" * 500, "%F0%9F%91%8D", "--", "'; DROP"):
        assert as_sophie.get(f"/inbox/?q={strange}").status_code == 200


def test_a_common_word_is_looked_up_row_by_row(desk: Desk, as_sophie: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from ganzohr.inbox import searching

    crowd(desk, 12)
    monkeypatch.setattr(searching, "FEW", 5)
    assert len(rows(as_sophie, "?q=Bewerbung")) == 12


def test_somebody_erased_while_the_list_is_read_is_left_out(desk: Desk) -> None:
    crowd(desk, 3)
    gone, *rest = bare(Conversation.objects.order_by("pk"))
    privacy.erase(privacy.person_of(Contact.objects.get(handles=gone.handle_id)), desk.actor)
    assert [row["pk"] for row in drawn([gone, *rest], None)] == [str(one.id) for one in rest]


def test_no_match_is_not_nothing_here_yet(desk: Desk, as_sophie: Client) -> None:
    assert "It is quiet so far." in as_sophie.get("/inbox/").content.decode()
    held = desk.arrive(desk.say())
    page = as_sophie.get("/inbox/?q=gibtesnicht").content.decode()
    assert "No conversation fits." in page
    assert "quiet so far" not in page
    actions.close(held, "answered", desk.actor)
    assert "Everything is done." in as_sophie.get("/inbox/").content.decode()


def test_a_search_that_fits_only_what_is_closed_leads_there(desk: Desk, as_sophie: Client) -> None:
    for number in range(3):
        held = desk.arrive(desk.say("Gibt es ein Wohnheim?", sender_id=f"{number}@x.org", thread_key=f"{number}"))
        actions.close(held, "answered", desk.actor)
    desk.arrive(desk.say("Etwas anderes", sender_id="9@x.org", thread_key="9"))
    page = as_sophie.get("/inbox/?q=Wohnheim").content.decode()
    assert "No open conversation fits." in page
    assert page.count(">Reset<") == 1
    (way,) = re.findall(r'href="([^"]+)">Search closed and postponed ones too \(3\)', page)
    assert len(rows(as_sophie, way.replace("&amp;", "&").removeprefix("/inbox/"))) == 3
    assert "Search closed" not in as_sophie.get("/inbox/?q=gibtesnicht").content.decode()


def test_a_search_says_how_many_more_are_closed(desk: Desk, as_sophie: Client) -> None:
    for number in range(3):
        held = desk.arrive(desk.say("Gibt es ein Wohnheim?", sender_id=f"{number}@x.org", thread_key=f"{number}"))
        actions.close(held, "answered", desk.actor)
    desk.arrive(desk.say("Ein Wohnheim?", sender_id="9@x.org", thread_key="9"))
    asked = queries(as_sophie, "/inbox/?q=Wohnheim")
    page = as_sophie.get("/inbox/?q=Wohnheim").content.decode()
    (way,) = re.findall(r'href="([^"]+)">Search closed and postponed ones too \(3\)', page)

    assert len(rows(as_sophie, way.replace("&amp;", "&").removeprefix("/inbox/"))) == 4
    assert len(asked) <= MOST_QUERIES, "\n".join(sql[:160] for sql in asked)


@pytest.mark.parametrize(("language", "chip"), [("de", "„Heim“"), ("nl", "‘Heim’"), ("en", "“Heim”")])
def test_words_searched_for_stand_in_the_languages_own_quotes(
    desk: Desk, as_sophie: Client, language: str, chip: str
) -> None:
    user = desk.sophie.user
    assert user
    user.language = language
    user.save()
    desk.arrive(desk.say())
    assert f'<span class="one-line">{chip}</span>' in as_sophie.get("/inbox/?q=Heim").content.decode()


def test_a_list_fetched_again_brings_its_counts_along(desk: Desk, as_sophie: Client) -> None:
    desk.arrive(desk.say())
    part = as_sophie.get("/inbox/", headers={"HX-Request": "true", "HX-Target": "rows"}).content.decode()
    assert re.findall(r'id="([\w-]+)" (?:aria-label="Views" )?hx-swap-oob', part) == ["views", "count-inbox"]


@pytest.mark.parametrize(
    "query", ["?channel=x&topic=99999999999999999999&kind=no&view=what&after=%%%&show=-3", "?after=W10"]
)
def test_an_address_that_makes_no_sense_narrows_nothing(desk: Desk, as_sophie: Client, query: str) -> None:
    held = desk.arrive(desk.say())
    assert rows(as_sophie, query) == {held.pk}


def test_a_filter_writes_the_address_it_reads() -> None:
    chosen = Filter.read({"q": "zwei Worte", "topic": "3", "unanswered": "on", "view": "mine"})
    assert chosen.query() == "?view=mine&q=zwei+Worte&topic=3&unanswered=1"
    assert chosen.query(q="", topic="", unanswered="", view="all") == ""


def test_a_row_carries_at_most_one_badge(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say())
    actions.save_draft(held, "reply", "Entwurf", desk.sophie, 0)
    actions.set_waiting(held.pk, desk.karin, NOW + dt.timedelta(hours=2))
    Conversation.objects.update(failed_at=NOW, due_at=NOW - dt.timedelta(hours=1))

    row = re.search(r'<li class="row.*?</li>', as_sophie.get("/inbox/").content.decode(), re.DOTALL)
    assert row
    assert row[0].count('class="state') == 1
    assert "not sent" in row[0]


def test_an_answer_that_has_not_left_shows_in_its_row(desk: Desk, as_sophie: Client) -> None:
    talks = {name: desk.arrive(desk.say(name, sender_id=f"{name}@x.example", thread_key=name)) for name in "abc"}
    sent = {name: desk.answer(talk).outgoing_id or 0 for name, talk in talks.items()}
    Outgoing.objects.filter(pk=sent["b"]).update(state="by_hand")
    Outgoing.objects.filter(pk=sent["c"]).update(state="accepted")
    assert badges(as_sophie) == {talks["a"].pk: "", talks["b"].pk: "to be posted", talks["c"].pk: ""}
    channels.hold("outside", desk.actor, why="w")
    assert badges(as_sophie) == {talks["a"].pk: "held", talks["b"].pk: "to be posted", talks["c"].pk: ""}
    assert len(queries(as_sophie, "/inbox/")) <= 12


def badges(client: Client) -> dict[int, str]:
    """What each row's badge says; '' for one about time alone."""
    found = re.findall(r'id="c(\d+)"(.*?)</li>', client.get("/inbox/").content.decode(), re.DOTALL)
    said = {int(pk): re.findall(r'class="state">.*?</svg>(.*?)</span>', row) for pk, row in found}
    return {pk: next((one for one in words if one in ("held", "to be posted")), "") for pk, words in said.items()}


def said(client: Client) -> dict[int, str]:
    """What each row says, and who of us says it."""
    found = re.findall(r'id="c(\d+)".*?class="row__words one-line">(.*?)</span> <span class="row__line">',
                       client.get("/inbox/").content.decode(), re.DOTALL)  # fmt: skip
    return {int(pk): re.sub(r"<[^>]+>", "", words) for pk, words in found}


def test_a_row_says_who_had_the_last_word(desk: Desk, as_sophie: Client) -> None:
    asked = {name: desk.arrive(desk.say(name, sender_id=f"{name}@x.example", thread_key=name)) for name in "abcdefg"}
    desk.answer(asked["b"], "Ja,\n<b>gern</b>.")
    desk.answer(asked["c"], "Nein.", by=desk.jonas)
    desk.arrive(
        desk.say("Und dann?", sender_id="c@x.example", thread_key="c", provider_at=NOW + dt.timedelta(minutes=1))
    )
    desk.answer(asked["d"], "Ja.", by=desk.jonas)
    Outgoing.objects.filter(pk=desk.answer(asked["e"], "Ging nicht.").outgoing_id or 0).update(state="refused")
    desk.arrive(desk.say("Von drüben", sender_id="f@x.example", thread_key="f", is_own=True))
    file = desk.answer(asked["g"], "x")
    Message.objects.filter(pk=file.pk).update(text="", original="")

    rows = said(as_sophie)
    assert {name: rows[talk.pk] for name, talk in asked.items()} == {
        "a": "a", "b": "You: Ja, &lt;b&gt;gern&lt;/b&gt;.", "c": "Und dann?", "d": "Jonas: Ja.", "e": "e",
        "f": "We: Von drüben", "g": "You: File",
    }  # fmt: skip


def test_an_older_answer_that_is_learned_of_late_is_not_the_last_word(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say("Neu"))
    desk.arrive(desk.say("Alt", is_own=True, provider_at=NOW - dt.timedelta(days=3)))
    assert said(as_sophie) == {held.pk: "Neu"}


def test_opening_reads_it_but_a_part_fetched_again_does_not(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say())
    path = reverse("inbox:conversation", args=[held.pk])
    as_sophie.get(path, headers={"HX-Request": "true", "HX-Target": "thread-in"})
    held.refresh_from_db()
    assert held.is_unread
    as_sophie.get(path)
    held.refresh_from_db()
    assert not held.is_unread


def test_the_whole_circle_without_javascript(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say())
    path = reverse("inbox:conversation", args=[held.pk])
    page = as_sophie.get(path).content.decode()
    assert "Send by mail" in page
    fields = dict(re.findall(r'<input type="hidden" name="(mode|key|revision|knows)" value="([^"]*)"', page))

    sent = as_sophie.post(reverse("inbox:answers", args=[held.pk]), {**fields, "text": "Ja, das geht."})
    again = as_sophie.post(reverse("inbox:answers", args=[held.pk]), {**fields, "text": "Ja, das geht."})
    assert (sent.status_code, again.status_code, sent.headers["Location"]) == (303, 303, path)
    message = Message.objects.get(direction="out")
    page = as_sophie.get(path).content.decode()
    assert 'data-leaves="10"' in page

    assert as_sophie.post(reverse("inbox:taking_back", args=[message.pk])).status_code == 303
    assert Draft.objects.get().text == "Ja, das geht."
    assert "Ja, das geht.</textarea>" in as_sophie.get(path).content.decode()


def test_a_newer_message_holds_the_answer_and_keeps_the_words(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say())
    known = held.messages.get().pk
    desk.arrive(desk.say("Hat sich erledigt"))
    answer = as_sophie.post(
        reverse("inbox:answers", args=[held.pk]), {"text": "Ja.", "knows": known, "key": "a", "mode": "reply"}
    )

    assert answer.status_code == 422
    assert "wrote again" in answer.content.decode()
    assert Draft.objects.get().text == "Ja."
    assert not Outgoing.objects.exists()


def test_drafts_are_saved_and_a_colleague_is_not_overwritten(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say())
    address = reverse("inbox:draft", args=[held.pk, "reply"])
    assert as_sophie.post(address, {"text": "Von Sophie", "revision": "0"}).status_code == 204
    jonas = Client()
    assert desk.jonas.user
    jonas.force_login(desk.jonas.user)
    assert jonas.post(address, {"text": "Von Jonas", "revision": "0"}).status_code == 409
    assert as_sophie.post(address, {"text": "Von Sophie, mehr", "revision": "0"}).status_code == 204
    assert as_sophie.post(reverse("inbox:draft", args=[held.pk, "nonsense"]), {"text": "x"}).status_code == 404
    assert Draft.objects.get().text == "Von Sophie, mehr"


def test_a_failed_answer_says_so_and_offers_to_send_again(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say())
    message = desk.answer(held)
    Outgoing.objects.update(state="sending", attempts=1)
    outcomes.store(Outgoing.objects.get(), Outcome("refused", code="quota_full"))
    page = as_sophie.get(reverse("inbox:conversation", args=[held.pk])).content.decode()
    assert "Not sent" in page
    assert "Send by mail again" in page
    assert "Ja, das geht.</textarea>" in page

    as_sophie.post(reverse("inbox:outcome", args=[message.pk]), {"outcome": "again"})
    assert Outgoing.objects.get().state == "waiting"
    assert not Draft.objects.exists()


def test_by_hand_is_copied_opened_and_confirmed(desk: Desk, as_sophie: Client) -> None:
    held = desk.comment()
    message = desk.answer(held)
    Outgoing.objects.update(state="sending", attempts=1)
    outcomes.store(Outgoing.objects.get(), Outcome("by_hand"))
    page = as_sophie.get(reverse("inbox:conversation", args=[held.pk])).content.decode()
    assert "Everybody on Instagram reads along." in page
    assert "Copy and open the post" in page
    assert 'href="https://www.instagram.com/p/1"' in page

    as_sophie.post(
        reverse("inbox:outcome", args=[message.pk]), {"outcome": "posted", "permalink": "javascript:alert(1)"}
    )
    out = Outgoing.objects.get()
    assert (out.state, out.finished_by, out.external_id) == ("accepted", desk.sophie, "")
    assert (
        "posted by hand by Sophie Brandt"
        in as_sophie.get(reverse("inbox:conversation", args=[held.pk])).content.decode()
    )


def test_unclear_gives_both_ways(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say())
    message = desk.answer(held)
    Outgoing.objects.update(state="sending", attempts=1)
    outcomes.store(Outgoing.objects.get(), Outcome("unclear", code="timeout"))
    page = as_sophie.get(reverse("inbox:conversation", args=[held.pk])).content.decode()
    assert page.count('name="outcome"') == 2
    outbox = as_sophie.get(reverse("channels:outbox")).content.decode()
    risks = ("There is no place to look: ask the person", "the person waits in vain", "the person gets it twice")
    assert [[words in shown for words in risks] for shown in (page, outbox)] == [[True] * 3] * 2
    assert "Look on" not in page + outbox
    as_sophie.post(reverse("inbox:outcome", args=[message.pk]), {"outcome": "sent"})
    as_sophie.post(reverse("inbox:outcome", args=[message.pk]), {"outcome": "not_sent"})
    assert Outgoing.objects.get().state == "accepted"


def test_small_choices_work_as_pages_and_can_be_undone(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say())

    def post(name: str, **values: str) -> str:
        answer = as_sophie.post(reverse(f"inbox:{name}", args=[held.pk]), values, follow=True)
        held.refresh_from_db()
        found = re.search(r'action="(/inbox/\d+/undo/[^"]+)"', answer.content.decode())
        return found[1] if found else ""

    for name in ("assignee", "topic", "later", "closing"):
        assert as_sophie.get(reverse(f"inbox:{name}", args=[held.pk])).status_code == 200
    undo = post("assignee", colleague="me")
    assert held.assignee == desk.sophie
    as_sophie.post(undo)
    held.refresh_from_db()
    assert held.assignee is None
    post("topic", topic=str(desk.topic.pk))
    assert held.topic == desk.topic
    post("kind", kind="praise")
    assert held.kind == "praise"
    undo = post("later", preset="tomorrow")
    assert (held.state, held.snoozed_until) == ("snoozed", dt.datetime(2026, 11, 25, 7, tzinfo=dt.UTC))
    as_sophie.post(undo)
    undo = post("closing", reason="no_answer_needed")
    assert held.state == "closed"
    post("reopening")
    assert held.state == "open"
    undo = post("notes", text="Nur für uns")
    assert Note.objects.get().text == "Nur für uns"
    as_sophie.post(undo)
    assert Note.objects.get().deleted_at
    post("unread")
    assert held.is_unread


def test_a_moment_that_is_over_is_refused_in_words(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say())
    answer = as_sophie.post(reverse("inbox:later", args=[held.pk]), {"at": "2020-01-01T08:00"})
    assert answer.status_code == 422
    assert "That moment is over." in answer.content.decode()


def test_files_leave_an_address_that_runs_nothing(desk: Desk, as_sophie: Client) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 30
    page = b"<html><script>alert(1)</script></html>"
    held = desk.arrive(
        desk.say(files=(IncomingFile("bild.png", "image/png", png), IncomingFile("x.html", "text/html", page),
                        IncomingFile("x.svg", "image/svg+xml", b"<svg onload='alert(1)'/>")))
    )  # fmt: skip
    picture, html, svg = [as_sophie.get(reverse("inbox:file", args=[row.pk])) for row in held.attachments.all()]

    assert (picture.headers["Content-Type"], html.headers["Content-Type"]) == ("image/png", "application/octet-stream")
    assert picture.headers["Content-Disposition"].startswith("inline")
    for answer in (html, svg):
        assert answer.headers["Content-Disposition"].startswith("attachment")
    for answer in (picture, html, svg):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_file_travels_with_the_answer(desk: Desk, as_sophie: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    held = desk.arrive(desk.say())
    as_sophie.post(reverse("inbox:attaching", args=[held.pk]), {"files": SimpleUploadedFile("Plan.pdf", b"%PDF-1.4 x")})
    as_sophie.post(reverse("inbox:attaching", args=[held.pk]), {"files": SimpleUploadedFile("virus.exe", b"MZ")})
    assert Attachment.objects.get().name == "Plan.pdf"
    knows = held.messages.get().pk
    as_sophie.post(
        reverse("inbox:answers", args=[held.pk]), {"text": "Hier.", "knows": knows, "key": "f", "mode": "reply"}
    )
    sent = Outgoing.objects.get().payload["files"][0]
    assert (sent["name"], sent["content_type"]) == ("Plan.pdf", "application/pdf")
    assert Attachment.objects.get().message == Message.objects.get(direction="out")


def test_a_file_that_cannot_be_stored_is_told_in_words(desk: Desk, as_sophie: Client, tmp_path: Path) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    held = desk.arrive(desk.say())
    (tmp_path / "full").touch()
    with override_settings(MEDIA_ROOT=tmp_path / "full"):
        there = as_sophie.post(
            reverse("inbox:attaching", args=[held.pk]),
            {"files": SimpleUploadedFile("a.pdf", b"%PDF-1.4 x")},
            follow=True,
        )
    assert (there.status_code, "could not be kept just now" in there.content.decode()) == (200, True)
    assert Attachment.objects.count() == 0


def test_a_file_may_go_alone_but_waives_no_check(desk: Desk, as_sophie: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    held = desk.arrive(desk.say())
    knows = held.messages.get().pk
    desk.arrive(desk.say("Hat sich erledigt"))
    plan = SimpleUploadedFile("Plan.pdf", b"%PDF-1.4 x")
    as_sophie.post(reverse("inbox:attaching", args=[held.pk]), {"files": plan})
    at = reverse("inbox:answers", args=[held.pk])

    long = {"text": "Ja. " * 30_000, "knows": knows + 1, "key": "l", "mode": "reply"}
    assert (as_sophie.post(at, long).status_code, Outgoing.objects.count()) == (422, 0)
    alone = {"text": "", "knows": knows + 1, "key": "f", "mode": "reply"}
    assert (as_sophie.post(at, alone).status_code, Outgoing.objects.count()) == (303, 1)


def test_words_of_people_never_become_markup(desk: Desk, as_sophie: Client) -> None:
    bad = "<script>alert(1)</script> javascript:alert(1) https://x.example/?a=1&b=<i>"
    held = desk.arrive(desk.say(bad, sender_name="<b>Lena</b>", subject="<u>x</u>", source="<s>"))
    page = as_sophie.get(reverse("inbox:conversation", args=[held.pk])).content.decode()

    assert not re.search(r"<script>|<b>Lena|<u>x|<s>|<i>|href=\"javascript", page)
    assert 'href="https://x.example/?a=1&amp;b="' in page


def test_somebody_limited_to_a_site_sees_only_that_site(desk: Desk, as_sophie: Client) -> None:
    mine, other = desk.arrive(desk.say()), desk.comment()
    desk.sophie.limited_to.add(desk.site)

    assert rows(as_sophie, "?state=any") == {mine.pk}
    assert as_sophie.get(reverse("inbox:conversation", args=[mine.pk])).status_code == 200
    for name in ("conversation", "topic", "presence"):
        assert as_sophie.get(reverse(f"inbox:{name}", args=[other.pk])).status_code == 404
    assert as_sophie.post(reverse("inbox:answers", args=[other.pk]), {"text": "x"}).status_code == 404


def test_a_reader_reads_and_changes_nothing(desk: Desk) -> None:
    from ganzohr.accounts.models import User

    held = desk.arrive(desk.say())
    reader = Client()
    reader.force_login(User.objects.create_user("lesen@auental.example", role="reader", language="en"))
    page = reader.get(reverse("inbox:conversation", args=[held.pk]))
    assert "answering needs the role" in page.content.decode()
    held.refresh_from_db()
    assert held.is_unread
    for name in ("answers", "notes", "closing", "assignee", "promise", "unread", "attaching"):
        assert reader.post(reverse(f"inbox:{name}", args=[held.pk])).status_code == 403


def test_the_evening_sentence_speaks_the_language_and_form_of_the_channel(desk: Desk, as_sophie: Client) -> None:
    desk.mail.address = "formal"
    desk.mail.save()
    held = desk.arrive(desk.say())
    as_sophie.post(reverse("inbox:promise", args=[held.pk]))
    text = Outgoing.objects.get().payload["text"]
    assert text.startswith("Guten Tag Lena, vielen Dank für Ihre Nachricht.")
    assert text.endswith("Sophie")


def test_who_else_is_here_is_said(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say())
    jonas = Client()
    assert desk.jonas.user
    jonas.force_login(desk.jonas.user)
    address = reverse("inbox:presence", args=[held.pk])
    jonas.post(address, {"typing": "1"})
    assert "Jonas is typing" in as_sophie.get(address).content.decode()
    assert "is here" not in jonas.get(address).content.decode()
    jonas.post(address, {"leaving": "1"})
    assert as_sophie.get(address).content.decode().strip() == ""


def test_an_earlier_answer_is_proposed_without_the_other_persons_name(desk: Desk, as_sophie: Client) -> None:
    first = desk.arrive(desk.say(sender_id="old@example.org", thread_key="old", sender_name="Mara Alt"))
    actions.choose_topic(first, desk.topic, desk.actor)
    desk.answer(first, "Hallo Mara, ja, ab 75 Prozent.")
    Outgoing.objects.update(state="sending", attempts=1)
    outcomes.store(Outgoing.objects.get(), Outcome("accepted"))
    held = desk.arrive(desk.say())
    actions.choose_topic(held, desk.topic, desk.actor)
    page = as_sophie.get(reverse("inbox:conversation", args=[held.pk])).content.decode()

    assert re.search(r'class="proposal"><p id="p\d+">ja, ab 75 Prozent.</p>', page)


@pytest.mark.parametrize(
    ("asked", "answer", "offered"),
    [
        ("Geht das?", "Guten Tag, Frau Brandstätter, ja, ab 75 Prozent.", ["ja, ab 75 Prozent."]),
        ("Geht das?", "Ja, das sage ich auch Heikes Tochter.", []),
        ("Geht das?", "Liebe Kollegin, Frau Brandstätter hat recht.", []),
        ("Das ist eine Frechheit!", "Guten Tag, Frau Brandstätter, das ändern wir.", []),
        ("Ja. Zweimal.", "Guten Tag, Frau Brandstätter, das darf nicht passieren, und es tut uns leid.", []),
    ],
)  # fmt: skip
def test_nobody_is_offered_anothers_name_or_trouble(
    desk: Desk, as_sophie: Client, asked: str, answer: str, offered: list[str]
) -> None:
    first = desk.arrive(desk.say(asked, sender_id="h@example.org", thread_key="old", sender_name="Heike Brandstätter"))
    actions.choose_topic(first, desk.topic, desk.actor)
    if "Frechheit" in asked:
        first.messages.update(kind="complaint")
    desk.answer(first, answer)
    Outgoing.objects.update(state="sending", attempts=1)
    outcomes.store(Outgoing.objects.get(), Outcome("accepted"))
    held = desk.arrive(desk.say())
    actions.choose_topic(held, desk.topic, desk.actor)
    page = as_sophie.get(reverse("inbox:conversation", args=[held.pk])).content.decode()

    assert re.findall(r'class="proposal"><p id="p\d+">([^<]*)</p>', page) == offered


def test_in_public_nothing_is_offered_that_was_said_in_private(desk: Desk, as_sophie: Client) -> None:
    first = desk.arrive(desk.say(sender_id="old@example.org", thread_key="old", sender_name="Mara Alt"))
    actions.choose_topic(first, desk.topic, desk.actor)
    desk.answer(first, "Ja, ab 75 Prozent.")
    Outgoing.objects.update(state="sending", attempts=1)
    outcomes.store(Outgoing.objects.get(), Outcome("accepted"))
    held = desk.comment()
    actions.choose_topic(held, desk.topic, desk.actor)

    assert 'class="proposal"' not in as_sophie.get(reverse("inbox:conversation", args=[held.pk])).content.decode()


def test_the_filter_offers_and_names_nothing_of_other_sites(desk: Desk, as_sophie: Client) -> None:
    far = Site.objects.create(name="Nordheide")
    channel = Channel.objects.create(kind="website", name="Website Nordheide", key="north", site=far)
    conversation = desk.arrive(desk.say())
    Conversation.objects.filter(pk=conversation.pk).update(source="poster-1")
    there = desk.arrive(desk.say(sender_id="mira@example.org", thread_key="t2"), channel=channel)
    Conversation.objects.filter(pk=there.pk).update(source="poster-2")
    desk.sophie.limited_to.add(desk.site)
    offered = as_sophie.get("/inbox/filter/").content.decode()
    assert (offered.count("Nordheide"), offered.count("poster-1</option>"), offered.count("poster-2")) == (0, 1, 0)
    named = as_sophie.get(f"/inbox/?channel={channel.pk}&site={far.pk}").content.decode()
    assert (named.count("Nordheide"), named.count("(not there any more)") >= 2) == (0, True)


def test_what_is_marked_leaves_only_after_a_second_press_that_saw_it(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say())
    at, knows = reverse("inbox:answers", args=[held.pk]), held.messages.get().pk
    sent = {"text": "Hallo Sophie, ja, ab [prüfen].", "knows": knows, "key": "p", "mode": "reply"}
    first = as_sophie.post(at, sent)
    page = first.content.decode()
    assert (first.status_code, Outgoing.objects.count()) == (422, 0)
    assert 'name="anyway" value="greets_you placeholder"' in page
    assert "Hallo Sophie, ja, ab [prüfen].</textarea>" in page

    other = as_sophie.post(at, {**sent, "text": "Ruf an: 0941 8765432 [prüfen]", "anyway": "greets_you placeholder"})
    assert (other.status_code, Outgoing.objects.count()) == (422, 0)
    assert as_sophie.post(at, {**sent, "anyway": "greets_you placeholder"}).status_code == 303
    assert Outgoing.objects.get().state == "waiting"
