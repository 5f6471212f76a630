"""Who somebody is to us, and everything of theirs given out or taken away."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from django.urls import reverse

from ganzohr.channels.connectors.base import IncomingFile
from ganzohr.contacts import actions, personal_data
from ganzohr.contacts.actions import Stranger
from ganzohr.contacts.models import Consent, Contact, Handle
from ganzohr.core.people import Handle as Known
from ganzohr.core.people import Person
from ganzohr.inbox import actions as inbox
from ganzohr.inbox import personal_data as inbox_data
from ganzohr.inbox.models import Attachment, Conversation, Draft, Message, Note
from ganzohr.topics.models import Example
from tests.inbox.story import Desk


def test_a_stranger_is_made_once_and_filled_in(desk: Desk) -> None:
    with transaction.atomic():
        first = actions.recognise([Stranger(desk.mail.pk, "a@x.org"), Stranger(desk.mail.pk, "a@x.org", name="Ada")])
        again = actions.recognise([Stranger(desk.mail.pk, "a@x.org", address="copy@x.org", language="nl")])

    handle = Handle.objects.select_related("contact").get()
    assert first[desk.mail.pk, "a@x.org"].id == again[desk.mail.pk, "a@x.org"].id == handle.pk
    assert (handle.name, handle.address, handle.contact.name, handle.contact.language) == (
        "Ada",
        "copy@x.org",
        "Ada",
        "nl",
    )
    assert Contact.objects.count() == 1


def test_two_who_turn_out_to_be_one_keep_everything_they_said(desk: Desk) -> None:
    held = desk.arrive(desk.say("Eins", sender_id="a@x.org", thread_key="a"))
    for name in "bc":
        desk.arrive(desk.say(name, sender_id=f"{name}@x.org", thread_key=name))
    assert actions.change_id(desk.mail.pk, "a@x.org", "b@x.org")
    desk.arrive(desk.say("Vier", sender_id="c@x.org", also_known_as=("a@x.org", "new@x.org"), thread_key="c"))
    desk.arrive(desk.say("Fünf", sender_id="new@x.org", thread_key="new"))

    words = list(Message.objects.order_by("id").values_list("text", flat=True))
    assert words == ["Eins", "b", "c", "Vier", "Fünf"]
    assert list(Conversation.objects.values_list("contact_id", flat=True)) == [held.contact_id] * 4
    assert [row.pk for row in Contact.objects.all()] == [held.contact_id]


def test_two_names_told_in_one_breath_are_one_person(desk: Desk) -> None:
    with transaction.atomic():
        actions.recognise([Stranger(desk.mail.pk, "b", also=("a",)), Stranger(desk.mail.pk, "a")])
    assert [row.handles.count() for row in Contact.objects.all()] == [2]


def test_a_consent_is_kept_once_per_version(desk: Desk) -> None:
    given = {"kind": "contact", "version": "1", "text": "Ja, schreibt mir.", "language": "de"}
    for version in ("1", "1", "2"):
        with transaction.atomic():
            actions.recognise([Stranger(desk.mail.pk, "a@x.org", consent={**given, "version": version})])
    assert [consent.version for consent in Consent.objects.order_by("id")] == ["1", "2"]


def test_the_page_of_a_person_shows_handles_consents_and_conversations(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say(consent={"kind": "contact", "version": "7", "text": "Ja"}))
    page = as_sophie.get(reverse("contacts:contact", args=[held.contact_id])).content.decode()

    assert "Lena Hoffmeister" in page
    assert "version 7" in page
    assert reverse("inbox:conversation", args=[held.pk]) in page


def test_a_name_is_changed_and_a_withdrawal_noted(desk: Desk, as_sophie: Client) -> None:
    held = desk.arrive(desk.say(consent={"kind": "contact", "version": "7", "text": "Ja"}))
    as_sophie.post(reverse("contacts:name", args=[held.contact_id]), {"name": "Lena H."})
    as_sophie.post(reverse("contacts:withdrawal", args=[Consent.objects.get().pk]))

    assert Contact.objects.get().name == "Lena H."
    assert Consent.objects.get().withdrawn_at


def test_people_of_other_sites_are_not_shown(desk: Desk, as_sophie: Client) -> None:
    mine, other = desk.arrive(desk.say()), desk.comment()
    desk.sophie.limited_to.add(desk.site)

    assert as_sophie.get(reverse("contacts:contact", args=[mine.contact_id])).status_code == 200
    assert as_sophie.get(reverse("contacts:contact", args=[other.contact_id])).status_code == 404


def test_everything_of_a_person_is_given_out(desk: Desk) -> None:
    held = desk.arrive(desk.say("Mein Geheimnis", files=(IncomingFile("cv.pdf", "application/pdf", b"%PDF-1.4"),)))
    inbox.save_draft(held, "reply", "Liebe Lena", desk.sophie, 0)
    inbox.write_note(held, "Klingt nett", desk.sophie, desk.actor)
    person = Person(held.contact_id, (Known(desk.mail.pk, "lena@example.org"),))

    told = inbox_data.export(person)["conversations"][0]
    assert [message["text"] for message in told["messages"]] == ["Mein Geheimnis"]
    assert told["messages"][0]["files"] == ["cv.pdf"]
    assert (told["drafts"][0]["text"], told["notes"][0]["text"]) == ("Liebe Lena", "Klingt nett")
    assert personal_data.export(person)["handles"][0]["known_as"] == "lena@example.org"


def test_everything_of_a_person_is_taken_away_and_nothing_of_anybody_else(
    desk: Desk, django_capture_on_commit_callbacks: pytest.FixtureRequest
) -> None:
    file = IncomingFile("cv.pdf", "application/pdf", b"%PDF-1.4")
    other = desk.arrive(desk.say("Bleibt", sender_id="b@x.org", sender_name="Bea", thread_key="b"))
    held = desk.arrive(desk.say("Mein Geheimnis", files=(file,)))
    inbox.choose_topic(held, desk.topic, desk.actor)
    inbox.choose_topic(other, desk.topic, desk.actor)
    inbox.save_draft(held, "reply", "Liebe Lena", desk.sophie, 0)
    inbox.write_note(held, "Klingt nett", desk.sophie, desk.actor)
    path = Attachment.objects.get().file.name
    person = Person(held.contact_id, (Known(desk.mail.pk, "lena@example.org"),))

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        gone = inbox_data.erase(person) | personal_data.erase(person)

    assert gone == {
        "conversations": 1, "messages": 1, "files": 1, "notes": 1, "drafts": 1, "examples": 1, "outgoing": 0,
        "handles": 1, "contacts": 1, "reactions": 0, "parked": 0, "posts": 0,
    }  # fmt: skip
    assert not default_storage.exists(str(path))
    assert [row.pk for row in Conversation.objects.all()] == [other.pk]
    assert [row.text for row in Message.objects.all()] == ["Bleibt"]
    assert [row.name for row in Contact.objects.all()] == ["Bea"]
    assert [row.text for row in Example.objects.filter(origin="learnt")] == ["Bleibt"]
    assert (Draft.objects.count(), Note.objects.count(), Handle.objects.count()) == (0, 0, 1)


def test_who_turns_out_to_be_somebody_keeps_what_was_written_down_of_them(desk: Desk) -> None:
    actions.recognise([Stranger(desk.mail.pk, "a")])
    actions.recognise([Stranger(desk.mail.pk, "b", "Lena", "de", "poster")])
    actions.recognise([Stranger(desk.mail.pk, "a", also=("b",))])
    assert list(Contact.objects.values_list("name", "language", "source")) == [("Lena", "de", "poster")]


def test_a_changed_id_joins_also_somebody_with_two_names(desk: Desk) -> None:
    actions.recognise([Stranger(desk.mail.pk, "old")])
    actions.recognise([Stranger(desk.mail.pk, "new")])
    actions.recognise([Stranger(desk.mail.pk, "second")])
    actions.recognise([Stranger(desk.mail.pk, "new", also=("second",))])
    assert actions.change_id(desk.mail.pk, "old", "new")
    assert Contact.objects.count() == 1
