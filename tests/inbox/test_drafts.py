"""Two people and one box: nothing that somebody typed is lost, and nobody sends words they have not seen."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

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
    return re.findall(r'class="others__words"[^>]*><p>(.*?)</p>', html.unescape(page.content.decode()))


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
