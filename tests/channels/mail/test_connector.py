# ruff: noqa: E501 (samples of mail stand on one line each)
"""What the desk learns of a mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ganzohr.channels.connectors.base import Account, Sending
from ganzohr.channels.connectors.mail import connector, settings
from ganzohr.channels.connectors.mail.compose import Letter, compose

US = Account("mail", "our-key", {"address": "karriere@brand.test"}, {})


def mail(head: str, text: str = "Hallo") -> bytes:
    return f"Message-ID: <1@person.test>\nDate: Sat, 21 Nov 2026 20:02:34 +0100\n{head}\n\n{text}\n".encode()


def test_the_answer_goes_to_exactly_who_asked() -> None:
    [one] = connector.parse(US, {}, mail("From: Anna <anna@person.test>\nSubject: Frage [#abcdefghabcdefgh]"))
    assert one.target == {
        "to": "anna@person.test",
        "name": "Anna",
        "subject": "Frage",
        "in_reply_to": "<1@person.test>",
        "references": [],
    }
    assert (one.sender_id, one.sender_name, one.thread_key, one.subject) == (
        "anna@person.test",
        "Anna",
        "<1@person.test>",
        "Frage",
    )


def test_the_answer_goes_where_the_writer_wants_it() -> None:
    [one] = connector.parse(US, {}, mail("From: anna@work.test\nReply-To: anna@home.test"))
    assert (one.sender_id, one.target["to"]) == ("anna@work.test", "anna@home.test")


def test_a_form_that_writes_in_our_name_speaks_for_the_person() -> None:
    [one] = connector.parse(US, {}, mail("From: Website <karriere@brand.test>\nReply-To: Anna <anna@person.test>"))
    assert (one.sender_id, one.sender_name, one.is_own) == ("anna@person.test", "Anna", False)


def test_our_own_mail_that_comes_back_is_recognised() -> None:
    [copy] = connector.parse(US, {}, mail("From: karriere@brand.test\nTo: x@y.test"))
    [loop] = connector.parse(US, {}, mail("From: forwarder@y.test\nX-Ganzohr: our-key"))
    [neighbour] = connector.parse(US, {}, mail("From: jobs@y.test\nX-Ganzohr: another-desk"))
    assert [copy.is_own, loop.is_own, neighbour.is_own] == [True, True, False]


def test_a_desk_that_writes_to_its_colleagues_never_asks() -> None:
    [one] = connector.parse(US, {}, mail("From: desk@y.test\nX-Ganzohr: desk"))
    assert one.is_automatic


def test_a_mail_from_the_future_counts_as_now() -> None:
    raw = mail("From: anna@person.test").replace(b"2026 20:02:34", b"3609 20:02:34")
    [one] = connector.parse(US, {}, raw)
    assert abs(one.provider_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_words_are_trimmed_and_the_original_stays() -> None:
    text = "1.100 Euro.\n\nViele Grüße\nTom\n\nAm 19.11.26 um 16:12 schrieb K:\n> Wie viel?"
    [one] = connector.parse(US, {}, mail("From: tom@brand.test", text))
    assert (one.text, one.original) == ("1.100 Euro.\n\nViele Grüße\nTom", text)
    assert (one.headers["body"], one.headers["was_cut"]) == ("1.100 Euro.", True)


def test_a_mail_without_words_says_its_subject() -> None:
    [one] = connector.parse(US, {}, mail("From: anna@person.test\nSubject: Gibt es noch Plätze?", ""))
    assert one.text == "Gibt es noch Plätze?"


def test_the_same_mail_read_twice_is_one_delivery_and_a_stolen_id_is_another() -> None:
    raw = mail("From: anna@person.test")
    elsewhere = b"Received: by another server\r\n" + raw.replace(b"\n", b"\r\n")
    stolen = mail("From: mallory@person.test", "Etwas anderes")
    key = connector.delivery_key(US, "1/1", {}, raw)
    assert connector.delivery_key(US, "2/7", {}, elsewhere) == key
    assert connector.delivery_key(US, "1/2", {}, stolen) != key


def test_headers_cannot_be_injected() -> None:
    made = compose(
        Letter("k", "karriere@brand.test", ["anna@person.test"], "Frage\r\nBcc: x@y.test", "Text", datetime(2026, 11, 21, tzinfo=UTC),
               sender_name="Karriere\nX: y", in_reply_to="<1@a.test>\r\nX: y", mark="m\r\nX: y")
    )  # fmt: skip
    assert made["Bcc"] is None
    assert made["X"] is None
    assert made["Subject"] == "Frage Bcc: x@y.test"


def test_the_same_key_makes_the_same_message_id() -> None:
    from ganzohr.channels.connectors.mail.connector import _letter

    sending = Sending("answer:7", "answer", {"to": "anna@person.test"}, {"text": "x"})
    ids = {compose(_letter(settings.read(US), sending, "anna@person.test"))["Message-ID"] for _ in range(2)}
    assert len(ids) == 1


def test_nothing_can_be_posted_to_a_mail_channel() -> None:
    assert connector.verify(US, "/hooks/mail", {}, b"From: a@b.test\n\nx") is False
