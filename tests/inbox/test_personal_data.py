"""What one person was answered goes with them, wherever the mail was addressed to."""

from __future__ import annotations

import pytest

from ganzohr.channels.models import Outgoing
from ganzohr.core.people import Handle, Person
from ganzohr.inbox import actions, personal_data
from ganzohr.inbox.models import Message
from tests.inbox.story import Desk

pytestmark = pytest.mark.django_db


def test_an_answer_to_another_address_of_the_person_is_erased_with_them(desk: Desk) -> None:
    lena = desk.arrive(desk.say("Ich bin Lena", target={"to": "family@example.net", "in_reply_to": "m1"}))
    bea = desk.arrive(desk.say("Ich bin Bea", sender_id="b@x.org", thread_key="b", target={"to": "b@x.org"}))
    desk.answer(lena, "Hallo Lena, ja.")
    desk.answer(bea, "Hallo Bea, ja.")

    gone = personal_data.erase(Person(lena.contact_id, (Handle(desk.mail.pk, "lena@example.org"),)))

    assert (gone["messages"], gone["outgoing"]) == (2, 1)
    assert [row.target["to"] for row in Outgoing.objects.all()] == ["b@x.org"]
    assert [row.outgoing.target["to"] for row in Message.objects.filter(direction="out") if row.outgoing] == ["b@x.org"]


def test_what_was_learnt_from_a_person_is_handed_over_with_their_conversations(desk: Desk) -> None:
    lena = desk.arrive(desk.say("Geht das in Teilzeit?"))
    desk.arrive(desk.say("Und das Gehalt?", sender_id="b@x.org", thread_key="b"))
    actions.choose_topic(lena, desk.topic, desk.actor)

    held = personal_data.export(Person(lena.contact_id, (Handle(desk.mail.pk, "lena@example.org"),)))

    assert [(row["text"], row["topic"]) for row in held["learnt"]] == [("Geht das in Teilzeit?", "pflege")]
