"""A small house: Sophie runs the desk, Karin knows about training, Thomas stands in, and Lena asks by mail."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from ganzohr.accounts.models import User
from ganzohr.audit import pending
from ganzohr.audit.actions import Actor, by_user
from ganzohr.channels.arrivals import Arrived, offer
from ganzohr.channels.connectors.base import Incoming, IncomingFile, IncomingPost
from ganzohr.channels.events import OutgoingAccepted, OutgoingRefused
from ganzohr.channels.models import Channel, Outgoing
from ganzohr.core import crypto, times
from ganzohr.core.events import emit
from ganzohr.directory.models import Colleague, Site
from ganzohr.inbox import actions as inbox
from ganzohr.inbox.events import MessagesUnderstood
from ganzohr.inbox.models import Conversation, Message
from ganzohr.inquiries.models import ExpertWords, Inquiry
from ganzohr.notifications import tokens
from ganzohr.notifications.models import Ask
from ganzohr.topics.models import Topic

MONDAY = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
QUESTION = "Geht die Ausbildung auch in Teilzeit?"
ANSWER = "Ja, ab 75 %. Start ist der 1. April."


@dataclass
class Circle:
    """Everything a story needs."""

    sophie: Colleague
    karin: Colleague
    thomas: Colleague
    mail: Channel
    hand: Channel
    site: Site
    training: Topic
    salary: Topic
    count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def actor(self) -> Actor:
        assert self.sophie.user
        return by_user(self.sophie.user)

    # ── people outside ──

    def write(self, text: str = QUESTION, **more: Any) -> Message:
        """Lena writes a mail; stored, not understood yet."""
        number = next(self.count)
        values: dict[str, Any] = {
            "what": "message", "external_id": f"<lena{number}@web.example>", "sender_id": "lena@web.example",
            "sender_name": "Lena Hoffmeister", "provider_at": times.now(), "text": text, "thread_key": "lena",
            "subject": "Teilzeit", "language": "de", "target": {"to": "lena@web.example"},
        }  # fmt: skip
        channel = more.pop("channel", self.mail)
        one = Incoming(**{**values, **more})
        with transaction.atomic():
            assert offer([Arrived(channel.pk, number, one, times.now())]) == {0}
        return Message.objects.get(external_id=one.external_id)

    def comment(self, text: str = QUESTION) -> Message:
        """Lena comments in public, entered by hand."""
        post = IncomingPost(
            "p1", "https://www.instagram.com/p/1", "Ein Tag auf der Kinderintensivstation: " + "Mira " * 30
        )
        target = {"network": "instagram", "link": "https://www.instagram.com/p/1", "visibility": "public"}
        return self.write(text, channel=self.hand, visibility="public", post=post, thread_key="", target=target)

    def understand(
        self, message: Message, *, topic: Topic | None = None, kind: str = "question", choices: Any = ()
    ) -> None:
        """What the model would find: this kind, and this topic for sure, or several it is unsure about."""
        Message.objects.filter(pk=message.pk).update(kind=kind, language="de", understood_at=times.now())
        values: dict[str, Any] = {"kind": kind, "language": "de", "topic_choices": [[row.pk, 0.3] for row in choices]}
        if topic:
            values |= {"topic": topic, "topic_is_sure": True}
        Conversation.objects.filter(pk=message.conversation_id).update(**values)
        with transaction.atomic():
            emit(MessagesUnderstood((message.pk,)))
        self.settle()

    def ask(self, text: str = QUESTION, topic: Topic | None = None) -> Inquiry:
        """Lena's question, understood for sure; the inquiry it became."""
        message = self.write(text)
        self.understand(message, topic=topic or self.training)
        return Inquiry.objects.get(conversation_id=message.conversation_id, message=message)

    # ── the desk ──

    def settle(self) -> None:
        """The worker runs until nothing waits."""
        for _ in range(20):
            if not pending.run_pending():
                return
        raise AssertionError("events do not come to rest")

    def answer(self, inquiry: Inquiry, text: str = "Hallo Lena, ja, ab 75 %.", **more: Any) -> Message:
        """Sophie approves."""
        conversation = Conversation.objects.get(pk=inquiry.conversation_id)
        knows = max(conversation.messages.filter(direction="in").values_list("pk", flat=True))
        values = {
            "by": self.sophie,
            "actor": self.actor,
            "knows_message_id": knows,
            "key": f"k{next(self.count)}",
            **more,
        }
        message = inbox.answer(conversation, text=text, **values)
        self.settle()
        return message

    def leaves(self, message: Message) -> None:
        """The platform takes the answer."""
        assert message.outgoing_id
        Outgoing.objects.filter(pk=message.outgoing_id).update(state="accepted", finished_at=times.now())
        with transaction.atomic():
            emit(OutgoingAccepted((message.outgoing_id,)))
        self.settle()

    def fails(self, message: Message) -> None:
        """The platform refuses the answer."""
        assert message.outgoing_id
        Outgoing.objects.filter(pk=message.outgoing_id).update(state="refused", outcome="gave_up")
        with transaction.atomic():
            emit(OutgoingRefused((message.outgoing_id,)))
        self.settle()

    def browser(self, role: str = "manager") -> Client:
        """Somebody signed in; the manager is Sophie."""
        client = Client(headers={"accept-language": "en"})
        user = self.sophie.user if role == "manager" else User.objects.create_user(f"{role}@auental.example", role=role)
        assert user
        client.force_login(user)
        return client

    # ── colleagues ──

    def mails_to(self, colleague: Colleague, kind: str = "") -> list[Outgoing]:
        """What the outbox holds for a colleague, oldest first; taken back ones are out."""
        rows = Outgoing.objects.filter(channel=None, target__to=colleague.email).exclude(state="taken_back")
        return list(rows.filter(kind=kind) if kind else rows)

    def reply(self, ask: Ask, text: str = ANSWER, sender: str = "", **more: Any) -> None:
        """The colleague replies by mail."""
        number = next(self.count)
        headers = {"tokens": [tokens.mail_token(crypto.decrypt(ask.sealed_token))], **more.pop("headers", {})}
        files = tuple(IncomingFile(name, "", content) for name, content in more.pop("files", ()))
        one = Incoming(
            what="message", external_id=f"<reply{number}@x.example>", sender_id=sender or ask.colleague.email,
            text=text,
            original=f"{text}\n\nViele Grüße\n> quoted", provider_at=times.now(), headers=headers, files=files,
            thread_key=f"reply{number}", target={"to": "x"}, **more,
        )  # fmt: skip
        with transaction.atomic():
            assert offer([Arrived(self.mail.pk, number, one, times.now())]) == {0}
        self.settle()

    def page(self, ask: Ask) -> PrivatePage:
        """The colleague opens the link."""
        return PrivatePage(ask)


class PrivatePage:
    """A browser without an account, without JavaScript, that minds CSRF, on the private page of an ask."""

    def __init__(self, ask: Ask) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.path = f"/ask/{crypto.decrypt(ask.sealed_token)}/"
        self.open()

    def open(self) -> PrivatePage:
        """Load the page again."""
        self.seen: HttpResponse = self.client.get(self.path)  # type: ignore[assignment]
        return self

    @property
    def html(self) -> str:
        return self.seen.content.decode()

    @property
    def form(self) -> str:
        found = re.search(r'name="form" value="([^"]+)"', self.html)
        return found.group(1) if found else ""

    def send(self, do: str, **fields: Any) -> int:
        """Press a button of the page as it was opened."""
        answer = self.client.post(self.path, {"form": self.form, "do": do, **fields})
        self.answered = answer
        return answer.status_code


def open_circle() -> Circle:
    """The house."""
    user = User.objects.create_user("sophie@auental.example", role="manager", language="en")
    site = Site.objects.create(name="Auental")
    people = Colleague.objects
    sophie = people.filter(user=user).first() or people.create(
        name="Sophie Brandt", email=user.email, user=user, language="en"
    )
    people.filter(pk=sophie.pk).update(name="Sophie Brandt")
    sophie.refresh_from_db()
    thomas = people.create(name="Thomas Grünewald", email="thomas@auental.example", language="en")
    karin = people.create(name="Karin Wöhlert", email="karin@auental.example", language="en", deputy=thomas)
    settings = {"address": "karriere@auental.example", "plus": "+"}
    mail = Channel.objects.create(kind="mail", name="Karriere-Mail", key="mail", settings=settings, site=site)
    hand = Channel.objects.create(kind="hand", name="Instagram", key="hand", site=site)
    training = Topic.objects.create(slug="training", names={"en": "Training", "de": "Ausbildung"}, responsible=karin)
    salary = Topic.objects.create(slug="salary", names={"en": "Salary", "de": "Gehalt"})
    return Circle(sophie, karin, thomas, mail, hand, site, training, salary)


def said(inquiry: Inquiry) -> list[tuple[str, str, str]]:
    """What colleagues said: what, who, the words."""
    rows = ExpertWords.objects.filter(inquiry=inquiry).order_by("id")
    return [(row.said, row.colleague.name if row.colleague else "", row.text) for row in rows]


def state(inquiry: Inquiry) -> str:
    """Where it stands in the database."""
    return Inquiry.objects.get(pk=inquiry.pk).state


def asks(inquiry: Inquiry) -> list[Ask]:
    """Who was asked, oldest first."""
    return list(Ask.objects.filter(kind="inquiry", subject_id=inquiry.pk).select_related("colleague").order_by("id"))
