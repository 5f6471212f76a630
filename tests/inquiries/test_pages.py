"""The desk's pages: what waits for whom, who may see it, and what a page costs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from ganzohr.accounts.models import User
from ganzohr.core import times
from ganzohr.directory.models import Colleague, Site
from ganzohr.inbox.models import Conversation, Message
from ganzohr.inquiries import slots
from ganzohr.inquiries.models import Inquiry
from ganzohr.notifications.models import ColleagueMail
from ganzohr.ui.keyset import keyset
from tests.inquiries.circle import MONDAY, QUESTION, Circle, asks

pytestmark = pytest.mark.django_db


def queries(circle: Circle, path: str) -> int:
    browser = circle.browser()
    browser.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)


def person(circle: Circle, number: int, text: str = QUESTION) -> Inquiry:
    """Another person asks."""
    message = circle.write(f"{text} {number}", sender_id=f"p{number}@web.example", thread_key=f"p{number}")
    circle.understand(message, topic=circle.training)
    return Inquiry.objects.get(message=message)


def test_the_overview_shows_what_is_due_first_and_whom_it_waits_for(circle: Circle) -> None:
    first, second = person(circle, 1), person(circle, 2)
    Inquiry.objects.filter(pk=second.pk).update(due_at=MONDAY + dt.timedelta(minutes=5))
    html = circle.browser().get("/inquiries/").content.decode()
    assert html.index(second.question) < html.index(first.question)
    assert (html.count("<strong>Karin Wöhlert</strong>"), html.count("2 questions wait for colleagues.")) == (2, 1)


def test_the_overview_is_filtered_by_colleague_topic_and_what_is_late(circle: Circle) -> None:
    first, second = person(circle, 1), person(circle, 2)
    Inquiry.objects.filter(pk=second.pk).update(colleague=circle.thomas, due_at=MONDAY - dt.timedelta(minutes=5))
    browser = circle.browser()

    def shown(query: str) -> list[str]:
        html = browser.get(f"/inquiries/?view=waiting&{query}").content.decode()
        return [row.question for row in (first, second) if row.question in html]

    assert shown("") == [first.question, second.question]
    assert shown(f"colleague={circle.karin.pk}") == [first.question]
    assert shown("late=yes") == [second.question]
    assert shown(f"topic={circle.training.pk}&colleague={circle.thomas.pk}") == [second.question]
    assert shown(f"topic={circle.salary.pk}") == []
    assert shown("colleague=none&topic='") == [first.question, second.question]


def test_each_view_holds_its_states(circle: Circle) -> None:
    waiting, drafted, answered = person(circle, 1), person(circle, 2), person(circle, 3)
    circle.reply(asks(drafted)[0])
    circle.leaves(circle.answer(answered))
    browser = circle.browser()
    pages = {view: browser.get(f"/inquiries/?view={view}").content.decode() for view in ("waiting", "ours", "settled")}
    found = {
        view: [row.pk for row in (waiting, drafted, answered) if row.question in html] for view, html in pages.items()
    }
    assert found == {"waiting": [waiting.pk], "ours": [drafted.pk], "settled": [answered.pk]}


def test_no_match_differs_from_nothing_here_yet(circle: Circle) -> None:
    browser = circle.browser()
    empty = browser.get("/inquiries/").content.decode()
    no_match = browser.get(f"/inquiries/?colleague={circle.karin.pk}").content.decode()
    assert [(html.count("Nobody is being asked."), html.count("No inquiry fits.")) for html in (empty, no_match)] == [
        (1, 0), (0, 1),
    ]  # fmt: skip


def test_everything_can_be_reached_by_load_more(circle: Circle) -> None:
    for number in range(5):
        person(circle, number)
    from ganzohr.inquiries import lists

    found, after = [], ""
    while True:
        piece = keyset(lists.found(circle.sophie.user, {"view": "waiting"}), lists.order("waiting"), after, 2)  # type: ignore[arg-type]
        found += [row.pk for row in piece.rows]
        after = piece.after
        if not after:
            break
    assert sorted(found) == sorted(Inquiry.objects.values_list("pk", flat=True))


def test_the_overview_costs_the_same_however_many_rows(circle: Circle) -> None:
    person(circle, 0)
    few = queries(circle, "/inquiries/")
    for number in range(1, 8):
        person(circle, number)
    many = queries(circle, "/inquiries/")
    assert (few, many <= 15) == (many, True)


def test_the_page_of_mails_costs_the_same_however_many(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0], "Eins", headers={"tokens": []})
    few = queries(circle, "/colleague-mails/")
    for number in range(6):
        circle.reply(asks(inquiry)[0], f"Mail {number}", headers={"tokens": []})
    many = queries(circle, "/colleague-mails/")
    assert (few, many <= 15) == (many, True)


def test_the_parts_of_a_conversation_cost_one_question_to_the_database(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.page(asks(inquiry)[0]).send("ask_back", question="Wo?")
    circle.reply(asks(inquiry)[0])
    circle.reply(asks(inquiry)[0], "Noch etwas.")
    request = RequestFactory().get("/")
    assert circle.sophie.user
    request.user = User.objects.get(pk=circle.sophie.user.pk)
    place = Conversation.objects.select_related("channel", "contact", "topic", "site", "public_post").get()
    with CaptureQueriesContext(connection) as seen:
        parts = [part(request, place) for part in (slots.context, slots.draft, slots.triage, slots.events)]
    assert (len(seen), [bool(part) for part in parts]) == (1, [True, True, True, True])


def test_the_ask_tab_proposes_the_expert_and_says_why(circle: Circle) -> None:
    message = circle.write()
    Conversation.objects.update(topic=circle.training)
    html = circle.browser().get(f"/inbox/{message.conversation_id}/?mode=ask").content.decode()
    chosen = f'<option value="{circle.karin.pk}" selected>Karin Wöhlert</option>'
    assert (
        html.count(chosen),
        html.count("Karin Wöhlert answers “Training”."),
        html.count(f"{QUESTION}</textarea>"),
    ) == (1, 1, 1)


def test_triage_says_whom_each_press_would_ask(circle: Circle) -> None:
    message = circle.write()
    circle.understand(message, choices=[circle.training, circle.salary])
    html = circle.browser().get(f"/inbox/{message.conversation_id}/").content.decode()
    assert (html.count("asks Karin Wöhlert"), html.count("nobody to ask yet")) == (1, 1)


def test_what_sends_people_on_is_marked_in_the_draft(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0], "Ja, geht. Rufen Sie bitte im Sekretariat an. Start ist im April.")
    html = circle.browser().get(f"/inbox/{inquiry.conversation_id}/").content.decode()
    assert html.count('<mark class="sends">Rufen Sie bitte im Sekretariat an.</mark>') == 1


def test_words_of_an_expert_cannot_become_markup(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.page(asks(inquiry)[0]).send("answer", answer="<img src=x onerror=alert(1)> Ja")
    html = circle.browser().get(f"/inbox/{inquiry.conversation_id}/").content.decode()
    assert (html.count("<img src=x"), circle.page(asks(inquiry)[0]).html.count("<img src=x")) == (0, 0)


def test_who_is_limited_to_another_site_sees_neither_inquiries_nor_mails(circle: Circle) -> None:
    Colleague.objects.filter(pk=circle.karin.pk).update(site=circle.site)
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0], "Zu neulich", headers={"tokens": []})
    browser = circle.browser("admin")
    admin = User.objects.get(email="admin@auental.example")
    own, _made = Colleague.objects.get_or_create(user=admin, defaults={"name": "Admin", "email": admin.email})
    own.limited_to.add(Site.objects.create(name="Elsewhere"))
    pages = [browser.get(path).content.decode() for path in ("/inquiries/", "/colleague-mails/")]
    assert [QUESTION in pages[0], "Zu neulich" in pages[1]] == [False, False]
    posts = [f"/inquiries/{inquiry.pk}/withdrawal/", f"/colleague-mails/{ColleagueMail.objects.get().pk}/seen/"]
    assert [browser.post(path).status_code for path in posts] == [404, 404]


def test_a_lead_reads_and_does_not_ask(circle: Circle) -> None:
    inquiry = circle.ask()
    browser = circle.browser("lead")
    assert browser.get("/inquiries/").status_code == 200
    data = {"colleague": circle.thomas.pk, "question": "?", "key": "k"}
    assert browser.post(f"/inquiries/conversation/{inquiry.conversation_id}/", data).status_code == 403


def test_the_mail_can_be_sent_again_once_per_press(circle: Circle) -> None:
    inquiry = circle.ask()
    browser = circle.browser()
    with times.frozen(MONDAY + dt.timedelta(hours=1)):
        statuses = [browser.post(f"/inquiries/{inquiry.pk}/mail/", {"key": key}).status_code for key in ("a", "a", "b")]
    assert (statuses, len(circle.mails_to(circle.karin, "ask"))) == ([303, 303, 303], 3)


def test_who_was_asked_stands_in_the_thread_before_what_came_later(circle: Circle) -> None:
    inquiry = circle.ask()
    with times.frozen(MONDAY + dt.timedelta(hours=1)):
        circle.leaves(circle.answer(inquiry, "Hallo Lena, ab 75 %."))
        seen = circle.browser().get(f"/inbox/{inquiry.conversation_id}/").content.decode()
    thread = seen[seen.index('class="bubbles"') :]
    found = [thread.index(words) for words in (QUESTION, 'class="event"', "Hallo Lena, ab 75 %.")]
    assert found == sorted(found)


def test_a_question_edited_after_the_expert_was_asked_is_marked(circle: Circle) -> None:
    inquiry = circle.ask()
    words = "The question was edited after Karin was asked."
    assert inquiry.message
    assert words not in circle.browser().get(f"/inbox/{inquiry.conversation_id}/").content.decode()
    Message.objects.filter(pk=inquiry.message.pk).update(edited_at=times.now() + dt.timedelta(minutes=1))
    assert words in circle.browser().get(f"/inbox/{inquiry.conversation_id}/").content.decode()
