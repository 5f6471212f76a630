"""The last two days: they come in by the real road at their own time, and the desk does with them what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from ganzohr.audit.actions import by_user
from ganzohr.channels import actions as channels
from ganzohr.channels.connectors.hand.entry import Entry
from ganzohr.core import crypto, jobs, times
from ganzohr.directory.models import Colleague
from ganzohr.inbox.models import Conversation
from ganzohr.inquiries.actions import answers, asking
from ganzohr.inquiries.models import Inquiry
from ganzohr.notifications.models import Ask
from ganzohr.proofs.sample.history import Channels
from ganzohr.proofs.sample.tables import rows
from ganzohr.topics.models import Topic
from ganzohr.website import actions as website

QUEUES = ("deliveries", "understand", "media", "events", "outbox")
CONSENT = {
    "kind": "contact",
    "version": "1",
    "language": "de",
    "text": "Wir speichern deine Frage, um sie zu beantworten.",
}
LENA = "lena@post.example"
DRAFTS = {
    "Hoffmeister": "Ja, das geht. Wir bieten 75 % an, die Ausbildung dauert dann vier statt drei Jahre. "
    "Start ist der 1. April. Am besten rufen Sie im Schulsekretariat an, Durchwahl 4711.",
    "Villanueva": "Yes, we do. You need B1 to start and B2 for the recognition, we pay for the course. Aylin",
    "Postma": "Ja, ook in Vechtehof: de opvang is daar open vanaf zes uur, er zijn nog vier plekken. Groeten, Nadine",
    "Kovač": "Ja, das geht. Die Weiterbildung Pädiatrie dauert bei uns ein Jahr neben dem Dienst, "
    "sie kann im April anfangen.",
}


@dataclass(frozen=True)
class Said:
    """One thing somebody says."""

    at: datetime
    way: str
    language: str
    name: str
    words: str
    place: str


def build(where: Channels) -> str:
    """Let it all come in; the path of Lena's private link on the career site."""
    start = times.now()
    lena = ""
    for hours, way, language, name, words, place in rows("fresh.txt"):
        at = start - timedelta(hours=float(hours))
        token = crypto.new_token()
        with times.frozen(at):
            WAYS.get(way, _by_hand)(where, Said(at, way, language, name, words, place), token)
            settle()
        lena = token if place == LENA else lena
    _triage("Hoffmeister", "apprenticeship", start - timedelta(minutes=90))
    _triage("Kovač", "career-change", start - timedelta(hours=26))
    for name, text in DRAFTS.items():
        _draft(name, text, start - timedelta(minutes=50))
    return lena


def settle() -> None:
    """Everything, as if the worker had been there; mail goes to the demo's own servers."""
    while sum(jobs.answer(queue) for queue in QUEUES):
        pass


def _by_website(where: Channels, said: Said, token: str) -> None:
    words = website.Words(
        id=token[:20], token=token, language=said.language, text=said.words, name=said.name, mail_address=said.place,
        source="plakat-mensa" if said.name.startswith("Lena") else "", by="widget",
        consent={**CONSENT, "language": said.language},
    )  # fmt: skip
    website.write(where.website, words, "127.0.0.1")


def _by_mail(where: Channels, said: Said, token: str) -> None:
    mail = EmailMessage()
    mail["From"] = formataddr((said.name, said.place))
    mail["To"] = str(where.mail.settings["address"])
    mail["Subject"] = {"de": "Frage", "nl": "Vraag"}.get(said.language, "A question")
    mail["Date"] = format_datetime(said.at)
    mail["Message-ID"] = f"<{token[:24]}@post.example>"
    mail.set_content(said.words)
    channels.store(where.mail, "", {}, mail.as_bytes())


def _by_hand(where: Channels, said: Said, _token: str) -> None:
    entry = Entry(
        network=said.way, text=said.words, written_at=said.at.isoformat(), link=said.place, name=said.name,
        post_link=said.place, post_text="Ein Tag auf der Kinderintensivstation: Mira nimmt euch mit in ihren Dienst.",
    )  # fmt: skip
    channels.store(where.hand, "", {}, entry.to_bytes())


WAYS: dict[str, Callable[[Channels, Said, str], None]] = {"website": _by_website, "mail": _by_mail}


def _triage(name: str, slug: str, at: datetime) -> None:
    """A manager says what it is about, if the desk was not sure."""
    conversation = Conversation.objects.get(
        contact__name__endswith=name, state="open", created_at__gte=at - timedelta(days=1)
    )
    if conversation.topic_is_sure:
        return
    sophie = Colleague.objects.get(name="Sophie Brandt")
    assert sophie.user
    with times.frozen(at):
        asking.choose_topic_and_ask(conversation, Topic.objects.get(slug=slug), by_user(sophie.user), sophie)
        settle()


def _draft(name: str, text: str, at: datetime) -> None:
    """The expert of that person's inquiry answers on the private page."""
    inquiry = Inquiry.objects.filter(conversation__contact__name__endswith=name, state=Inquiry.State.ASKED).first()
    ask = Ask.objects.filter(kind="inquiry", subject_id=inquiry.pk, revoked_at=None).first() if inquiry else None
    if ask is None:
        return
    with times.frozen(at):
        answers.take_answer(ask, text, answers.Source("page", minutes=4))
        settle()
