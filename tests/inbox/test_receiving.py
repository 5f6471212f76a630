"""What people write becomes messages in conversations."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import transaction

from ganzohr.audit.models import Entry
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import IncomingFile
from ganzohr.contacts.models import Consent, Contact, Handle
from ganzohr.directory.hours import add_open_time
from ganzohr.inbox import actions
from ganzohr.inbox.events import MessagesReceived
from ganzohr.inbox.models import Attachment, Conversation, Message
from ganzohr.topics.models import Example
from tests.inbox.story import NOW, Desk, is_held


def test_a_question_opens_a_conversation_and_starts_its_clock(desk: Desk) -> None:
    said = desk.say(
        "Geht das   in\nTeilzeit?", source="messe", consent={"kind": "contact", "version": "3", "text": "Ja"}
    )
    held = desk.arrive(said)

    assert (held.person, held.first_words, held.source) == ("Lena Hoffmeister", "Geht das in Teilzeit?", "messe")
    assert (held.state, held.is_public, held.is_unread, held.site) == ("open", False, True, desk.site)
    assert held.unanswered_since == held.created_at == held.last_activity_at == said.provider_at
    assert held.due_at == add_open_time(None, said.provider_at, 480)  # a working day of the usual week
    assert Consent.objects.get().version == "3"
    assert desk.told == [MessagesReceived((held.messages.get().pk,))]


def test_the_same_delivery_twice_is_one_message(desk: Desk) -> None:
    said = desk.say()
    desk.arrive(said)
    desk.arrive(said, said)

    assert (
        Message.objects.count()
        == Conversation.objects.count()
        == Contact.objects.count()
        == Handle.objects.count()
        == 1
    )


def test_messages_of_one_thread_share_a_conversation_and_provider_time_orders_them(desk: Desk) -> None:
    first, second = desk.say("Erst das"), desk.say("Dann das")
    held = desk.arrive(second, first)

    assert [row.text for row in held.messages.all()] == ["Erst das", "Dann das"]
    assert held.first_words == "Dann das"
    assert held.unanswered_since == first.provider_at


def test_two_people_of_the_same_name_are_never_one(desk: Desk) -> None:
    one = desk.arrive(desk.say(sender_id="a@example.org", thread_key="a"))
    two = desk.arrive(desk.say(sender_id="b@example.org", thread_key="b"))

    assert one.contact_id != two.contact_id


def test_a_new_message_opens_a_closed_mail_thread_again(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    actions.close(held, "answered", desk.actor)
    again = desk.arrive(desk.say("Noch eine Frage"))

    assert again == held
    assert (again.state, again.reason) == ("open", "")
    assert again.unanswered_since == again.messages.last().provider_at  # type: ignore[union-attr]


def test_an_old_closed_chat_stays_closed_and_a_new_one_begins(desk: Desk) -> None:
    held = desk.arrive(desk.say(thread_key=""))
    actions.close(held, "answered", desk.actor)
    Conversation.objects.update(last_activity_at=NOW - dt.timedelta(days=20))
    new = desk.arrive(desk.say("Wieder da", thread_key=""))

    assert new != held
    assert Conversation.objects.get(pk=held.pk).state == "closed"


def test_a_message_brings_back_what_was_put_off(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    actions.snooze(held, NOW + dt.timedelta(days=3), desk.actor)
    desk.arrive(desk.say("Eilt doch"))

    held.refresh_from_db()
    assert (held.state, held.snoozed_until) == ("open", None)


def test_an_edit_and_a_deletion_are_shown_truthfully(desk: Desk) -> None:
    held = desk.arrive(desk.say("Tippfehlr", files=(IncomingFile("a.txt", "text/plain", b"hello"),)))
    desk.arrive(desk.say("Tippfehler", what="edit", external_id="m1"))
    message = held.messages.get()
    assert (message.text, message.edited_at) == ("Tippfehler", NOW - dt.timedelta(minutes=28))

    Example.objects.create(text="Tippfehler", language="de", origin="learnt", message_id=message.pk)
    desk.arrive(desk.say("", what="delete", external_id="m1"))
    message.refresh_from_db()
    assert not Example.objects.filter(message_id=message.pk).exists()
    assert (message.text, message.deleted_at) == ("", NOW - dt.timedelta(minutes=27))
    assert not Attachment.objects.exists()


def test_an_edit_of_something_unknown_changes_nothing(desk: Desk) -> None:
    assert actions.receive([Arrived(desk.mail.pk, 1, desk.say(what="edit", external_id="nobody"), NOW)]) == {0}
    assert not Message.objects.exists()


def test_an_automatic_reply_starts_no_clock(desk: Desk) -> None:
    held = desk.arrive(desk.say("Ich bin im Urlaub", is_automatic=True))

    assert (held.unanswered_since, held.due_at, held.last_inbound_at) == (None, None, None)


def test_our_own_words_on_the_platform_answer_the_question(desk: Desk) -> None:
    held = desk.arrive(desk.say())
    desk.arrive(desk.say("Schon beantwortet", is_own=True))

    held.refresh_from_db()
    assert [row.direction for row in held.messages.all()] == ["in", "out"]
    assert held.unanswered_since is None


def test_a_private_message_of_somebody_who_commented_hangs_on_the_comment(desk: Desk) -> None:
    public = desk.comment()
    private = desk.arrive(
        desk.say("Darf ich privat fragen?", sender_id="instagram:@lena", thread_key=""), channel=desk.hand
    )

    assert private != public
    assert private.linked_to == public
    assert (public.public_post.permalink, public.is_public, private.is_public) == (  # type: ignore[union-attr]
        "https://www.instagram.com/p/1", True, False,
    )  # fmt: skip


def test_files_are_judged_by_their_bytes(desk: Desk) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 30
    held = desk.arrive(
        desk.say(
            files=(
                IncomingFile("bild.png", "text/html", png),
                IncomingFile("seite.png", "image/png", b"<html><script>alert(1)</script></html>"),
                IncomingFile("../../x.exe", "image/png", b"MZ\x90\0"),
            )
        )
    )

    kept = [(row.name, row.content_type, row.size > 0) for row in held.attachments.all()]
    assert kept == [
        ("bild.png", "image/png", True),
        ("seite.png", "application/octet-stream", True),
        ("x.exe", "refused", False),
    ]


def test_many_messages_cost_as_many_questions_as_few(desk: Desk, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    few = [desk.say(sender_id=f"{n}@example.org", thread_key=str(n)) for n in range(2)]
    many = [desk.say(sender_id=f"x{n}@example.org", thread_key=f"x{n}") for n in range(100)]
    with django_assert_max_num_queries(30):
        desk.arrive(*few)
    with django_assert_max_num_queries(30):
        desk.arrive(*many)
    assert Conversation.objects.count() == 102


def test_the_trail_never_holds_what_was_said(desk: Desk) -> None:
    held = desk.arrive(desk.say("Mein Geheimnis"))
    desk.arrive(desk.say("Neues Geheimnis", what="edit", external_id="m1"))
    actions.assign(held, desk.sophie, desk.actor)

    assert Entry.objects.count() == 2
    assert not [entry for entry in Entry.objects.all() if "Geheimnis" in f"{entry.data}{entry.verb}{entry.actor_label}"]


def test_the_nearest_mail_we_hold_tells_the_thread(desk: Desk) -> None:
    held = desk.arrive(desk.say(external_id="<first@example.org>"))
    again = desk.arrive(
        desk.say("Und noch", thread_key="lost", headers={"ancestors": ["<x@y>", "<first@example.org>"]})
    )

    assert again == held


def test_two_mails_under_one_message_id_are_two_and_the_same_mail_is_one(desk: Desk) -> None:
    def mail(text: str, delivery: int) -> None:
        said = desk.say(text, external_id="<form@x.org>", headers={"message_id": "<form@x.org>"})
        with transaction.atomic():
            actions.receive([Arrived(desk.mail.pk, delivery, said, NOW)])

    for text, delivery in (("Erste", 1), ("Zweite", 2), ("Zweite", 3), ("Erste", 1), ("Erste, neu gelesen", 1)):
        mail(text, delivery)

    assert [row.text for row in Message.objects.order_by("id")] == ["Erste", "Zweite"]


def test_an_outcome_of_the_same_moment_is_not_undone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    held = desk.arrive(desk.say())

    def fail_meanwhile(files: object) -> None:
        Conversation.objects.filter(pk=held.pk).update(failed_at=NOW, failed_how="refused")

    monkeypatch.setattr("ganzohr.inbox.actions.receiving.keep_received", fail_meanwhile)
    desk.arrive(desk.say("Und der Urlaub?"))
    held.refresh_from_db()
    assert (held.first_words, held.failed_at, held.failed_how) == ("Und der Urlaub?", NOW, "refused")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["message", "edit"])
def test_nobody_writes_on_a_conversation_while_something_comes_in(
    desk: Desk, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = desk.say()
    held = desk.arrive(said)
    met: list[bool] = []

    def look(*_of_anything: object) -> bool:
        met.append(is_held(held))
        return False

    monkeypatch.setattr("ganzohr.inbox.actions.receiving.keep_received", look)
    monkeypatch.setattr("ganzohr.inbox.actions.changes._change", look)
    desk.arrive(replace(said, what="edit", text="Anders") if what == "edit" else desk.say("Noch etwas"))
    assert met == [True]
