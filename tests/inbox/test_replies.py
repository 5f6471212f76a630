"""A reply by mail finds its conversation by the token our answer carried, whatever the program did to its headers."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.test import Client
from django.urls import reverse

from ganzohr.audit.models import Entry
from ganzohr.channels.connectors.base import Account, Incoming, Sending
from ganzohr.channels.connectors.mail.connector import MailConnector, _letter
from ganzohr.channels.connectors.mail.settings import read
from ganzohr.channels.models import Outgoing
from ganzohr.contacts.models import Contact, Handle
from ganzohr.inbox import actions
from ganzohr.inbox.models import Conversation, Message
from tests.inbox.story import NOW, Desk

OTHER = "lena.privat@web.example"


def answered(desk: Desk) -> tuple[Conversation, str]:
    """Lena's mail, answered; the token that left with the answer."""
    held = desk.arrive(desk.say())
    message = desk.answer(held)
    assert message.outgoing
    return held, message.outgoing.payload["token"]


def reply(desk: Desk, token: str, **more: Any) -> Incoming:
    """A reply that lost every thread header and the name of who wrote before."""
    return desk.say("Danke, und ab wann?", **{"thread_key": "lost", "headers": {"tokens": [token]}, **more})


def test_every_answer_of_a_conversation_carries_the_same_token_and_no_other_conversation_has_it(desk: Desk) -> None:
    held, token = answered(desk)
    again = desk.answer(held, "Noch etwas").outgoing
    desk.arrive(desk.say(sender_id="ole@example.org", thread_key="t2"))
    other = desk.answer(Conversation.objects.get(thread_key="t2")).outgoing
    assert again
    assert other
    assert re.fullmatch("[a-z2-7]{26}", token)
    assert (again.payload["token"], other.payload["token"] != token) == (token, True)
    held.refresh_from_db()
    assert held.reply_key == token


def test_other_channels_carry_no_token(desk: Desk) -> None:
    desk.answer(desk.comment())
    desk.answer(desk.arrive(desk.say(), channel=desk.website))
    assert ["token" in payload for payload in Outgoing.objects.values_list("payload", flat=True)] == [False, False]
    assert not Conversation.objects.exclude(reply_key=None).exists()


def test_a_reply_without_thread_headers_joins_its_conversation(desk: Desk) -> None:
    held, token = answered(desk)
    assert desk.arrive(reply(desk, token.upper())) == held
    assert (Conversation.objects.count(), held.messages.filter(direction="in").count()) == (1, 2)


def test_a_reply_from_another_address_joins_is_answered_there_and_belongs_to_the_person(
    desk: Desk, as_sophie: Client
) -> None:
    held, token = answered(desk)
    said = reply(desk, token, sender_id=OTHER, target={"to": OTHER})
    assert desk.arrive(said) == held

    outgoing = desk.answer(held, "Ab Mai.").outgoing
    assert outgoing
    assert (outgoing.target["to"], outgoing.payload["token"]) == (OTHER, token)
    assert list(Handle.objects.values_list("external_id", "contact")) == [
        ("lena@example.org", held.contact_id),
        (OTHER, held.contact_id),
    ]
    assert Contact.objects.count() == 1
    assert Entry.objects.get(verb="wrote from another address").object_id == held.pk
    page = as_sophie.get(reverse("inbox:conversation", args=[held.pk])).content.decode()
    assert page.count(f"answers go to {OTHER}") == 1


def test_two_replies_at_once_from_another_address_are_noted_once(desk: Desk) -> None:
    held, token = answered(desk)
    desk.arrive(*(reply(desk, token, sender_id=OTHER, target={"to": OTHER}) for _ in range(2)))
    assert (held.messages.filter(direction="in").count(), held.contact.handles.count()) == (3, 2)
    assert Entry.objects.filter(verb="wrote from another address").count() == 1


def test_an_address_with_a_history_of_its_own_stays_its_own_person(desk: Desk) -> None:
    ole = desk.arrive(desk.say(sender_id="ole@example.org", thread_key="t2"))
    held, token = answered(desk)
    assert desk.arrive(reply(desk, token, sender_id="ole@example.org")) == held
    assert (Contact.objects.count(), Handle.objects.get(external_id="ole@example.org").contact) == (2, ole.contact)


def test_what_machines_send_back_joins_but_is_nobodys_address(desk: Desk) -> None:
    held, token = answered(desk)
    said = reply(desk, token, sender_id="mailer-daemon@x.example", is_automatic=True, is_bounce=True)
    assert desk.arrive(said) == held
    assert list(held.contact.handles.values_list("external_id", flat=True)) == ["lena@example.org"]


def test_a_reply_opens_its_closed_conversation_again(desk: Desk) -> None:
    held, token = answered(desk)
    actions.close(held, "answered", desk.actor)
    assert desk.arrive(reply(desk, token, sender_id=OTHER)) == held
    held.refresh_from_db()
    assert held.state == "open"


def test_a_token_nobody_gave_out_of_another_mailbox_or_too_old_opens_nothing(desk: Desk) -> None:
    held, token = answered(desk)
    forged = desk.arrive(reply(desk, "a" * 26, sender_id="mallory@example.org"))
    elsewhere = desk.arrive(reply(desk, token, sender_id="x@example.org"), channel=desk.website)
    actions.close(held, "answered", desk.actor)
    Conversation.objects.filter(pk=held.pk).update(last_activity_at=NOW - dt.timedelta(days=400))
    old = desk.arrive(reply(desk, token))
    assert len({held.pk, forged.pk, elsewhere.pk, old.pk}) == 4
    assert list(held.messages.values_list("direction", flat=True)) == ["in", "out"]


def test_two_replies_at_once_one_with_and_one_without_token(desk: Desk) -> None:
    held, token = answered(desk)
    desk.arrive(reply(desk, token, sender_id=OTHER), desk.say("Eine andere Frage", sender_id=OTHER, thread_key="new"))
    assert (Conversation.objects.count(), Message.objects.get(text="Danke, und ab wann?").conversation) == (2, held)
    assert Contact.objects.count() == 2


def test_the_token_leaves_and_comes_back_through_the_mail_itself(desk: Desk) -> None:
    _held, token = answered(desk)
    outgoing = Outgoing.objects.get()
    for plus, where in (("+", "karriere+{}@auental.example"), ("", "[#{}]")):
        account = Account("mail", "mail", {"address": "karriere@auental.example", "plus": plus}, {})
        sending = Sending(key="k", kind="answer", target=outgoing.target, payload=outgoing.payload)
        letter = _letter(read(account), sending, "lena@example.org")
        place = where.format(token)
        assert place in (letter.reply_to if plus else letter.subject)
        to, subject = (place, "Re: x") if plus else ("karriere@auental.example", f"AW: {letter.subject}")
        mail = f"From: {OTHER}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <n@x>\r\n\r\nDanke!"
        assert MailConnector().parse(account, {}, mail.encode())[0].headers["tokens"] == [token]
