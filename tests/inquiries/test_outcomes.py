"""From the draft to one answer, and back to the expert with thanks."""

from __future__ import annotations

import pytest

from ganzohr.audit.models import Entry
from ganzohr.channels.models import Outgoing
from ganzohr.inbox import actions as inbox
from ganzohr.inbox.events import AnswersDelivered
from ganzohr.inbox.models import Conversation
from ganzohr.inquiries import actions
from ganzohr.inquiries.models import Inquiry
from tests.inquiries.circle import MONDAY, Circle, asks, state

pytestmark = pytest.mark.django_db


def place_of(inquiry: Inquiry) -> Conversation:
    return Conversation.objects.get(pk=inquiry.conversation_id)


def drafted(circle: Circle) -> Inquiry:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0])
    return inquiry


def test_approving_keeps_the_very_text_and_who_read_it(circle: Circle) -> None:
    inquiry = drafted(circle)
    message = circle.answer(inquiry, "Hallo Lena, ab 75 %.")
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.approved_text, inquiry.approved_by, inquiry.answer) == (
        "approved", "Hallo Lena, ab 75 %.", circle.sophie, message,
    )  # fmt: skip


def test_answered_is_said_by_the_platform_only(circle: Circle) -> None:
    inquiry = drafted(circle)
    message = circle.answer(inquiry)
    before = state(inquiry)
    circle.leaves(message)
    inquiry.refresh_from_db()
    assert (before, inquiry.state, inquiry.answered_at) == ("approved", "answered", MONDAY)


def test_the_expert_is_told_what_was_posted_and_thanked_once(circle: Circle) -> None:
    inquiry = drafted(circle)
    message = circle.answer(inquiry, "Hallo Lena, ab 75 %.")
    circle.leaves(message)
    actions.tell_experts(AnswersDelivered((message.pk,)))
    told = circle.mails_to(circle.karin, "told")
    assert [mail.payload["subject"] for mail in told] == ["Thank you, this is what we answered"]
    assert told[0].payload["text"].count("> Hallo Lena, ab 75 %.") == 1
    inquiry.refresh_from_db()
    assert inquiry.told_at == MONDAY


def test_the_expert_is_thanked_in_their_language_and_form(circle: Circle) -> None:
    inquiry = drafted(circle)
    circle.karin.language, circle.karin.address = "de", "formal"
    circle.karin.save()
    circle.leaves(circle.answer(inquiry))
    text = circle.mails_to(circle.karin, "told")[0].payload["text"]
    assert (text.count("Guten Tag Karin Wöhlert,"), text.count("Danke für Ihre Hilfe.")) == (1, 1)


def test_everybody_who_helped_is_thanked(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.page(asks(inquiry)[0]).send("not_mine", who="Thomas Grünewald")
    circle.reply(asks(inquiry)[0], "Soweit ich weiß: ja.")
    circle.reply(asks(inquiry)[1], "Ja, ab 75 %.")
    circle.leaves(circle.answer(inquiry))
    assert [len(circle.mails_to(who, "told")) for who in (circle.karin, circle.thomas)] == [1, 1]


def test_the_expert_is_thanked_also_when_the_person_wrote_again_meanwhile(circle: Circle) -> None:
    inquiry = drafted(circle)
    message = circle.answer(inquiry)
    circle.write("Und noch etwas?")
    circle.leaves(message)
    subjects = [mail.payload["subject"] for mail in circle.mails_to(circle.karin, "told")]
    assert (state(inquiry), subjects) == ("answered", ["Thank you, this is what we answered"])


def test_an_expert_who_is_still_asked_hears_that_it_is_answered(circle: Circle) -> None:
    inquiry = circle.ask()
    Outgoing.objects.update(state="accepted")
    circle.leaves(circle.answer(inquiry))
    subjects = [mail.payload["subject"] for mail in circle.mails_to(circle.karin, "told")]
    assert (subjects, place_of(inquiry).waits_for) == (["Already answered"], None)
    assert circle.page(asks(inquiry)[0]).html.count("Thank you, this is answered") == 1


def test_an_answer_taken_back_leads_back_to_the_draft(circle: Circle) -> None:
    inquiry = drafted(circle)
    message = circle.answer(inquiry)
    assert inbox.take_back(message, circle.actor) is True
    circle.settle()
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.approved_text, inquiry.answer, circle.mails_to(circle.karin, "told")) == (
        "drafted",
        "",
        None,
        [],
    )


def test_taken_back_while_the_expert_was_asked_they_are_waited_for_again(circle: Circle) -> None:
    inquiry = circle.ask()
    message = circle.answer(inquiry)
    inbox.take_back(message, circle.actor)
    assert (state(inquiry), place_of(inquiry).waits_for) == ("asked", circle.karin)


def test_a_question_deleted_while_its_answer_was_refused_asks_nobody_any_more(circle: Circle) -> None:
    inquiry = circle.ask()
    Outgoing.objects.filter(channel=None).update(state="accepted")
    message = circle.answer(inquiry)
    circle.fails(message)
    Inquiry.objects.update(question="")
    inbox.take_back(message, circle.actor)
    circle.settle()
    subjects = [mail.payload["subject"] for mail in circle.mails_to(circle.karin, "told")]
    found = (state(inquiry), place_of(inquiry).waits_for, subjects)
    assert found == ("withdrawn", None, ["No longer needed"])


def test_a_refused_answer_stays_approved_with_the_reason_and_may_leave_later(circle: Circle) -> None:
    inquiry = drafted(circle)
    message = circle.answer(inquiry)
    circle.fails(message)
    entry = Entry.objects.filter(verb="answer did not leave").get()
    assert (state(inquiry), entry.data["reason"], circle.mails_to(circle.karin, "told")) == ("approved", "gave_up", [])
    circle.leaves(message)
    assert state(inquiry) == "answered"


def test_another_answer_after_a_refused_one_is_the_approved_one(circle: Circle) -> None:
    inquiry = drafted(circle)
    circle.fails(circle.answer(inquiry, "Erste Fassung"))
    second = circle.answer(inquiry, "Zweite Fassung")
    circle.leaves(second)
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.approved_text, inquiry.answer) == ("answered", "Zweite Fassung", second)


def test_a_private_word_to_a_public_comment_answers_its_inquiry(circle: Circle) -> None:
    message = circle.comment()
    circle.understand(message, topic=circle.training)
    inquiry = Inquiry.objects.get()
    answer = circle.answer(inquiry, mode="private")
    assert (answer.conversation_id == inquiry.conversation_id, state(inquiry)) == (False, "approved")


def test_a_gap_answered_by_the_manager_needs_no_expert(circle: Circle) -> None:
    inquiry = circle.ask(topic=circle.salary)
    circle.leaves(circle.answer(inquiry))
    assert (state(inquiry), asks(inquiry)) == ("answered", [])


def test_the_expert_sees_on_the_page_what_went_out(circle: Circle) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    page.send("answer", answer="Ja.")
    circle.leaves(circle.answer(inquiry, "Hallo Lena, ab 75 %."))
    html = page.open().html
    assert (html.count("It has gone out."), html.count("Hallo Lena, ab 75 %.")) == (1, 1)


def test_an_answer_on_the_page_after_the_end_is_thanked_and_kept_as_late(circle: Circle) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    circle.leaves(circle.answer(inquiry))
    assert page.send("answer", answer="Ja, und ab April.") == 303
    words = inquiry.words.get()
    assert (words.is_late, words.text, state(inquiry), page.open().html.count("<h1>Thank you</h1>")) == (
        True, "Ja, und ab April.", "answered", 1,
    )  # fmt: skip


def test_a_draft_knows_the_newest_message_its_expert_saw(circle: Circle) -> None:
    inquiry = circle.ask()
    added = circle.write("Und das Gehalt?")
    circle.understand(added, topic=circle.training)
    circle.page(asks(inquiry)[0]).send("answer", answer="Ja.")
    inquiry.refresh_from_db()
    assert inquiry.knows_message_id == added.pk


def test_a_draft_by_mail_knows_only_the_message_that_was_asked_about(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.write("Und das Gehalt?")
    circle.reply(asks(inquiry)[0])
    before = inquiry.knows_message_id
    inquiry.refresh_from_db()
    assert inquiry.knows_message_id == before


def test_while_an_approved_answer_is_on_its_way_nobody_is_asked_and_nothing_withdrawn(circle: Circle) -> None:
    inquiry = drafted(circle)
    answer = circle.answer(inquiry)
    browser, page = circle.browser(), f"/inbox/{inquiry.conversation_id}/"
    browser.post(f"/inquiries/{inquiry.pk}/colleague/", {"colleague": circle.thomas.pk, "key": "k"})
    told = "An answer is on its way already; nobody was asked."
    assert (browser.get(page).content.decode().count(told), len(asks(inquiry))) == (1, 1)
    browser.post(f"/inquiries/{inquiry.pk}/withdrawal/")
    assert browser.get(page).content.decode().count("This inquiry is settled already.") == 1
    circle.leaves(answer)
    assert state(inquiry) == "answered"


def test_an_answer_that_leaves_after_all_settles_what_was_asked_again_meanwhile(circle: Circle) -> None:
    inquiry = drafted(circle)
    answer = circle.answer(inquiry)
    circle.fails(answer)
    circle.browser().post(f"/inquiries/{inquiry.pk}/colleague/", {"colleague": circle.thomas.pk, "key": "k"})
    assert (state(inquiry), place_of(inquiry).waits_for) == ("asked", circle.thomas)
    circle.leaves(answer)
    assert (state(inquiry), place_of(inquiry).waits_for) == ("answered", None)


def test_whoever_was_never_reached_is_neither_asked_nor_told_afterwards(circle: Circle) -> None:
    inquiry = circle.ask()
    added = circle.write("Und das Gehalt?")
    circle.understand(added, topic=circle.training)
    message = circle.answer(inquiry)
    approved = [mail.kind for mail in circle.mails_to(circle.karin)]
    circle.leaves(message)
    assert (approved, circle.mails_to(circle.karin)) == (["told"], [])


def test_a_question_kept_here_for_an_answer_leaves_after_all_when_it_is_taken_back(circle: Circle) -> None:
    inquiry = circle.ask()
    message = circle.answer(inquiry)
    kept = circle.mails_to(circle.karin)
    inbox.take_back(message, circle.actor)
    assert (kept, [mail.kind for mail in circle.mails_to(circle.karin)]) == ([], ["ask"])


def test_before_it_is_posted_the_expert_reads_only_that_an_answer_is_approved(circle: Circle) -> None:
    message = circle.comment()
    circle.understand(message, topic=circle.training)
    inquiry = Inquiry.objects.get()
    answer = circle.answer(inquiry, "Hallo Lena, ab 75 %.")
    page = circle.page(asks(inquiry)[0])
    seen = ("Thank you, an answer is approved" in page.html, "Hallo Lena, ab 75 %." in page.html)
    circle.leaves(answer)
    html = page.open().html
    assert (seen, "Thank you, this is answered" in html, "Hallo Lena, ab 75 %." in html) == ((True, False), True, True)
