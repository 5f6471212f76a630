"""Saved replies beside the box: the best first, filled with what is true here, under what was typed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ganzohr.audit import actions as audit
from ganzohr.channels.models import Channel
from ganzohr.directory.models import Colleague, OpeningHours
from ganzohr.inbox import actions
from ganzohr.inbox.models import Conversation, Draft
from ganzohr.inbox.saved import place_of
from ganzohr.knowledge import actions as knowledge
from ganzohr.knowledge import choosing
from ganzohr.knowledge.models import DeepLink, SavedReply, SavedUse, ShortLink
from tests.inbox.story import Desk

pytestmark = pytest.mark.django_db
ME = audit.round_("test")
DIALOG = {"HX-Request": "true", "HX-Target": "dialog"}


def saved(name: str, texts: dict[tuple[str, str], str] | None = None, **values: Any) -> SavedReply:
    words = texts or {("de", "informal"): "Hallo {first_name}.", ("de", "formal"): "Guten Tag {name}."}
    return knowledge.save_reply(SavedReply(), {"name": name, **values}, words, None, ME)


def found(desk: Desk, held: Conversation, query: str = "") -> list[tuple[str, str]]:
    user = desk.sophie.user
    assert user
    held = Conversation.objects.get(pk=held.pk)
    return [(one.reply.name, one.text) for one in choosing.best(user, place_of(held, user), query)]


def test_the_best_come_first_topic_then_language_then_channel_then_what_was_used_lately(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    Conversation.objects.filter(pk=held.pk).update(topic=desk.topic, topic_is_sure=True)
    rows: dict[str, dict[str, Any]] = {
        "other topic": {"topic": desk.other_topic}, "any": {}, "any, used": {}, "same, Dutch": {"topic": desk.topic},
        "same": {"topic": desk.topic}, "same, by mail": {"topic": desk.topic, "kinds": ["mail"]},
        "same, website": {"topic": desk.topic, "kinds": ["website"]},
    }  # fmt: skip
    for name, more in rows.items():
        reply = saved(name, {("nl", "informal"): "Hoi."} if "Dutch" in name else None, **more)
        if "used" in name:
            knowledge.note_use(reply)
    knowledge.archive_reply(saved("off the list"), ME)
    assert [name for name, _text in found(desk, held)] == [
        "same, by mail", "same", "same, website", "same, Dutch", "any, used", "any", "other topic",
    ]  # fmt: skip
    assert [name for name, _text in found(desk, held, "DUTCH same")] == ["same, Dutch"]


def test_it_speaks_the_language_and_form_of_the_conversation(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    saved("Danke")
    informal = found(desk, held)
    Channel.objects.update(address="formal")
    assert (informal, found(desk, held)) == ([("Danke", "Hallo Lena.")], [("Danke", "Guten Tag Lena Hoffmeister.")])


def test_only_what_is_true_here_is_filled_and_the_rest_stays_open(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    text = "{first_name} {me} {expert} {topic} {site} {opening_hours}"
    saved("Alles", {("de", "informal"): text})
    Conversation.objects.filter(pk=held.pk).update(
        topic=desk.topic, topic_is_sure=False, site=None, waits_for=desk.karin
    )
    Colleague.objects.filter(pk=desk.karin.pk).update(may_be_named=False)
    open_ones = "[Vorname der Fachperson] [Thema der Frage] [Name des Standorts] [Öffnungszeiten]"
    assert found(desk, held)[0][1] == f"Lena {desk.sophie.first_name} {open_ones}"
    hours = OpeningHours.objects.create(name="Woche")
    hours.slots.create(weekday=0, opens=dt.time(8), closes=dt.time(16))
    Channel.objects.filter(pk=held.channel_id).update(hours=hours)
    Conversation.objects.filter(pk=held.pk).update(topic_is_sure=True, site=desk.site)
    Colleague.objects.filter(pk=desk.karin.pk).update(may_be_named=True)
    name = desk.topic.name_in("de")
    assert found(desk, held)[0][1] == (
        f"Lena {desk.sophie.first_name} {desk.karin.first_name} {name} {desk.site.name} Montag 8:00–16:00 Uhr"
    )


def test_a_short_link_becomes_the_address_of_this_channel(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    link = knowledge.save_link(DeepLink(), {"name": "Apply", "url": "https://jobs.example.org/"}, ME)
    saved("Link", {("de", "informal"): f"Hier: {{link:{ShortLink.objects.get(deep_link=link, channel=None).code}}}"})
    assert found(desk, held) == [("Link", f"Hier: {knowledge.link_for(link, held.channel)}")]
    knowledge.archive(link, ME)
    assert found(desk, held) == [("Link", "Hier: [Kurzlink]")]


def test_without_javascript_it_goes_under_the_typed_words_and_is_noted(desk: Desk, as_sophie: Client) -> None:
    held, reply = desk.arrive(desk.say()), saved("Danke")
    actions.save_draft(held, "reply", "Schon getippt", desk.jonas, 0, knows_message_id=7)
    url = reverse("inbox:saved", args=[held.pk])
    page = as_sophie.get(url, {"mode": "reply"})
    assert (page.status_code, b"data-insert" in page.content) == (200, False)
    used = as_sophie.post(url, {"mode": "reply", "reply": reply.pk})
    draft = Draft.objects.get(conversation=held)
    assert (used.status_code, draft.text, draft.knows_message_id) == (303, "Schon getippt\n\nHallo Lena.", 7)
    assert SavedUse.objects.get().count == 1
    assert draft.text in as_sophie.get(used["Location"]).content.decode()


def test_in_the_page_using_one_is_only_noted_since_the_page_puts_it_in_itself(desk: Desk, as_sophie: Client) -> None:
    held, reply = desk.arrive(desk.say()), saved("Danke")
    url = reverse("inbox:saved", args=[held.pk])
    dialog = as_sophie.get(url, headers=DIALOG)
    assert f'data-insert="#saved-{reply.pk}"' in dialog.content.decode()
    used = as_sophie.post(url, {"mode": "reply", "reply": reply.pk}, headers=DIALOG)
    assert (used.status_code, Draft.objects.count(), SavedUse.objects.get().count) == (204, 0, 1)


def test_the_dialog_costs_few_questions_however_many_there_are(
    desk: Desk, as_sophie: Client, django_assert_max_num_queries: Any
) -> None:
    held = desk.arrive(desk.say())
    for number in range(30):
        saved(f"Antwort {number}")
    with django_assert_max_num_queries(15):
        assert as_sophie.get(reverse("inbox:saved", args=[held.pk]), headers=DIALOG).status_code == 200
