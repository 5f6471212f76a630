# ruff: noqa: E501 (samples of mail stand on one line each)
"""Reading mail: what other people's programs write, also the broken ones."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganzohr.channels.connectors.base import Account
from ganzohr.channels.connectors.mail import connector
from ganzohr.channels.connectors.mail.parse import parse
from ganzohr.channels.connectors.mail.trim import trim
from ganzohr.channels.connectors.mail.values import Mail

HEAD = (
    "From: Anna Beispiel <Anna@Person.test>\nTo: karriere@brand.test\nSubject: Frage\n"
    "Message-ID: <1.abc@person.test>\nDate: Sat, 21 Nov 2026 20:02:34 +0100\n"
)


def mail(text: str, charset: str = "utf-8") -> Mail:
    return parse(text.encode(charset))


def test_an_ordinary_mail_is_read_whole() -> None:
    found = mail(
        f"{HEAD}In-Reply-To: <0@brand.test>\nReferences: <r@brand.test>\n <0@brand.test>\n\nIst die Stelle noch frei?\n"
    )
    assert found.external_id == "<1.abc@person.test>"
    assert (found.sender.address, found.sender.name) == ("anna@person.test", "Anna Beispiel")
    assert [box.address for box in found.to] == ["karriere@brand.test"]
    assert found.date == datetime(2026, 11, 21, 19, 2, 34, tzinfo=UTC)
    assert (found.subject, found.text) == ("Frage", "Ist die Stelle noch frei?")
    assert (found.in_reply_to, found.references) == ("<0@brand.test>", ("<r@brand.test>", "<0@brand.test>"))
    assert not found.is_machine


def test_a_mail_without_an_id_gets_the_same_made_up_one_every_time() -> None:
    raw = b"From: a@b.test\n\nHallo\n"
    assert parse(raw).external_id == parse(raw).external_id
    assert parse(raw).external_id != parse(raw + b"!").external_id
    assert parse(raw).made_up_id


@pytest.mark.parametrize(
    ("encoding", "charset", "body"),
    [
        ("8bit", "iso-8859-15", "Vergütung: 1.100 €".encode("iso-8859-15")),
        ("8bit", "utf-8", "Vergütung: 1.100 €".encode()),
        ("quoted-printable", "utf-8", b"Verg=C3=BCtung: 1.100 =\n=E2=82=AC"),
        ("quoted-printable", "windows-1252", b"Verg=FCtung: 1.100 =80"),
        ("base64", "utf-8", b"VmVyZ8O8dHVuZzogMS4xMDAg4oKs"),
        ("BASE64; broken", "utf-8", b"VmVyZ8O8dHVuZzogMS4xMDAg4oKs"),
        ("8bit", "us-ascii", "Vergütung: 1.100 €".encode()),
        ("8bit", "x-nobody-knows", "Vergütung: 1.100 €".encode()),
        ("8bit", "iso-8859-1", "Vergütung: 1.100 €".encode()),
    ],
)
def test_every_encoding_gives_the_same_words(encoding: str, charset: str, body: bytes) -> None:
    head = f"{HEAD}Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    assert parse(head.encode() + body).text == "Vergütung: 1.100 €"


def test_latin_1_that_only_looks_like_utf_8_stays_latin_1() -> None:
    head = f"{HEAD}Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\n"
    assert parse(head.encode() + "Größe: 5 £".encode("iso-8859-1")).text == "Größe: 5 £"


def test_encoded_words_in_headers_are_read() -> None:
    found = mail(
        "From: =?utf-8?q?J=C3=BCrgen_M=C3=BCller?= <j@m.test>\nSubject: =?iso-8859-1?Q?Verg=FCtung?= im =?utf-8?b?w4Q=?=\n =?utf-8?b?cnp0ZQ==?=\n\n."
    )
    assert (found.sender.name, found.subject) == ("Jürgen Müller", "Vergütung im Ärzte")


def test_raw_eight_bit_headers_are_read() -> None:
    assert parse("From: Jürgen <j@m.test>\nSubject: Vergütung\n\nx".encode("latin-1")).subject == "Vergütung"


def test_of_alternatives_the_plain_text_counts_and_html_where_there_is_none() -> None:
    both = mail(
        f"{HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nschlicht\n--b\n"
        "Content-Type: text/html\n\n<p>bunt</p>\n--b--\n"
    )
    only = mail(
        f"{HEAD}Content-Type: text/html; charset=utf-8\n\n<style>p{{}}</style><p>Grüße &amp; <b>Dank</b></p><p>Anna</p>"
    )
    assert (both.text, both.html) == ("schlicht", "<p>bunt</p>")
    assert only.text == "Grüße & Dank\n\nAnna"


def test_quotes_in_html_are_quotes_in_text() -> None:
    page = "<p>Danke!</p><div>Am 3.11.2026 um 10:00 schrieb X:<blockquote><p>Alte Frage</p><blockquote>noch älter</blockquote></blockquote></div>"
    found = mail(f"{HEAD}Content-Type: text/html; charset=utf-8\n\n{page}")
    assert [line for line in found.text.split("\n") if line.strip(">") and line.startswith(">")] == [
        "> Alte Frage",
        ">> noch älter",
    ]
    assert trim(found.text).text == "Danke!"


OUTLOOK = """<html><body><p class=MsoNormal>Ab August.<o:p></o:p></p><p class=MsoNormal>Tom<o:p></o:p></p><div>
<div style='border-top:solid 1.0pt'><p class=MsoNormal><b>Von:</b> Karriere &lt;karriere@brand.test&gt; <br><b>Gesendet:</b> Donnerstag,
19. November 2026 16:12<br><b>An:</b> Tom<br><b>Betreff:</b> Frage<o:p></o:p></p></div></div><p class=MsoNormal>Wann?</p></body></html>"""
GMAIL = """<div dir="ltr">Ab August.<div><br></div><div>Tom</div></div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">Am Do., 19. Nov.
2026 um 16:12&nbsp;Uhr schrieb Karriere &lt;<a href="mailto:karriere@brand.test">karriere@brand.test</a>&gt;:<br></div>
<blockquote class="gmail_quote" style="margin:0">Wann?<br></blockquote></div>"""


@pytest.mark.parametrize("page", [OUTLOOK, GMAIL])
def test_an_answer_in_html_only_is_told_from_its_quote(page: str) -> None:
    found = mail(f"{HEAD}Content-Type: text/html; charset=utf-8\n\n{page}")
    assert trim(found.text).text.split() == ["Ab", "August.", "Tom"]


def test_flowed_lines_belong_together() -> None:
    found = mail(
        f"{HEAD}Content-Type: text/plain; format=flowed\n\nEin langer Satz, der \nweitergeht.\n> Zitat \n> zwei\n-- \nAnna\n"
    )
    assert found.text == "Ein langer Satz, der weitergeht.\n> Zitat\n> zwei\n-- \nAnna"


def test_files_come_along_and_their_names_cannot_leave_the_folder() -> None:
    found = mail(
        f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nanbei\n--b\n"
        "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''Lebens%C3%A4ufe.pdf\n"
        'Content-Transfer-Encoding: base64\n\nJVBERi0=\n--b\nContent-Type: image/png; name="../../etc/passwd"\n'
        "Content-ID: <bild@1>\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n"
    )
    assert [(f.name, f.content_type, f.content, f.content_id) for f in found.files] == [
        ("Lebensäufe.pdf", "application/pdf", b"%PDF-", ""),
        ("etc_passwd", "image/png", b"\0\0\0", "bild@1"),
    ]
    assert found.text == "anbei"


def test_a_mail_inside_a_mail_is_a_file_and_speaks_when_nothing_else_does() -> None:
    found = mail(f"{HEAD}Content-Type: message/rfc822\n\nFrom: x@y.test\nSubject: Innen\n\nDie Frage von innen\n")
    assert [(f.name, f.content_type) for f in found.files] == [("Innen.eml", "message/rfc822")]
    assert found.text == "Die Frage von innen"


@pytest.mark.parametrize(
    "broken",
    [
        "Sat, 99 Nov 2026 20:02:34",
        "",
        "gestern",
        "Mon, 30 Jun 3609 15:33:50 +0600",
        "Sat, 21 Nov 2026 25:61:00 +9900",
        "Thu, 01 Jan 1970 00:00:00 +0000",
        "Mon, 01 Jan 2001 00:00:00 +0000",
    ],
)
def test_a_broken_date_gives_way_to_when_it_arrived(broken: str) -> None:
    found = mail(f"Received: from a by b; Sat, 21 Nov 2026 20:02:40 +0000\nDate: {broken}\nFrom: a@b.test\n\nx")
    assert found.date == datetime(2026, 11, 21, 20, 2, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "address", "name"),
    [
        ('"Müller, Jürgen" <J@M.test>', "j@m.test", "Müller, Jürgen"),
        ("anna@person.test (Anna B.)", "anna@person.test", "Anna B."),
        ("Anna & Bert GmbH <anna@person.test>", "anna@person.test", "Anna & Bert GmbH"),
        ("Anna anna@person.test", "anna@person.test", "Anna"),
        ("MAILER-DAEMON <>", "", "MAILER-DAEMON"),
    ],
)
def test_senders_are_found_in_any_writing(written: str, address: str, name: str) -> None:
    found = mail(f"From: {written}\n\nx")
    assert (found.sender.address, found.sender.name) == (address, name)


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-replied\nSubject: Re: Frage",
        "X-Autoreply: yes\nSubject: Re: Frage",
        "Precedence: auto_reply\nSubject: Re: Frage",
        "Subject: Automatische Antwort: Frage",
        "Subject: Automatisch antwoord: Vraag",
        "Subject: Automatic reply: Question",
        "Subject: Abwesenheitsnotiz: Frage",
        "Subject: Abwesend: Frage\nIn-Reply-To: <g.1@brand.test>",
        "Subject: Out of Office: Question",
        "Subject: Afwezigheidsbericht",
    ],
)
def test_an_answer_by_a_machine_is_recognised(head: str) -> None:
    assert mail(f"From: a@b.test\nMessage-ID: <1@b.test>\n{head}\n\nIch bin nicht da.").is_auto_reply


@pytest.mark.parametrize(
    "subject",
    [
        "AW: Automatische Antwort: Frage",
        "Frage zur Abwesenheit in der Ausbildung",
        "Re: Out of office",
        "Auto und Führerschein: brauche ich das?",
    ],
)
def test_a_person_writing_about_absences_is_not_taken_for_a_machine(subject: str) -> None:
    found = mail(f"From: a@b.test\nMessage-ID: <1@b.test>\nSubject: {subject}\n\nHallo, eine Frage.")
    assert not found.is_machine


def test_newsletters_and_lists_are_recognised() -> None:
    assert mail("From: n@l.test\nList-Unsubscribe: <mailto:x@l.test>\n\nx").is_mailing_list
    assert mail("From: n@l.test\nPrecedence: bulk\n\nx").is_automatic
    assert mail("From: no-reply@l.test\n\nx").is_automatic


BOUNCE = """Return-Path: <>
From: MAILER-DAEMON@mx.brand.test (Mail Delivery System)
To: karriere@brand.test
Subject: Undelivered Mail Returned to Sender
Message-ID: <b1@mx.brand.test>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

I'm sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.brand.test

Final-Recipient: rfc822; anna@person.test
Original-Recipient: rfc822;anna@person.test
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: {kind}

From: karriere@brand.test
Reply-To: karriere+abcdefghijklmnopqrstuvwxyz@brand.test
Message-ID: <g.42@brand.test>
Subject: Re: Frage

--b--
"""


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_bounce_says_whom_it_did_not_reach_and_which_mail(kind: str) -> None:
    found = mail(BOUNCE.format(action="failed", status="5.1.1", kind=kind))
    assert found.report is not None
    assert found.is_bounce
    assert found.report.kind == "bounce"
    assert [(r.address, r.status) for r in found.report.recipients] == [("anna@person.test", "5.1.1")]
    assert found.report.original_message_id == "<g.42@brand.test>"
    assert found.report.original_reply_to == "karriere+abcdefghijklmnopqrstuvwxyz@brand.test"


def test_a_delay_is_not_a_failure() -> None:
    found = mail(BOUNCE.format(action="delayed", status="4.4.1", kind="text/rfc822-headers"))
    assert found.report is not None
    assert found.report.kind == "delay"


def test_an_old_style_bounce_in_plain_words_is_recognised() -> None:
    found = mail(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.test\nSubject: failure notice\nMessage-ID: <x@mx.test>\n\n"
        "Hi. This is the qmail-send program.\n\n<anna@person.test>:\nno mailbox here\n\n"
        "--- Below this line is a copy of the message.\n\nMessage-ID: <g.7@brand.test>\n"
    )
    assert found.report is not None
    assert [r.address for r in found.report.recipients] == ["anna@person.test"]
    assert found.report.original_message_id == "<g.7@brand.test>"


def test_a_question_about_a_bounce_stays_a_question() -> None:
    assert (
        mail("From: anna@person.test\nSubject: Mail nicht zustellbar?\n\nMeine Mail an euch kam zurück.").report is None
    )


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=4000))
def test_no_bytes_are_too_strange(raw: bytes) -> None:
    found = parse(raw)
    assert "\0" not in found.text + found.subject + found.html
    (found.text + found.subject + found.sender.name + found.external_id).encode()
    trim(found.text)


PIECES = st.sampled_from(
    ["From: ", "a@b.test", "<", ">", "\n", "\n\n", "Content-Type: multipart/mixed; boundary=b\n", "--b\n", "--b--\n",
     "=?utf-8?q?", "?=", "=C3", "Ü", "Content-Type: text/html\n", "<blockquote>", "</div>", "AAA", "> ", "-- \n", "\r",
     "Content-Type: message/rfc822\n", "Content-Transfer-Encoding: base64\n", "On 3.3.2026 10:00 A wrote:", "Date: ",
     "Content-Type: text/plain; charset=utf-7; format=flowed\n", "Received: x; ", "\0", "References: <a@b>\n",
     "Content-Type: multipart/report; boundary=b\n", "Content-Type: message/delivery-status\n", "Subject: ",
     "Final-Recipient: rfc822;", "filename*0*=x", "Content-Disposition: attachment; filename=", "\xed\xa0\x80"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_no_broken_mail_stops_the_others(text: str) -> None:
    raw = text.encode("utf-8", "replace")
    assert len(connector.parse(_account(), {}, raw)) == 1
    assert connector.delivery_key(_account(), "", {}, raw)


def _account() -> Account:
    return Account("mail", "k", {"address": "karriere@brand.test"}, {})


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 3000,
        b"Content-Type: text/html\n\n" + b"<div>" * 50_000,
        b"Content-Type: text/html\n\n" + b"<!--" * 100_000,
        b"Content-Type: text/html\n\n" + b"<blockquote>" * 20_000,
        b"Content-Type: text/html\n\n" + b"<script" * 50_000 + b"<div>" * 500,
        b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\n\nx",
        b"From: " + b"(" * 100_000 + b"\n\nx",
        b"To: " + b"a@b.test, " * 100_000 + b"\n\nx",
        b"From: a@b.test\n\n" + b"> x\n" * 100_000,
        b"From: a@b.test\n\n" + b"Hallo\n---\n" * 50_000,
        b"From: a@b.test\n\n" + b"On 3.3.2026 10:00 Anna <a@b.test\n" * 50_000 + b"wrote:\n",
        b"From: a@b.test\n\n" + b"Von: a\n" * 50_000,
        b"From: a@b.test\n\n" + b"a" * 3_000_000,
        b"From: a@b.test\n\n" + b"Viele Gr\xc3\xbc\xc3\x9fe\n\n" * 50_000,
        b"Content-Type: message/rfc822\n\n" * 3000 + b"x",
        b"Content-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\nContent-Type: application/x\nContent-Disposition: attachment\n\nx\n" * 20_000,
    ],
)  # fmt: skip
def test_hostile_mail_is_read_in_bounded_time(raw: bytes) -> None:
    began = time.process_time()
    connector.parse(_account(), {}, raw)
    assert time.process_time() - began < 4
