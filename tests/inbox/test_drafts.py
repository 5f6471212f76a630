"""Two people and one box: nothing that somebody typed is lost, and nobody sends words they have not seen."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ganzohr.directory.models import Colleague
from ganzohr.inbox import actions
from ganzohr.inbox.models import Conversation, Draft
from tests.inbox.story import Desk

NOTICE = "Sophie Brandt saved other words here."


@pytest.fixture
def as_jonas(desk: Desk) -> Client:
    client = Client()
    assert desk.jonas.user
    client.force_login(desk.jonas.user)
    return client


def keep(client: Client, held: Conversation, text: str, revision: int) -> Any:
    return client.post(reverse("inbox:draft", args=[held.pk, "reply"]), {"text": text, "revision": str(revision)})


def send(client: Client, held: Conversation, text: str, revision: int) -> Any:
    values = {"mode": "reply", "text": text, "knows": held.messages.get().pk, "key": "k", "revision": str(revision)}
    return client.post(reverse("inbox:answers", args=[held.pk]), values)


def others(page: Any) -> list[str]:
    """The words of somebody else that a page shows beside the box."""
    return re.findall(r'class="pair__draft"[^>]*><p>(.*?)</p>', html.unescape(page.content.decode()))


def revisions(page: Any) -> list[str]:
    return re.findall(r'name="revision" value="(\d+)"', page.content.decode())


def test_words_typed_upon_an_older_version_are_shown_the_newer_one_and_never_put_over_it(
    desk: Desk, as_sophie: Client, as_jonas: Client
) -> None:
    held = desk.arrive(desk.say())
    saved = keep(as_sophie, held, "Von Sophie", 0)
    again = keep(as_jonas, held, "Von Jonas", 0)  # his browser kept them, with what they were typed upon

    assert (saved.status_code, saved.headers["Draft-Revision"], again.status_code) == (204, "1", 409)
    assert (NOTICE in again.content.decode(), others(again)) == (True, ["Von Sophie"])
    assert Draft.objects.get().text == "Von Sophie"


def test_a_draft_begun_anew_is_not_taken_for_the_one_before(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    for text in ("Eins", "Zwei", ""):
        actions.save_draft(held, "reply", text, desk.sophie, 0)
    actions.save_draft(held, "reply", "Von Sophie", desk.sophie, 0)

    with pytest.raises(actions.SavedByOthers):
        actions.save_draft(held, "reply", "Auf zwei getippt", desk.jonas, 2)


def test_a_refused_answer_keeps_upon_what_it_was_typed(desk: Desk, as_sophie: Client, as_jonas: Client) -> None:
    held = desk.arrive(desk.say())
    keep(as_sophie, held, "Von Sophie", 0)
    desk.arrive(desk.say("Noch etwas"))
    values = {"mode": "reply", "text": "Von Jonas", "knows": 1, "key": "k", "revision": "0"}
    page = as_jonas.post(reverse("inbox:answers", args=[held.pk]), values)

    assert (page.status_code, others(page), revisions(page)) == (422, ["Von Sophie"], ["0"])
    assert Draft.objects.get().text == "Von Sophie"


def choose(client: Client, held: Conversation, choice: str, text: str, revision: int, theirs: int = 0) -> Any:
    values = {"text": text, "choice": choice, "revision": str(revision), "theirs": str(theirs), "mode": "reply"}
    return client.post(reverse("inbox:choosing", args=[held.pk, "reply"]), values)


def open_box(client: Client, held: Conversation) -> tuple[str, list[tuple[str, str]]]:
    """What stands in the box, and what is kept beside it: key and words."""
    page = html.unescape(client.get(reverse("inbox:conversation", args=[held.pk])).content.decode())
    (text,) = re.findall(r'id="text" name="text".*?>([^<]*)</textarea>', page, re.DOTALL)
    return text, [
        (key, words) for words, key in re.findall(r'earlier">.*?<q>(.*?)</q>.*?name="choice" value="(.*?)"', page)
    ]


def test_whoever_takes_a_colleagues_words_has_their_own_back_with_one_press(
    desk: Desk, as_sophie: Client, as_jonas: Client
) -> None:
    held = desk.arrive(desk.say())
    keep(as_sophie, held, "Von Sophie", 0)
    assert choose(as_jonas, held, "theirs", "Von Jonas", 0).headers["Location"] == f"/inbox/{held.pk}/"
    text, kept = open_box(as_jonas, held)
    assert (text, [words for _key, words in kept]) == ("Von Sophie", ["Von Jonas"])

    choose(as_jonas, held, kept[0][0], "Von Sophie", 1)
    text, kept = open_box(as_jonas, held)
    assert (text, [words for _key, words in kept]) == ("Von Jonas", ["Von Sophie"])
    assert Draft.objects.get().author == desk.jonas


def test_whoever_keeps_their_own_words_leaves_the_colleague_theirs(
    desk: Desk, as_sophie: Client, as_jonas: Client
) -> None:
    held = desk.arrive(desk.say())
    keep(as_sophie, held, "Von Sophie", 0)
    choose(as_jonas, held, "mine", "Von Jonas", 0, theirs=1)
    text, kept = open_box(as_sophie, held)
    assert (text, [words for _key, words in kept]) == ("Von Jonas", ["Von Sophie"])

    choose(as_sophie, held, kept[0][0], "Von Jonas", 2)
    assert (Draft.objects.get().text, Draft.objects.get().author) == ("Von Sophie", desk.sophie)


def test_a_choice_over_words_saved_since_shows_those_first(desk: Desk, as_sophie: Client, as_jonas: Client) -> None:
    held = desk.arrive(desk.say())
    keep(as_sophie, held, "Von Sophie", 0)
    keep(as_sophie, held, "Von Sophie, länger", 1)
    again = choose(as_jonas, held, "mine", "Von Jonas", 0, theirs=1)
    assert (again.status_code, others(again)) == (422, ["Von Sophie, länger"])
    assert Draft.objects.get().text == "Von Sophie, länger"


def test_what_is_cleared_away_or_written_anew_by_a_colleague_stays_beside_the_empty_box(
    desk: Desk, as_sophie: Client, as_jonas: Client
) -> None:
    held = desk.arrive(desk.say())
    keep(as_sophie, held, "Von Sophie", 0)
    keep(as_jonas, held, "", 1)
    held.refresh_from_db()
    text, kept = open_box(as_sophie, held)
    assert (text, [words for _key, words in kept], held.draft_at) == ("", ["Von Sophie"], None)
    keep(as_jonas, held, "Von Jonas", 2)
    assert [words for _key, words in open_box(as_sophie, held)[1]] == ["Von Sophie"]

    desk.answer(held)
    assert not Draft.objects.exists()


def test_words_that_live_on_in_the_new_ones_are_not_offered_again(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say())
    actions.save_draft(held, "reply", "Ja.", desk.jonas, 0)
    actions.save_draft(held, "reply", "Ja. Gern.", desk.sophie, 1)
    assert open_box(as_sophie, held) == ("Ja. Gern.", [])


def test_words_a_colleague_replaced_leave_only_after_a_choice_and_signed_by_who_made_it(
    desk: Desk, as_sophie: Client, as_jonas: Client
) -> None:
    desk.mail.signature = "initials"
    desk.mail.save()
    held = desk.arrive(desk.say())
    keep(as_sophie, held, "Von Sophie", 0)
    keep(as_jonas, held, "Von Jonas", 1)  # he read hers and wrote his own
    refused = send(as_sophie, held, "Von Sophie", 1)

    assert (refused.status_code, others(refused), revisions(refused)) == (422, ["Von Jonas"], ["1"])
    assert "somebody else saved other words here" in refused.content.decode()
    choose(as_sophie, held, "mine", "Von Sophie", 1, theirs=2)
    assert send(as_sophie, held, "Von Sophie", 3).status_code == 303
    message = held.messages.get(direction="out")
    assert (message.author, message.text) == (desk.sophie, "Von Sophie ^SB")


def test_an_empty_box_under_send_says_that_it_is_empty(desk: Desk, as_sophie: Client) -> None:
    page = send(as_sophie, desk.arrive(desk.say()), " ", 0)
    said = re.findall(r'<div class="notice notice--wrong" role="alert">.*?<p>(.*?)</p>', page.content.decode())
    assert (page.status_code, said) == (422, ["Nothing is written yet."])


def test_who_is_here_too_is_called_by_name_not_by_title(desk: Desk, as_sophie: Client) -> None:
    assert desk.jonas.user
    held = desk.arrive(desk.say())
    Colleague.objects.filter(pk=desk.jonas.pk).update(name="Dr. Petra Lindner")
    actions.note_presence(held, desk.jonas.user, is_typing=True)
    page = as_sophie.get(reverse("inbox:presence", args=[held.pk])).content.decode()
    assert re.findall(r'class="present__one is-typing">(.*?)<', page) == ["Petra is typing"]
