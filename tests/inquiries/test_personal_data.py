"""Handing over and erasing what inquiries hold of one person."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from ganzohr.channels import actions as channels
from ganzohr.channels.arrivals import Arrived, offer
from ganzohr.channels.connectors.base import Incoming
from ganzohr.channels.models import Delivery, Outgoing
from ganzohr.contacts.models import Handle
from ganzohr.core import times
from ganzohr.core.people import Handle as Known
from ganzohr.core.people import Person
from ganzohr.inbox.models import Message
from ganzohr.inquiries import personal_data
from ganzohr.inquiries.models import ExpertWords, Inquiry
from ganzohr.notifications import personal_data as mails_data
from ganzohr.notifications.models import Ask, AskFile, ColleagueMail, Letter
from tests.inquiries.circle import ANSWER, QUESTION, Circle, asks

pytestmark = pytest.mark.django_db


def person_of(address: str) -> Person:
    handle = Handle.objects.get(external_id=address)
    return Person(handle.contact_id, (Known(handle.channel_id, handle.external_id),))


def test_the_export_holds_question_words_and_answer_and_no_colleague(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0])
    circle.leaves(circle.answer(inquiry, "Hallo Lena, ja."))
    held = personal_data.export(person_of("lena@web.example"))["inquiries"]
    assert [(row["question"], row["approved_text"], [one["text"] for one in row["words"]]) for row in held] == [
        (QUESTION, "Hallo Lena, ja.", [ANSWER])
    ]
    assert [name for name in ("Karin", "Sophie") if name in str(held)] == []


def test_erasing_leaves_nothing_of_the_person_with_experts_and_spares_others(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0], files=[("plan.pdf", b"%PDF-1.4 ...")])
    circle.leaves(circle.answer(inquiry))
    other = circle.write("Wie hoch ist das Gehalt?", sender_id="mira@web.example", thread_key="mira")
    circle.understand(other, topic=circle.training)
    file = AskFile.objects.get().file.name
    assert personal_data.erase(person_of("lena@web.example")) == {"inquiries": 1, "asks": 1}
    left = [
        Inquiry.objects.count(),
        Ask.objects.count(),
        ExpertWords.objects.count(),
        ColleagueMail.objects.count(),
        Letter.objects.count(),
    ]
    assert file is not None
    assert (left, default_storage.exists(file)) == ([1, 1, 0, 0, 1], False)
    mails = [str(row.payload) + str(row.target) for row in Outgoing.objects.filter(channel=None)]
    assert [QUESTION in mail for mail in mails] == [False] * len(mails)
    assert sum("Wie hoch ist das Gehalt?" in mail for mail in mails) == 1


def test_a_mail_passed_to_the_inbox_is_handed_over_and_erased_with_its_sender(circle: Circle) -> None:
    circle.reply(asks(circle.ask())[0], "Meine Tochter sucht einen Platz.", headers={"tokens": []})
    circle.browser().post(f"/colleague-mails/{ColleagueMail.objects.get().pk}/message/")
    person = person_of("karin@auental.example")
    assert [row["text"] for row in mails_data.export(person)["colleague_mails"]] == ["Meine Tochter sucht einen Platz."]
    assert (mails_data.erase(person), ColleagueMail.objects.count()) == ({"colleague_mails": 1}, 0)


def test_somebody_without_inquiries_has_nothing_here(circle: Circle) -> None:
    circle.write()
    person = person_of("lena@web.example")
    assert (personal_data.export(person), personal_data.erase(person)) == (
        {"inquiries": []},
        {"inquiries": 0, "asks": 0},
    )


def test_the_word_that_nothing_is_needed_any_more_is_erased_with_the_question(circle: Circle) -> None:
    inquiry = circle.ask()
    Outgoing.objects.filter(channel=None).update(state="accepted")
    circle.browser().post(f"/inquiries/{inquiry.pk}/withdrawal/")
    told = [mail for mail in circle.mails_to(circle.karin) if mail.kind == "told"]
    assert [QUESTION in str(mail.payload) for mail in told] == [True]
    personal_data.erase(person_of("lena@web.example"))
    assert [(mail.state, mail.payload) for mail in Outgoing.objects.filter(kind="told")] == [("taken_back", {})]


def test_the_raw_reply_of_an_expert_goes_with_the_question_it_quotes(circle: Circle) -> None:
    inquiry = circle.ask()
    channels.store(circle.mail, "", {}, f"Ja.\n> {QUESTION}".encode())
    channels.store(circle.mail, "", {}, b"Somebody else")
    circle.reply(asks(inquiry)[0])
    ColleagueMail.objects.update(delivery_id=Delivery.objects.earliest("id").pk)
    personal_data.erase(person_of("lena@web.example"))
    assert [bytes(row.body) for row in Delivery.objects.all()] == [b"Somebody else"]


def test_words_deleted_on_the_platform_leave_question_ask_and_mails(circle: Circle) -> None:
    kept = "Und wo ist die Schule?"
    first, second = circle.write(QUESTION), circle.write(kept)
    for message in (first, second):
        circle.understand(message, topic=circle.training)
    Inquiry.objects.update(question=f"{QUESTION}\n\n{kept}")
    offer_deletion(circle, first)
    inquiry = Inquiry.objects.get()
    assert (inquiry.question, inquiry.state) == (kept, "asked")
    asked = [str(ask.words) for ask in Ask.objects.all()]
    mails = [str(row.payload) for row in Outgoing.objects.filter(channel=None)]
    assert [QUESTION in text for text in asked + mails] == [False] * len(asked + mails)
    assert sum(kept in mail for mail in mails) >= 1


def test_a_question_taken_back_whole_needs_no_answer(circle: Circle) -> None:
    inquiry = circle.ask()
    assert inquiry.message
    offer_deletion(circle, inquiry.message)
    inquiry.refresh_from_db()
    assert (inquiry.question, inquiry.state) == ("", "withdrawn")
    assert not [ask for ask in Ask.objects.all() if ask.revoked_at is None]


def test_a_question_edited_since_and_then_taken_back_needs_no_answer_either(circle: Circle) -> None:
    inquiry = circle.ask()
    assert inquiry.message
    Message.objects.filter(pk=inquiry.message.pk).update(text="Edited since", edited_at=times.now())
    offer_deletion(circle, inquiry.message)
    inquiry.refresh_from_db()
    assert (inquiry.question, inquiry.state) == ("", "withdrawn")


def offer_deletion(circle: Circle, message: Message) -> None:
    assert message.external_id
    one = Incoming(
        what="delete", external_id=message.external_id, sender_id="lena@web.example", provider_at=times.now(), text=""
    )
    with transaction.atomic():
        assert offer([Arrived(circle.mail.pk, 99, one, times.now())]) == {0}
    circle.settle()
