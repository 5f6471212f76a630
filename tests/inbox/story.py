"""A small desk: two people of us, channels of three kinds, and somebody who writes."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, connection, transaction

from ganzohr.accounts.models import User
from ganzohr.audit.actions import Actor, by_user
from ganzohr.channels.arrivals import Arrived
from ganzohr.channels.connectors.base import Incoming, IncomingPost
from ganzohr.channels.models import Channel
from ganzohr.core import events
from ganzohr.directory.models import Colleague, Site
from ganzohr.inbox import actions
from ganzohr.inbox.models import Conversation, Message
from ganzohr.topics.models import Topic

NOW = dt.datetime(2026, 11, 24, 9, 20, tzinfo=dt.UTC)


@dataclass
class Desk:
    """Everything a story needs."""

    sophie: Colleague
    jonas: Colleague
    karin: Colleague
    mail: Channel
    hand: Channel
    website: Channel
    topic: Topic
    other_topic: Topic
    site: Site
    told: list[events.Event]
    count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def actor(self) -> Actor:
        assert self.sophie.user
        return by_user(self.sophie.user)

    def say(self, text: str = "Hallo, geht das auch in Teilzeit?", **more: Any) -> Incoming:
        """Something Lena wrote, a minute after what she wrote before."""
        number = next(self.count)
        values: dict[str, Any] = {
            "what": "message", "external_id": f"m{number}", "sender_id": "lena@example.org",
            "sender_name": "Lena Hoffmeister",
            "provider_at": NOW + dt.timedelta(minutes=number - 30), "text": text, "thread_key": "t1",
            "subject": "Teilzeit", "language": "de", "target": {"to": "lena@example.org", "in_reply_to": f"m{number}"},
        }  # fmt: skip
        return Incoming(**{**values, **more})

    def arrive(self, *said: Incoming, channel: Channel | None = None) -> Conversation:
        """Let it come in; the conversation of the last one."""
        channel = channel or self.mail
        batch = [Arrived(channel.pk, index, one, NOW) for index, one in enumerate(said)]
        with transaction.atomic():
            assert actions.receive(batch) == set(range(len(batch)))
        last = said[-1]
        return Conversation.objects.get(messages__external_id=last.external_id, channel=channel)

    def comment(self, text: str = "Geht das in Teilzeit?", **more: Any) -> Conversation:
        """A public comment, entered by hand."""
        post = IncomingPost("p1", "https://www.instagram.com/p/1", "Ein Tag auf der Kinderintensivstation", "Auental")
        values: dict[str, Any] = {
            "sender_id": "instagram:@lena", "visibility": "public", "post": post, "thread_key": "", "subject": "",
            "target": {"network": "instagram", "link": "https://www.instagram.com/p/1", "visibility": "public"},
        }  # fmt: skip
        return self.arrive(self.say(text, **{**values, **more}), channel=self.hand)

    def answer(self, conversation: Conversation, text: str = "Ja, das geht.", **more: Any) -> Message:
        """Sophie approves."""
        conversation.refresh_from_db()
        knows = max(conversation.messages.filter(direction="in").values_list("pk", flat=True), default=0)
        values: dict[str, Any] = {
            "by": self.sophie,
            "actor": self.actor,
            "knows_message_id": knows,
            "key": f"k{next(self.count)}",
        }
        return actions.answer(conversation, text=text, **{**values, **more})


def is_held(conversation: Conversation) -> bool:
    """Whether a transaction holds it at this very moment, as somebody else's connection sees it."""
    met: list[bool] = []

    def look() -> None:
        try:
            with transaction.atomic():
                Conversation.objects.select_for_update(nowait=True).get(pk=conversation.pk)
                met.append(False)
        except OperationalError:
            met.append(True)
        connection.close()

    somebody = threading.Thread(target=look)
    somebody.start()
    somebody.join(30)
    return met[0]


def colleague(name: str, role: str) -> Colleague:
    """Somebody of us; with a role they sign in."""
    email = f"{name.split()[0].lower()}@auental.example"
    user = User.objects.create_user(email, role=role, language="en") if role else None
    made, _new = Colleague.objects.update_or_create(email=email, defaults={"name": name, "user": user})
    return made


def open_desk(told: list[events.Event]) -> Desk:
    """Two managers, an expert, three channels, two topics."""
    site = Site.objects.create(name="Seligenbach")
    return Desk(
        sophie=colleague("Sophie Brandt", "manager"),
        jonas=colleague("Jonas Weber", "manager"),
        karin=colleague("Karin Wöhlert", ""),
        mail=Channel.objects.create(
            kind="mail", name="karriere@auental.example", key="mail", site=site,
            settings={"address": "karriere@auental.example"},
        ),
        hand=Channel.objects.create(kind="hand", name="Von Hand", key="hand", signature="none"),
        website=Channel.objects.create(kind="website", name="Karriereseite", key="website"),
        topic=Topic.objects.create(
            slug="pflege", names={"de": "Ausbildung Pflege", "en": "Nursing"}, promised_minutes=120
        ),
        other_topic=Topic.objects.create(slug="wohnen", names={"de": "Wohnen", "en": "Housing"}),
        site=site,
        told=told,
    )  # fmt: skip
