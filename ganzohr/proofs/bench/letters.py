"""What the bench sends: webhooks of 1 KB in WhatsApp's shape, signed, and mails; the same for the same number."""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import cache

SECRET = "bench-secret-of-the-app"  # noqa: S105  of a desk that lives for minutes
APP_KEY, NUMBER, MAIL_KEY = "bench-app", "106540352242922", "bench-mail"
SIZE = 1024
PEOPLE = 5000
BEGAN = 1_790_000_000  # provider time of the first
WORDS = (
    "Guten Tag, ich interessiere mich für einen Ausbildungsplatz zur Pflegefachkraft. Wann beginnt die Ausbildung?",
    "Hallo, wie hoch ist das Gehalt in der Probezeit und gibt es eine Zulage für Nachtschichten?",
    "Hi, do you offer part-time positions for nurses, and which documents do I need to apply?",
    "Goedemorgen, kan ik ook zonder diploma solliciteren, en hoe zien de werktijden eruit?",
    "Kann ich vor der Bewerbung einen Tag zur Probe arbeiten? Ich wohne in der Nähe und habe kein Auto.",
    "Vielen Dank für das nette Gespräch gestern, ich freue mich sehr auf die Rückmeldung!",
)


@cache
def _shape(kind: int) -> bytes:
    """The delivery with these words, exactly 1 KB once its numbers stand in it."""
    person = "4915%(person)09d"
    said = {"from": person, "id": "wamid.BENCH%(number)010d", "timestamp": "%(at)010d", "type": "text"}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "4925112345", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Person %(person)09d"}, "wa_id": person}],
        "messages": [{**said, "text": {"body": WORDS[kind]}}],
        "newer_field": "%(rest)s",  # platforms send more every year
    }
    entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
    made = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}, ensure_ascii=False).encode()
    missing = SIZE - len(made.replace(b"%(rest)s", b"") % _numbers(0))
    return made.replace(b"%(rest)s", b"x" * missing)


def _numbers(number: int) -> dict[bytes, int]:
    return {b"person": number % PEOPLE, b"number": number, b"at": BEGAN + number}


def webhook(number: int) -> bytes:
    """The body of one delivery, 1 KB."""
    return _shape(number % len(WORDS)) % _numbers(number)


def signature(body: bytes) -> str:
    """As the platform signs it."""
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def request(path: str, number: int) -> bytes:
    """A whole HTTP request."""
    body = webhook(number)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"X-Hub-Signature-256: {signature(body)}\r\nUser-Agent: facebookexternalua\r\nAccept: */*\r\n\r\n"
    )
    return head.encode() + body


@cache
def _mail_words() -> tuple[str, ...]:
    return tuple(f"{words}\n\nViele Grüße\n" for words in WORDS)


def mail(number: int) -> bytes:
    """One mail of one person, a thread of its own."""
    words = _mail_words()[number % len(WORDS)]
    hour, minute, second = number // 3600 % 24, number // 60 % 60, number % 60
    return (
        f"Return-Path: <person{number % PEOPLE}@example.org>\r\n"
        f"From: Person {number % PEOPLE:05d} <person{number % PEOPLE}@example.org>\r\nTo: jobs@auental.example\r\n"
        f"Subject: Frage {number} zur Bewerbung\r\n"
        f"Date: Mon, 21 Sep 2026 {hour:02d}:{minute:02d}:{second:02d} +0200\r\n"
        f"Message-ID: <bench-{number}@example.org>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"{words.replace(chr(10), chr(13) + chr(10))}"
    ).encode()
