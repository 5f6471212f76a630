"""What colleagues say, by mail and by page, and what becomes of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from ganzohr.channels.models import Outgoing
from ganzohr.core import times
from ganzohr.directory.models import Absence, Colleague
from ganzohr.inbox.models import Conversation, Draft, Message
from ganzohr.inquiries import actions
from ganzohr.inquiries.models import ExpertWords, Inquiry
from ganzohr.notifications.models import AskFile, ColleagueMail
from tests.inquiries.circle import ANSWER, MONDAY, QUESTION, Circle, asks, said, state

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 ..."


def place_of(inquiry: Inquiry) -> Conversation:
    return Conversation.objects.get(pk=inquiry.conversation_id)


def box_of(inquiry: Inquiry) -> list[str]:
    return list(Draft.objects.filter(conversation=inquiry.conversation_id, mode="reply").values_list("text", flat=True))


# ── by mail ──


def test_a_reply_becomes_the_draft_and_no_message_of_a_candidate(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0])
    assert (state(inquiry), said(inquiry), box_of(inquiry)) == (
        "drafted",
        [("answer", "Karin Wöhlert", ANSWER)],
        [ANSWER],
    )
    assert (Message.objects.count(), place_of(inquiry).waits_for) == (1, None)


def test_a_reply_without_plus_address_finds_its_ask_by_the_thread(circle: Circle) -> None:
    inquiry = circle.ask()
    ask = asks(inquiry)[0]
    circle.reply(ask, headers={"tokens": [], "in_reply_to": ask.message_id})
    assert (state(inquiry), len(said(inquiry))) == ("drafted", 1)


def test_a_reply_from_another_address_becomes_a_draft_that_says_so(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0], sender="karin@web.example")
    words = ExpertWords.objects.get()
    assert (state(inquiry), words.is_from_other_address, words.colleague) == ("drafted", True, circle.karin)


def test_an_automatic_reply_becomes_no_draft_and_offers_the_deputy(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0], "Ich bin im Urlaub.", is_automatic=True)
    assert (state(inquiry), said(inquiry), box_of(inquiry)) == ("asked", [], [])
    page = circle.browser().get(f"/inbox/{inquiry.conversation_id}/").content.decode()
    assert (page.count("Ich bin im Urlaub."), page.count("Ask Thomas Grünewald instead")) == (1, 1)


def test_one_press_asks_the_deputy_instead(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0], "Ich bin im Urlaub.", is_automatic=True)
    data = {"colleague": circle.thomas.pk, "key": "k"}
    browser = circle.browser()
    assert [browser.post(f"/inquiries/{inquiry.pk}/colleague/", data).status_code for _ in range(2)] == [303, 303]
    assert [(ask.colleague, ask.revoked_at) for ask in asks(inquiry)] == [(circle.karin, MONDAY), (circle.thomas, None)]


def test_a_mail_that_came_back_is_shown_and_offers_the_deputy(circle: Circle) -> None:
    inquiry = circle.ask()
    ask = asks(inquiry)[0]
    headers = {"tokens": [], "bounce_of": ask.message_id}
    circle.reply(
        ask, "User unknown", sender="mailer-daemon@mx.example", is_bounce=True, is_automatic=True, headers=headers
    )
    page = circle.browser().get(f"/inbox/{inquiry.conversation_id}/").content.decode()
    shown = (page.count("The mail did not reach Karin Wöhlert."), page.count("Ask Thomas Grünewald instead"))
    assert (state(inquiry), said(inquiry), shown) == ("asked", [], (1, 1))


def test_a_mail_the_server_refused_is_shown_and_offers_the_deputy(circle: Circle) -> None:
    inquiry = circle.ask()
    Outgoing.objects.update(state="refused")
    page = circle.browser().get(f"/inbox/{inquiry.conversation_id}/").content.decode()
    assert (page.count("The mail did not reach Karin Wöhlert."), page.count("Ask Thomas Grünewald instead")) == (1, 1)


def test_a_reply_without_words_becomes_no_draft(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0], "  ")
    assert (state(inquiry), said(inquiry)) == ("asked", [])


def test_a_second_reply_is_a_newer_version_and_both_are_shown(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0], "Ja.")
    circle.reply(asks(inquiry)[0], "Doch erst ab 75 %.")
    assert [words for _what, _who, words in said(inquiry)] == ["Ja.", "Doch erst ab 75 %."]
    page = circle.browser().get(f"/inbox/{inquiry.conversation_id}/").content.decode()
    assert (page.count("1 earlier version"), state(inquiry)) == (1, "drafted")


def test_a_reply_after_it_was_answered_is_kept_and_shown_and_changes_nothing(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.leaves(circle.answer(inquiry))
    circle.reply(asks(inquiry)[0])
    assert (state(inquiry), ExpertWords.objects.get().is_late, box_of(inquiry)) == ("answered", True, [])
    page = circle.browser().get(f"/inbox/{inquiry.conversation_id}/").content.decode()
    assert page.count("late answer from Karin Wöhlert") == 1


def test_a_reply_to_a_withdrawn_inquiry_is_kept_as_late(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.browser().post(f"/inquiries/{inquiry.pk}/withdrawal/")
    circle.reply(asks(inquiry)[0])
    assert (state(inquiry), ExpertWords.objects.get().is_late) == ("withdrawn", True)


def test_a_reply_after_the_link_ran_out_still_becomes_the_draft(circle: Circle) -> None:
    inquiry = circle.ask()
    with times.frozen(asks(inquiry)[0].expires_at + dt.timedelta(days=1)):
        circle.reply(asks(inquiry)[0])
    assert state(inquiry) == "drafted"


def test_a_reply_of_who_handed_on_is_kept_and_the_other_still_asked(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.page(asks(inquiry)[0]).send("not_mine", who="Thomas Grünewald")
    circle.reply(asks(inquiry)[0], ANSWER)
    assert (state(inquiry), said(inquiry)[-1]) == ("asked", ("answer", "Karin Wöhlert", ANSWER))


def test_a_reply_behind_a_closed_link_counts_when_nobody_else_is_asked(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.page(asks(inquiry)[0]).send("not_mine", who="")
    circle.reply(asks(inquiry)[0], ANSWER)
    assert (state(inquiry), box_of(inquiry)) == ("drafted", [ANSWER])


def test_words_in_the_box_are_not_overwritten_by_a_draft(circle: Circle) -> None:
    inquiry = circle.ask()
    Draft.objects.create(conversation_id=inquiry.conversation_id, mode="reply", text="Meine Worte", saved_at=MONDAY)
    circle.reply(asks(inquiry)[0])
    assert box_of(inquiry) == ["Meine Worte"]


def test_a_file_that_came_by_mail_can_be_downloaded_and_runs_nowhere(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0], files=[("plan.pdf", PDF)])
    answer = circle.browser().get(f"/inquiries/files/{AskFile.objects.get().pk}/")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, PDF)  # type: ignore[attr-defined]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def ask_thomas(circle: Circle, inquiry: Inquiry) -> None:
    actions.ask_by_hand(place_of(inquiry), circle.thomas, QUESTION, circle.actor, circle.sophie, key="thomas")
    circle.settle()


def test_a_reply_of_whom_we_no_longer_ask_is_kept_as_late_and_becomes_no_draft(circle: Circle) -> None:
    inquiry = circle.ask()
    karins = asks(inquiry)[0]
    ask_thomas(circle, inquiry)
    circle.reply(karins, "Alte Antwort von Karin.")
    late = ExpertWords.objects.get()
    assert (state(inquiry), place_of(inquiry).waits_for, box_of(inquiry)) == ("asked", circle.thomas, [])
    assert (late.is_late, late.text) == (True, "Alte Antwort von Karin.")
    page = circle.browser().get(f"/inbox/{inquiry.conversation_id}/").content.decode()
    assert "came after somebody else was asked" in page


def test_the_draft_of_whom_we_ask_stands_before_a_late_reply_of_somebody_else(circle: Circle) -> None:
    inquiry = circle.ask()
    karins = asks(inquiry)[0]
    ask_thomas(circle, inquiry)
    circle.reply(asks(inquiry)[1], "Antwort von Thomas.")
    circle.reply(karins, "Alte Antwort von Karin.")
    page = circle.browser().get(f"/inbox/{inquiry.conversation_id}/").content.decode()
    assert (state(inquiry), box_of(inquiry)) == ("drafted", ["Antwort von Thomas."])
    assert page.index("Draft from Thomas") < page.index("Alte Antwort von Karin.")


# ── by page ──


def test_an_answer_on_the_page_becomes_the_draft_and_thanks(circle: Circle) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    with times.frozen(MONDAY + dt.timedelta(minutes=6)):
        assert page.send("answer", answer=ANSWER) == 303
    words = ExpertWords.objects.get()
    assert (state(inquiry), box_of(inquiry), words.via, words.minutes) == ("drafted", [ANSWER], "page", 6)
    assert page.open().html.count("<h1>Thank you</h1>") == 1


def test_a_mail_scanner_that_opens_the_page_changes_nothing(circle: Circle) -> None:
    inquiry = circle.ask()
    ask = asks(inquiry)[0]
    before = list(Inquiry.objects.values())
    page = circle.page(ask)
    assert page.client.head(page.path).status_code == 200
    assert (list(Inquiry.objects.values()), said(inquiry), dict(page.client.cookies)) == (before, [], {})


def test_a_double_submit_is_one_answer(circle: Circle) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    assert [page.send("answer", answer=ANSWER) for _ in range(2)] == [303, 303]
    assert said(inquiry) == [("answer", "Karin Wöhlert", ANSWER)]


def test_the_form_of_another_ask_is_refused_and_the_words_come_back(circle: Circle) -> None:
    inquiry = circle.ask()
    message = circle.write("Und das Gehalt?", sender_id="mira@web.example", thread_key="mira")
    circle.understand(message, topic=circle.training)
    other = Inquiry.objects.exclude(pk=inquiry.pk).get()
    page, foreign = circle.page(asks(inquiry)[0]), circle.page(asks(other)[0])
    answer = page.client.post(page.path, {"form": foreign.form, "do": "answer", "answer": "Ja, sehr gern."})
    assert (answer.status_code, answer.content.decode().count("Ja, sehr gern."), said(inquiry), said(other)) == (
        403,
        1,
        [],
        [],
    )


def test_a_correction_is_a_newer_version_until_it_is_approved(circle: Circle) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    page.send("answer", answer="Ja.")
    assert page.open().html.count("Correct or add to my answer") == 1
    page.send("answer", answer="Ja, ab 75 %.")
    assert [words for _what, _who, words in said(inquiry)] == ["Ja.", "Ja, ab 75 %."]
    circle.answer(inquiry)
    assert page.open().html.count("Correct or add to my answer") == 0


def test_an_empty_answer_is_asked_for_again_and_files_alone_are_enough(circle: Circle) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    assert (page.send("answer", answer=" "), said(inquiry)) == (422, [])
    plan = SimpleUploadedFile("plan.pdf", PDF)
    assert page.send("answer", answer="", files=plan) == 303
    assert list(AskFile.objects.values_list("ask", "name")) == [(asks(inquiry)[0].pk, "plan.pdf")]


def test_what_was_typed_is_there_again_after_a_refusal_and_a_reload(circle: Circle) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    program = SimpleUploadedFile("rate.exe", b"MZ\x90\x00" + b"\x00" * 200)
    page.send("answer", answer="Ja, ab 75 %.", files=program)
    shown = [page.open().html]
    page.send("answer", answer="")  # a browser's reload sends its old, empty form once more
    shown.append(page.answered.content.decode())
    assert [">Ja, ab 75 %.</textarea>" in html for html in shown] == [True, True]


def test_a_program_is_not_taken_as_a_file_and_the_words_stay(circle: Circle) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    program = SimpleUploadedFile("plan.pdf", b"MZ\x90\x00" + b"\0" * 64)
    assert page.send("answer", answer=ANSWER, files=program) == 422
    assert (page.answered.content.decode().count(ANSWER), said(inquiry), AskFile.objects.count()) == (1, [], 0)


def test_an_answer_whose_files_cannot_be_stored_is_not_taken_and_can_be_sent_again(
    circle: Circle, settings: Settings, tmp_path: Path
) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    settings.MEDIA_ROOT = tmp_path / "full"
    (tmp_path / "full").touch()
    assert page.send("answer", answer=ANSWER, files=SimpleUploadedFile("plan.pdf", PDF)) == 422
    shown = page.answered.content.decode()
    assert (shown.count(ANSWER), "could not be kept just now" in shown, state(inquiry), said(inquiry)) == (
        1, True, "asked", [],
    )  # fmt: skip
    settings.MEDIA_ROOT = tmp_path / "room"
    assert page.send("answer", answer=ANSWER, files=SimpleUploadedFile("plan.pdf", PDF)) == 303
    assert (state(inquiry), list(AskFile.objects.values_list("name", flat=True))) == ("drafted", ["plan.pdf"])


def test_what_is_typed_is_kept_on_the_server_and_comes_back(circle: Circle) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    assert page.send("draft", answer="Ja, geh") == 200
    assert (page.answered.content.decode(), page.open().html.count("Ja, geh</textarea>"), said(inquiry)) == (
        "Saved at 10:00", 1, [],
    )  # fmt: skip


def test_asking_back_is_our_turn_and_our_reply_is_the_experts(circle: Circle) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    assert page.send("ask_back", question="Welcher Standort?") == 303
    assert (state(inquiry), place_of(inquiry).waits_for) == ("asked_back", None)
    browser, data = circle.browser(), {"text": "Auental.", "key": "one"}
    assert [browser.post(f"/inquiries/{inquiry.pk}/reply/", data).status_code for _ in range(2)] == [303, 303]
    assert (state(inquiry), place_of(inquiry).waits_for) == ("asked", circle.karin)
    assert said(inquiry) == [("ask_back", "Karin Wöhlert", "Welcher Standort?"), ("reply", "Sophie Brandt", "Auental.")]
    told = circle.mails_to(circle.karin, "told")
    assert [(mail.payload["text"].count("> Auental."), mail.payload["text"].count(page.path)) for mail in told] == [
        (1, 1)
    ]
    assert (page.open().html.count("Auental."), page.send("answer", answer=ANSWER), state(inquiry)) == (
        1,
        303,
        "drafted",
    )


def test_a_question_back_needs_words(circle: Circle) -> None:
    inquiry = circle.ask()
    assert (circle.page(asks(inquiry)[0]).send("ask_back", question=""), state(inquiry)) == (422, "asked")


@pytest.mark.parametrize("who", ["Thomas Grünewald", "thomas@auental.example", "grünewald", " THOMAS GRÜNEWALD. "])
def test_not_mine_with_a_colleague_we_know_asks_them_at_once(circle: Circle, who: str) -> None:
    inquiry = circle.ask()
    assert circle.page(asks(inquiry)[0]).send("not_mine", who=who) == 303
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.colleague, inquiry.why["codes"]) == ("asked", circle.thomas, ["suggested"])
    assert [(ask.colleague, ask.revoked_at) for ask in asks(inquiry)] == [(circle.karin, MONDAY), (circle.thomas, None)]
    page = circle.browser().get(f"/inbox/{inquiry.conversation_id}/").content.decode()
    assert page.count("Karin Wöhlert said that Thomas Grünewald knows.") == 1


@pytest.mark.parametrize("who", ["", "die Lohnbuchhaltung", "Karin Wöhlert", "e"])
def test_not_mine_without_a_colleague_we_know_is_our_turn(circle: Circle, who: str) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    assert (page.send("not_mine", who=who), state(inquiry), place_of(inquiry).waits_for) == (303, "declined", None)
    assert page.open().seen.status_code == 410


def test_two_who_send_a_question_to_and_fro_end_at_the_manager(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.page(asks(inquiry)[0]).send("not_mine", who="Thomas Grünewald")
    circle.page(asks(inquiry)[1]).send("not_mine", who="Karin Wöhlert")
    assert (state(inquiry), len(asks(inquiry))) == ("declined", 2)


def test_a_suggested_colleague_who_is_away_is_represented(circle: Circle) -> None:
    ida = Colleague.objects.create(name="Ida Nord", email="ida@auental.example", deputy=circle.thomas)
    Absence.objects.create(colleague=ida, from_on=MONDAY.date(), until_on=MONDAY.date())
    inquiry = circle.ask()
    circle.page(asks(inquiry)[0]).send("not_mine", who="Ida Nord")
    inquiry.refresh_from_db()
    assert (inquiry.colleague, inquiry.why["deputy_of"]) == (circle.thomas, "Ida Nord")


def test_away_until_is_kept_in_the_directory_and_the_deputy_is_asked(circle: Circle) -> None:
    inquiry = circle.ask()
    assert circle.page(asks(inquiry)[0]).send("away", until="2026-11-27") == 303
    absence = Absence.objects.get()
    assert (absence.colleague, absence.from_on, absence.until_on, absence.told_by) == (
        circle.karin, MONDAY.date(), dt.date(2026, 11, 27), "link",
    )  # fmt: skip
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.colleague, place_of(inquiry).waits_for) == ("asked", circle.thomas, circle.thomas)


@pytest.mark.parametrize("until", ["", "2026-11-22", "2029-01-01", "friday", "2026-02-31"])
def test_an_absence_needs_a_day_that_can_be(circle: Circle, until: str) -> None:
    inquiry = circle.ask()
    status = circle.page(asks(inquiry)[0]).send("away", until=until)
    assert (status, Absence.objects.count(), state(inquiry)) == (422, 0, "asked")


def test_away_without_anybody_to_stand_in_is_our_turn(circle: Circle) -> None:
    Colleague.objects.filter(pk=circle.karin.pk).update(deputy=None)
    inquiry = circle.ask()
    circle.page(asks(inquiry)[0]).send("away", until="2026-11-27")
    assert state(inquiry) == "declined"


def test_enter_in_a_field_does_what_is_filled_in_and_never_sends_an_answer_by_accident(circle: Circle) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    assert page.send("enter", answer="Ja, ab", who="Thomas Grünewald") == 422
    assert (page.answered.content.decode().count("Ja, ab</textarea>"), state(inquiry), said(inquiry)) == (
        1,
        "asked",
        [],
    )
    assert (page.send("enter", answer="", who="Thomas Grünewald"), asks(inquiry)[-1].colleague) == (303, circle.thomas)


def test_a_shared_mailbox_says_once_who_answers(circle: Circle) -> None:
    box = Colleague.objects.create(name="Ausbildung", kind="mailbox", email="ausbildung@auental.example", language="en")
    circle.training.responsible = box
    circle.training.save()
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    assert (page.send("answer", answer=ANSWER), said(inquiry)) == (422, [])
    assert page.send("answer", answer=ANSWER, name="Ida Nord") == 303
    words = ExpertWords.objects.get()
    assert (words.colleague, words.by_name, page.open().html.count("Thank you, Ida Nord")) == (box, "Ida Nord", 1)
    circle.leaves(circle.answer(inquiry))
    second = circle.ask("Und wo wohnt man?")
    assert circle.page(asks(second)[0]).html.count('<option value="Ida Nord">') == 1


def test_the_page_shows_the_question_under_its_post_and_no_more_than_the_first_name(circle: Circle) -> None:
    message = circle.comment()
    circle.understand(message, topic=circle.training)
    html = circle.page(asks(Inquiry.objects.get())[0]).html
    shown = (
        html.count(QUESTION),
        html.count("Lena, in public on Instagram, under this post:"),
        html.count("Ein Tag auf der Kinder"),
    )
    assert shown == (1, 1, 1)
    assert (html.count("Hoffmeister"), html.count("lena@web.example"), html.count(" …</a>")) == (0, 0, 1)


def test_an_expert_can_open_nothing_else(circle: Circle) -> None:
    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])
    paths = [
        "/inquiries/",
        "/colleague-mails/",
        f"/inbox/{inquiry.conversation_id}/",
        f"/inquiries/{inquiry.pk}/reply/",
    ]
    assert [page.client.get(path).status_code in (302, 405) for path in paths] == [True] * 4


# ── mails that belong to nothing ──


def test_a_colleagues_own_mail_waits_on_its_page_and_is_no_message(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0], "Noch etwas zu neulich.", headers={"tokens": []})
    assert (Message.objects.count(), state(inquiry)) == (1, "asked")
    page = circle.browser().get("/colleague-mails/").content.decode()
    assert (page.count("<p>Noch etwas zu neulich.</p>"), page.count(f"It answers: {QUESTION}")) == (1, 1)


def test_the_manager_attaches_it_to_the_inquiry_it_answers(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0], ANSWER, headers={"tokens": []})
    mail = ColleagueMail.objects.get()
    answer = circle.browser().post(f"/colleague-mails/{mail.pk}/inquiry/", {"ask": asks(inquiry)[0].pk})
    circle.settle()
    assert (answer.status_code, state(inquiry), said(inquiry)) == (
        303,
        "drafted",
        [("answer", "Karin Wöhlert", ANSWER)],
    )


def test_it_cannot_be_attached_to_the_inquiry_of_somebody_else(circle: Circle) -> None:
    inquiry = circle.ask()
    circle.reply(asks(inquiry)[0], ANSWER, sender="thomas@auental.example", headers={"tokens": []})
    mail = ColleagueMail.objects.get()
    circle.browser().post(f"/colleague-mails/{mail.pk}/inquiry/", {"ask": asks(inquiry)[0].pk})
    circle.settle()
    assert (mail.ask, said(inquiry)) == (None, [])


def test_the_manager_passes_it_to_the_inbox_once_where_the_colleague_is_a_candidate(circle: Circle) -> None:
    circle.reply(asks(circle.ask())[0], "Meine Tochter sucht einen Platz.", headers={"tokens": []})
    mail = ColleagueMail.objects.get()
    browser = circle.browser()
    assert [browser.post(f"/colleague-mails/{mail.pk}/message/").status_code for _ in range(2)] == [303, 303]
    rows = Message.objects.filter(conversation__handle__external_id="karin@auental.example")
    assert list(rows.values_list("direction", "text")) == [("in", "Meine Tochter sucht einen Platz.")]


def test_put_aside_it_stands_among_what_is_dealt_with(circle: Circle) -> None:
    circle.reply(asks(circle.ask())[0], "Danke.", headers={"tokens": []})
    mail = ColleagueMail.objects.get()
    browser = circle.browser()
    browser.post(f"/colleague-mails/{mail.pk}/seen/")
    pages = [
        browser.get(f"/colleague-mails/?view={view}").content.decode().count("<p>Danke.</p>")
        for view in ("open", "seen")
    ]
    assert pages == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_by_two_fingers_at_once_is_one_answer_and_nobody_waits_in_a_circle(circle: Circle) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    inquiry = circle.ask()
    page = circle.page(asks(inquiry)[0])

    def send(_number: int) -> int:
        try:
            with times.frozen(MONDAY):
                return Client().post(page.path, {"form": page.form, "do": "answer", "answer": ANSWER}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(send, range(4)))
    assert (statuses, said(inquiry), box_of(inquiry)) == ([303] * 4, [("answer", "Karin Wöhlert", ANSWER)], [ANSWER])
