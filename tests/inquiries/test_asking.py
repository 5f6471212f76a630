"""A question finds the colleague who knows."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from ganzohr.audit.models import Entry
from ganzohr.channels.models import Outgoing
from ganzohr.core import times
from ganzohr.directory.models import Absence, Colleague
from ganzohr.inbox import actions as inbox
from ganzohr.inbox.events import MessagesUnderstood
from ganzohr.inbox.models import Conversation
from ganzohr.inquiries import actions
from ganzohr.inquiries.models import Inquiry
from ganzohr.notifications.models import Letter
from ganzohr.topics.models import Responsibility, Topic
from tests.inquiries.circle import ANSWER, MONDAY, QUESTION, Circle, asks, said, state

pytestmark = pytest.mark.django_db
TODAY = MONDAY.date()


def conversation_of(inquiry: Inquiry) -> Conversation:
    return Conversation.objects.get(pk=inquiry.conversation_id)


def test_a_sure_question_asks_its_expert_by_one_mail(circle: Circle) -> None:
    inquiry = circle.ask()
    place = conversation_of(inquiry)
    assert (inquiry.state, inquiry.colleague, inquiry.why["codes"]) == ("asked", circle.karin, ["topic"])
    assert (place.waits_for, place.waits_until) == (circle.karin, inquiry.due_at)
    assert [mail.kind for mail in circle.mails_to(circle.karin)] == ["ask"]


def test_two_questions_on_one_topic_are_two_threads_in_the_experts_mailbox(circle: Circle) -> None:
    circle.ask("Is part-time possible?")
    circle.understand(
        circle.write(
            "Which school leaving certificate do I need for the three years of it?", sender_id="ida@web.example",
            thread_key="ida",
        ),
        topic=circle.training,
    )  # fmt: skip
    assert [mail.payload["subject"] for mail in circle.mails_to(circle.karin, "ask")] == [
        "Can you answer this? “Is part-time possible?”",
        "Can you answer this? “Which school leaving certificate do I need for the three …”",
    ]


def test_the_mail_holds_the_question_and_the_first_name_and_nothing_else_of_the_person(circle: Circle) -> None:
    circle.ask()
    text = circle.mails_to(circle.karin)[0].payload["text"]
    assert (text.count(f"> {QUESTION}"), text.count("Lena asks via Mail:")) == (1, 1)
    assert (text.count("Hoffmeister"), text.count("lena@web.example")) == (0, 0)


def test_the_same_event_told_twice_asks_once(circle: Circle) -> None:
    inquiry = circle.ask()
    actions.understood(MessagesUnderstood((inquiry.message_id or 0,)))
    assert (Inquiry.objects.count(), Outgoing.objects.count()) == (1, 1)


def test_words_that_ask_nobody_cost_the_same_however_many(
    circle: Circle, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [circle.write("Danke!", sender_id=f"{n}@web.example", thread_key=str(n)) for n in range(4)]
    for message in people:
        circle.understand(message, kind="praise")
    with django_assert_num_queries(2):
        actions.understood(MessagesUnderstood(tuple(message.pk for message in people)))


@pytest.mark.parametrize("kind", ["praise", "complaint", "story", "nonsense", "reaction", "other"])
def test_what_is_no_question_asks_nobody(circle: Circle, kind: str) -> None:
    circle.understand(circle.write(), topic=circle.training, kind=kind)
    assert (Inquiry.objects.count(), circle.mails_to(circle.karin)) == (0, [])


def test_an_unsure_question_stays_with_the_manager(circle: Circle) -> None:
    circle.understand(circle.write(), choices=[circle.training, circle.salary])
    assert Inquiry.objects.count() == 0


def test_one_press_sets_the_topic_and_asks(circle: Circle) -> None:
    message = circle.write()
    circle.understand(message, choices=[circle.salary, circle.training])
    answer = circle.browser().post(
        f"/inquiries/conversation/{message.conversation_id}/topic/", {"topic": circle.training.pk}
    )
    place = Conversation.objects.get(pk=message.conversation_id)
    inquiry = Inquiry.objects.get()
    assert (answer.status_code, place.topic, place.topic_is_sure) == (303, circle.training, True)
    assert (inquiry.state, inquiry.colleague, inquiry.question) == ("asked", circle.karin, QUESTION)


def test_pressing_twice_asks_once(circle: Circle) -> None:
    message = circle.write()
    circle.understand(message, choices=[circle.training])
    browser, path = circle.browser(), f"/inquiries/conversation/{message.conversation_id}/topic/"
    for _ in range(2):
        browser.post(path, {"topic": circle.training.pk})
    inquiry = Inquiry.objects.get()
    assert (inquiry.state, len(circle.mails_to(circle.karin)), len(asks(inquiry))) == ("asked", 1, 1)


def test_a_topic_nobody_answers_is_a_gap_that_is_shown(circle: Circle) -> None:
    inquiry = circle.ask(topic=circle.salary)
    assert (inquiry.state, inquiry.colleague, inquiry.why["codes"]) == ("new", None, ["nobody"])
    page = circle.browser().get("/inquiries/?view=ours").content.decode()
    assert (page.count("Nobody yet"), page.count(QUESTION)) == (1, 1)


def test_questions_that_found_nobody_are_asked_from_the_topics_page_once_somebody_answers(circle: Circle) -> None:
    inquiry, browser = circle.ask(topic=circle.salary), circle.browser()
    topic = reverse("topics:topic", args=[circle.salary.pk])
    ask = reverse("inquiries:waiting", args=[circle.salary.pk])
    before = browser.get(topic).content.decode()
    assert ("1 question of this topic waits for somebody." in before, f'action="{ask}"' in before) == (True, False)
    Topic.objects.filter(pk=circle.salary.pk).update(responsible=circle.thomas)
    assert "Now there is somebody to ask: Thomas Grünewald." in browser.get(topic).content.decode()
    browser.post(ask)
    browser.post(ask)
    assert (state(inquiry), len(circle.mails_to(circle.thomas))) == ("asked", 1)
    assert "waits for somebody" not in browser.get(topic).content.decode()


def test_a_conversation_that_found_nobody_offers_whoever_answers_by_now(circle: Circle) -> None:
    inquiry, browser = circle.ask(topic=circle.salary), circle.browser()
    page, ask = (
        reverse("inbox:conversation", args=[inquiry.conversation_id]),
        reverse("inquiries:now", args=[inquiry.pk]),
    )
    assert f'action="{ask}"' not in browser.get(page).content.decode()
    Topic.objects.filter(pk=circle.salary.pk).update(responsible=circle.thomas)
    assert "Ask Thomas Grünewald now" in browser.get(page).content.decode()
    browser.post(ask)
    assert (state(inquiry), len(circle.mails_to(circle.thomas))) == ("asked", 1)


def test_the_deputy_is_asked_for_an_expert_who_is_away_and_the_reason_says_so(circle: Circle) -> None:
    Absence.objects.create(colleague=circle.karin, from_on=TODAY, until_on=TODAY + dt.timedelta(days=4))
    inquiry = circle.ask()
    assert (inquiry.colleague, inquiry.why["deputy_of"], inquiry.why["until"]) == (
        circle.thomas,
        "Karin Wöhlert",
        "2026-11-27",
    )


def test_the_colleague_of_the_site_is_asked_where_there_is_one(circle: Circle) -> None:
    ida = Colleague.objects.create(name="Ida Nord", email="ida@auental.example")
    Responsibility.objects.create(topic=circle.training, site=circle.site, colleague=ida)
    inquiry = circle.ask()
    assert (inquiry.colleague, inquiry.why["codes"], inquiry.why["site"]) == (ida, ["site"], "Auental")


def test_the_same_person_gets_the_expert_who_answered_last_time(circle: Circle) -> None:
    first = circle.ask()
    circle.reply(asks(first)[0])
    circle.leaves(circle.answer(first))
    circle.training.responsible = circle.thomas
    circle.training.save()
    second = circle.ask("Und wann geht es los?")
    assert (second.pk == first.pk, second.colleague, second.why["codes"]) == (False, circle.karin, ["same"])


def test_somebody_else_gets_the_expert_of_the_topic(circle: Circle) -> None:
    first = circle.ask()
    circle.reply(asks(first)[0])
    circle.leaves(circle.answer(first))
    circle.training.responsible = circle.thomas
    circle.training.save()
    message = circle.write(sender_id="mira@web.example", sender_name="Mira", thread_key="mira")
    circle.understand(message, topic=circle.training)
    assert Inquiry.objects.get(conversation_id=message.conversation_id).colleague == circle.thomas


def test_the_manager_asks_by_hand_with_words_of_their_own(circle: Circle) -> None:
    message = circle.write()
    circle.understand(message)
    data = {"colleague": circle.thomas.pk, "question": "Ist Teilzeit möglich?", "key": "one"}
    browser, path = circle.browser(), f"/inquiries/conversation/{message.conversation_id}/"
    assert [browser.post(path, data).status_code for _ in range(2)] == [303, 303]
    inquiry = Inquiry.objects.get()
    assert (inquiry.state, inquiry.colleague, inquiry.question) == ("asked", circle.thomas, "Ist Teilzeit möglich?")
    assert (inquiry.why["codes"], inquiry.asked_by, len(circle.mails_to(circle.thomas))) == (
        ["chosen"],
        circle.sophie,
        1,
    )


def test_an_empty_question_asks_nobody(circle: Circle) -> None:
    message = circle.write()
    circle.understand(message)
    data = {"colleague": circle.thomas.pk, "question": "  ", "key": "one"}
    circle.browser().post(f"/inquiries/conversation/{message.conversation_id}/", data)
    assert Inquiry.objects.count() == 0


def test_asking_somebody_else_closes_the_first_link(circle: Circle) -> None:
    inquiry = circle.ask()
    data = {"colleague": circle.thomas.pk, "question": QUESTION, "key": "other"}
    circle.browser().post(f"/inquiries/conversation/{inquiry.conversation_id}/", data)
    first, second = asks(inquiry)
    assert (first.revoked_at, second.revoked_at, second.colleague) == (MONDAY, None, circle.thomas)
    assert conversation_of(inquiry).waits_for == circle.thomas
    assert (circle.page(first).seen.status_code, circle.page(second).seen.status_code) == (410, 200)


def test_what_the_person_adds_is_told_to_the_expert_once_and_shown_on_the_page(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.understand(circle.write("Und bekomme ich dann weniger Geld?"), topic=circle.training)
    told = circle.mails_to(circle.karin, "told")
    assert len(told) == 1
    assert told[0].payload["text"].count("> Und bekomme ich dann weniger Geld?") == 1
    assert told[0].payload["text"].count("/ask/") == 1
    assert circle.page(asks(inquiry)[0]).html.count("Und bekomme ich dann weniger Geld?") == 1


def test_thanks_of_the_person_are_not_told_to_the_expert(circle: Circle) -> None:
    circle.ask()
    circle.understand(circle.write("Danke euch"), topic=circle.training, kind="praise")
    assert circle.mails_to(circle.karin, "told") == []


def test_withdrawing_closes_the_link_and_tells_who_was_asked_if_the_mail_had_left(circle: Circle) -> None:
    inquiry = circle.ask()
    Outgoing.objects.update(state="accepted")
    path = f"/inquiries/{inquiry.pk}/withdrawal/"
    browser = circle.browser()
    assert [browser.post(path).status_code for _ in range(2)] == [303, 303]
    assert (state(inquiry), conversation_of(inquiry).waits_for) == ("withdrawn", None)
    assert [mail.payload["subject"] for mail in circle.mails_to(circle.karin, "told")] == ["No longer needed"]
    assert circle.page(asks(inquiry)[0]).seen.status_code == 410
    told = Letter.objects.get(outgoing__kind="told")
    assert told.outgoing
    assert (told.ask, told.outgoing.payload["text"].count("/ask/")) == (asks(inquiry)[0], 0)


def test_withdrawing_before_the_mail_left_stops_the_mail_and_what_came_on_top(circle: Circle) -> None:
    inquiry = circle.ask()
    added = circle.write("Und das Gehalt?")
    circle.understand(added, topic=circle.training)
    circle.browser().post(f"/inquiries/{inquiry.pk}/withdrawal/")
    states = set(Outgoing.objects.values_list("state", flat=True))
    assert (circle.mails_to(circle.karin), states) == ([], {"taken_back"})


def test_closing_the_conversation_withdraws_what_still_runs(circle: Circle) -> None:
    inquiry = circle.ask()
    inbox.close(conversation_of(inquiry), "no_answer_needed", circle.actor)
    with times.frozen(MONDAY + dt.timedelta(minutes=2)):
        assert (actions.withdraw_closed(), actions.withdraw_closed(), state(inquiry)) == (1, 0, "withdrawn")


def test_closing_by_mistake_and_undoing_it_lets_the_expert_go_on(circle: Circle) -> None:
    inquiry = circle.ask()
    inbox.close(conversation_of(inquiry), "no_answer_needed", circle.actor)
    circle.settle()
    assert (actions.withdraw_closed(), state(inquiry)) == (0, "asked")
    inbox.reopen(conversation_of(inquiry), circle.actor)
    with times.frozen(MONDAY + dt.timedelta(minutes=2)):
        assert (actions.withdraw_closed(), state(inquiry)) == (0, "asked")


def test_a_new_question_after_an_answer_is_a_new_inquiry(circle: Circle) -> None:
    first = circle.ask()
    circle.reply(asks(first)[0], ANSWER)
    circle.leaves(circle.answer(first))
    second = circle.ask("Wie hoch ist das Gehalt?", topic=circle.salary)
    assert (state(first), second.state, second.conversation_id) == ("answered", "new", first.conversation_id)


def test_every_step_stands_in_the_trail(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0])
    circle.leaves(circle.answer(inquiry))
    rows = Entry.objects.filter(object_kind="inquiries.inquiry").order_by("id").values_list("actor_kind", "verb")
    assert list(rows) == [
        ("round", "began an inquiry"),
        ("round", "moved to asked"),
        ("colleague_mail", "moved to drafted"),
        ("user", "moved to approved"),
        ("round", "moved to answered"),
    ]
    held = [value for row in Entry.objects.values_list("data", flat=True) for value in row.values()]
    assert [value for value in held if isinstance(value, str) and ("Teilzeit" in value or "Lena" in value)] == []


def test_nobody_said_anything_yet(circle: Circle) -> None:
    assert said(circle.ask()) == []
