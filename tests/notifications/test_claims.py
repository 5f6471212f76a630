"""Whose a mail is: a colleague's is never taken for a candidate's."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test.utils import CaptureQueriesContext

from ganzohr.audit import actions as audit
from ganzohr.audit.models import PendingEvent
from ganzohr.channels.models import Channel
from ganzohr.core import times
from ganzohr.core.crypto import token_hash
from ganzohr.directory.models import Colleague
from ganzohr.notifications import actions
from ganzohr.notifications.models import Ask, AskFile, ColleagueMail
from tests.notifications.trial import MONDAY, Post, mail_token_of

pytestmark = pytest.mark.django_db
BOSS = audit.Actor("user", "1", "sophie@auental.example")
PDF = b"%PDF-1.4 ..."


def held() -> list[tuple[int | None, str, bool]]:
    return list(ColleagueMail.objects.values_list("ask", "from_address", "is_known_sender"))


def test_a_reply_with_the_token_belongs_to_the_ask(ask: Ask, arrives: Post) -> None:
    assert actions.claim_answer([arrives("karin@auental.example", tokens=[mail_token_of(ask)])]) == {0}
    assert held() == [(ask.pk, "karin@auental.example", True)]


def test_a_reply_in_the_thread_belongs_to_the_ask_without_a_token(ask: Ask, arrives: Post) -> None:
    by_reply = arrives("karin@auental.example", in_reply_to=ask.message_id)
    by_reference = arrives("karin@auental.example", references=["<older@x>", ask.message_id])
    assert actions.claim_answer([by_reply, by_reference]) == {0, 1}
    assert [row[0] for row in held()] == [ask.pk, ask.pk]


def test_a_reply_from_another_address_is_kept_and_marked(ask: Ask, arrives: Post) -> None:
    assert actions.claim_answer([arrives("karin.privat@web.example", tokens=[mail_token_of(ask)])]) == {0}
    assert held() == [(ask.pk, "karin.privat@web.example", False)]


def test_letters_of_an_address_do_not_matter(ask: Ask, arrives: Post) -> None:
    actions.claim_answer([arrives("Karin@Auental.Example", tokens=[mail_token_of(ask)])])
    assert held() == [(ask.pk, "Karin@Auental.Example", True)]


@pytest.mark.parametrize("gone", ["revoked", "expired", "answered"])
def test_a_reply_to_an_ask_that_is_over_is_still_the_colleagues(ask: Ask, arrives: Post, gone: str) -> None:
    Ask.objects.update(
        revoked_at=MONDAY if gone == "revoked" else None,
        expires_at=MONDAY - dt.timedelta(days=1) if gone == "expired" else ask.expires_at,
        answered_at=MONDAY if gone == "answered" else None,
    )
    assert actions.claim_answer([arrives("karin@auental.example", tokens=[mail_token_of(ask)])]) == {0}
    assert held() == [(ask.pk, "karin@auental.example", True)]


def test_a_colleagues_mail_that_belongs_to_nothing_is_kept_without_an_ask(ask: Ask, arrives: Post) -> None:
    assert actions.claim_answer([arrives("karin@auental.example", "Gehen wir essen?")]) == {0}
    assert held() == [(None, "karin@auental.example", True)]
    assert ColleagueMail.objects.get().colleague == ask.colleague


def test_a_candidates_mail_is_left_to_the_inbox_also_with_an_unknown_token(ask: Ask, arrives: Post) -> None:
    unknown = "a" * 26
    assert actions.claim_answer([arrives("lena@web.example"), arrives("lena@web.example", tokens=[unknown])]) == set()
    assert held() == []


def test_who_has_left_may_write_as_anybody(karin: Colleague, arrives: Post) -> None:
    karin.left_at = MONDAY
    karin.save()
    assert actions.claim_answer([arrives("karin@auental.example")]) == set()


def test_only_mail_is_looked_at(ask: Ask, arrives: Post) -> None:
    website = Channel.objects.create(kind="website", name="Web", key="web")
    mail = arrives("karin@auental.example")
    from dataclasses import replace

    assert actions.claim_answer([replace(mail, channel_id=website.pk)]) == set()


def test_our_own_mail_is_nobodys_reply(ask: Ask, arrives: Post) -> None:
    assert actions.claim_answer([arrives("karin@auental.example", is_own=True)]) == set()


def test_the_same_mail_twice_is_kept_once_and_told_once(ask: Ask, arrives: Post) -> None:
    mail = arrives("karin@auental.example", tokens=[mail_token_of(ask)])
    assert [actions.claim_answer([mail]), actions.claim_answer([mail])] == [{0}, {0}]
    assert (ColleagueMail.objects.count(), PendingEvent.objects.count()) == (1, 1)


def test_another_mail_under_a_known_id_is_kept_too(ask: Ask, arrives: Post) -> None:
    first = arrives("karin@auental.example", "Ja.", external_id="<one@x>", tokens=[mail_token_of(ask)])
    other = arrives("karin@auental.example", "Nein.", external_id="<one@x>", tokens=[mail_token_of(ask)])
    actions.claim_answer([first])
    actions.claim_answer([other])
    assert list(ColleagueMail.objects.values_list("text", flat=True)) == ["Ja.", "Nein."]


def test_an_automatic_reply_and_a_report_are_told_apart_from_words(ask: Ask, arrives: Post) -> None:
    token = [mail_token_of(ask)]
    automatic = arrives("karin@auental.example", tokens=token, is_automatic=True)
    bounce = arrives("mailer-daemon@mx.example", bounce_of=ask.message_id, is_bounce=True, is_automatic=True)
    receipt = arrives("karin@auental.example", tokens=token, report="receipt")
    actions.claim_answer([automatic, bounce, receipt])
    rows = ColleagueMail.objects.values_list("ask", "is_automatic", "is_bounce")
    assert list(rows) == [(ask.pk, True, False), (ask.pk, True, True), (ask.pk, True, False)]


def test_the_words_are_kept_without_closing_and_the_original_whole(ask: Ask, arrives: Post) -> None:
    mail = arrives("karin@auental.example", "Ja, geht.\nGruß Karin", body="Ja, geht.", tokens=[mail_token_of(ask)])
    actions.claim_answer([mail])
    kept = ColleagueMail.objects.get()
    assert (kept.text, kept.original) == ("Ja, geht.", "Ja, geht.\nGruß Karin\n\n> quoted")


def test_files_are_kept_by_what_they_are_not_by_what_they_say(ask: Ask, arrives: Post) -> None:
    given = [
        ("plan.pdf", PDF),
        ("../../evil.pdf", b"MZ\x90\x00" + b"\0" * 60),
        ("page.html", b"<html>"),
        ("notes.txt", "Grüße".encode()),
    ]
    actions.claim_answer([arrives("karin@auental.example", tokens=[mail_token_of(ask)], files=given)])
    kept = AskFile.objects.values_list("ask", "name", "content_type", "size")
    assert list(kept) == [(ask.pk, "plan.pdf", "application/pdf", 12), (ask.pk, "notes.txt", "text/plain", 7)]


def test_a_batch_costs_the_same_whatever_its_size(ask: Ask, arrives: Post) -> None:
    from django.db import connection

    def cost(count: int) -> int:
        batch = [arrives(f"lena{number}@web.example", in_reply_to=f"<{number}@x>") for number in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            actions.claim_answer(batch)
        return len(queries)

    assert cost(2) == cost(50)


def test_a_person_attaches_a_mail_to_an_ask_and_it_counts_as_its_reply(ask: Ask, arrives: Post) -> None:
    actions.claim_answer([arrives("karin@auental.example", files=[("plan.pdf", PDF)])])
    mail = ColleagueMail.objects.get()
    actions.attach(mail, ask, BOSS)
    actions.attach(mail, ask, BOSS)
    mail.refresh_from_db()
    assert (mail.ask, mail.seen_at, AskFile.objects.get().ask, PendingEvent.objects.count()) == (ask, MONDAY, ask, 1)


def test_a_mail_is_passed_on_once_and_then_as_it_came(karin: Colleague, arrives: Post) -> None:
    came = arrives("karin@auental.example", "Meine Tochter sucht einen Platz.", files=[("plan.pdf", PDF)])
    actions.claim_answer([came])
    mail = ColleagueMail.objects.get()
    assert [actions.pass_on(mail, BOSS), actions.pass_on(mail, BOSS)] == [True, False]
    again = actions.as_arrived(ColleagueMail.objects.get())
    assert (again.incoming.text, again.incoming.sender_id, again.incoming.thread_key, again.incoming.target) == (
        came.incoming.text, came.incoming.sender_id, came.incoming.thread_key, came.incoming.target,
    )  # fmt: skip
    assert [(file.name, file.content) for file in again.incoming.files] == [("plan.pdf", PDF)]


def test_putting_aside_is_noted_once(karin: Colleague, arrives: Post) -> None:
    actions.claim_answer([arrives("karin@auental.example")])
    mail = ColleagueMail.objects.get()
    actions.put_aside(mail, BOSS)
    with times.frozen(MONDAY + dt.timedelta(hours=1)):
        actions.put_aside(mail, BOSS)
    mail.refresh_from_db()
    assert (mail.seen_at, ColleagueMail.objects.belonging_to_nothing().unseen().count()) == (MONDAY, 0)


def test_the_hash_of_the_reply_token_is_all_that_is_stored(ask: Ask) -> None:
    assert bytes(ask.mail_token_hash) == token_hash(mail_token_of(ask))


def test_mails_that_answer_nothing_are_forgotten_a_month_after_somebody_dealt_with_them(
    ask: Ask, arrives: Post
) -> None:
    """Put aside, passed on and not yet seen; the reply to an ask stays with it."""
    aside, passed, unseen, reply = (
        arrives("karin@auental.example", files=[("plan.pdf", PDF)]),
        arrives("karin@auental.example"),
        arrives("karin@auental.example"),
        arrives("karin@auental.example", tokens=[mail_token_of(ask)]),
    )
    actions.claim_answer([aside, passed, unseen, reply])
    mails = {mail.external_id: mail for mail in ColleagueMail.objects.all()}
    file = AskFile.objects.get().file
    with times.frozen(MONDAY):
        actions.put_aside(mails[aside.incoming.external_id], BOSS)
        actions.pass_on(mails[passed.incoming.external_id], BOSS)
    with times.frozen(MONDAY + dt.timedelta(days=29)):
        assert actions.forget_mails() == 0
    with times.frozen(MONDAY + dt.timedelta(days=31)):
        assert (actions.forget_mails(), actions.forget_mails()) == (2, 0)
    left = set(ColleagueMail.objects.values_list("external_id", flat=True))
    assert left == {unseen.incoming.external_id, reply.incoming.external_id}
    assert (AskFile.objects.count(), file.storage.exists(str(file.name))) == (0, False)
