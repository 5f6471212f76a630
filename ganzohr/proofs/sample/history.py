"""Sixty days of conversations, answered, thanked, closed: rows as the real road would have left them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from ganzohr.channels.models import Channel, Outgoing, PublicPost
from ganzohr.contacts.models import Consent, Contact, Handle
from ganzohr.core import times
from ganzohr.directory import hours as opening
from ganzohr.directory.models import Colleague, Site
from ganzohr.inbox.models import Conversation, Kind, Message
from ganzohr.inquiries.models import ExpertWords, Inquiry
from ganzohr.insights.figures import zone
from ganzohr.proofs.sample.employer import Employer
from ganzohr.proofs.sample.tables import rows
from ganzohr.topics.models import Topic

COUNT = 285
DAYS = 60
JOBS = {
    "de": ["Pflegefachfrau", "Pflegefachmann", "MFA", "ATA", "OTA", "Hebamme", "Physiotherapeutin", "Logopädin"],
    "nl": ["verpleegkundige", "fysiotherapeut"],
    "en": ["nurse", "midwife", "physiotherapist", "lab technician"],
}
MONTHS = {
    "de": ["Januar", "Februar", "März", "April", "Mai"],
    "nl": ["januari", "februari", "maart"],
    "en": ["January", "February", "March"],
}
HELLOS = {
    "de": ["", "", "", "Hallo, ", "Hi zusammen, ", "Guten Abend, "],
    "nl": ["", "Hoi, ", "Goedenavond, "],
    "en": ["", "Hi, ", "Hello, "],
}
GREETINGS = ("hallo", "hey", "hi", "moin", "guten", "hoi", "goede", "hello", "dear", "liebe", "beste")
EVENING = [7, 9, 12, 14, 16, 17, 18, 19, 19, 20, 20, 21, 21, 21, 22, 22, 23]


@dataclass(frozen=True)
class Talk:
    """One conversation to be written down."""

    kind: str
    topic: Topic | None
    language: str
    site: Site
    question: str
    answer: str
    name: str
    at: datetime


@dataclass(frozen=True)
class Channels:
    """Where it happened."""

    website: Channel
    mail: Channel
    hand: Channel
    posts: tuple[PublicPost, ...]


def build(employer: Employer, channels: Channels, seed: int = 7) -> int:
    """Write the history; how many conversations it holds."""
    chance = random.Random(seed)
    managers = [employer.colleagues["Sophie Brandt"], employer.colleagues["Jonas Kühn"]]
    talks = sorted(_talks(employer, chance), key=lambda talk: talk.at)
    with transaction.atomic():
        for number, talk in enumerate(talks):
            _write(talk, number, employer, channels, managers, chance)
    return len(talks)


def _talks(employer: Employer, chance: random.Random) -> Iterator[Talk]:
    people = {language: [name.strip() for name in names.split(",")] for language, names in rows("people.txt")}
    asked, other = rows("asked.txt"), rows("other.txt")
    sites = list(employer.sites.values())
    now = times.now()
    for number in range(COUNT):
        is_question = number % 7 not in (3, 5) or chance.random() < 0.2
        first, language, question, answer = chance.choice(asked if is_question else other)
        site = employer.sites["Vechtehof"] if language == "nl" and chance.random() < 0.7 else chance.choice(sites)
        hello = chance.choice(HELLOS[language]) if is_question else ""
        if question.lower().startswith(GREETINGS):
            hello = ""
        yield Talk(
            kind=Kind.QUESTION if is_question else first,
            topic=employer.topics[first] if is_question else None,
            language=language,
            site=site,
            question=_filled(
                hello + (question[0].lower() + question[1:] if hello and language != "de" else question),
                language,
                site,
                chance,
            ),
            answer=_filled(answer, language, site, chance),
            name=chance.choice(people[language]),
            at=_moment(now, chance),
        )


def _filled(text: str, language: str, site: Site, chance: random.Random) -> str:
    text = text.replace("{site}", site.name).replace("{job}", chance.choice(JOBS[language]))
    return text.replace("{month}", chance.choice(MONTHS[language]))


def _moment(now: datetime, chance: random.Random) -> datetime:
    """More often lately, more often in the evening."""
    days = 2 + int((DAYS - 2) * chance.random() ** 1.25)
    local = (now - timedelta(days=days)).astimezone(zone())
    return local.replace(hour=chance.choice(EVENING), minute=chance.randrange(60), second=chance.randrange(60))


def _write(
    talk: Talk, number: int, employer: Employer, channels: Channels, managers: list[Colleague], chance: random.Random
) -> None:
    is_public = talk.kind != Kind.QUESTION or chance.random() < 0.3
    channel = channels.hand if is_public else chance.choice([channels.website, channels.website, channels.mail])
    handle = _handle(talk, number, channel)
    age = (times.now() - talk.at) / timedelta(days=DAYS)
    is_answered = bool(talk.answer) and chance.random() > 0.02 + 0.2 * age**1.5
    manager = chance.choice(managers)
    conversation = _conversation(talk, channel, handle, is_public, channels, manager)
    question = _message(conversation, talk, number)
    if is_answered:
        _answer(conversation, question, talk, employer, manager, chance)
    else:
        _leave(conversation, talk, chance)


def _handle(talk: Talk, number: int, channel: Channel) -> Handle:
    contact = Contact.objects.create(
        name=talk.name, language=talk.language, source=["", "messe-enschede", "plakat-mensa"][number % 3],
        created_at=talk.at,
    )  # fmt: skip
    local = talk.name.lower().replace(" ", ".")
    network = ("instagram:", "facebook:", "instagram:", "linkedin:")[number % 4] if channel.kind == "hand" else ""
    handle = Handle.objects.create(
        contact=contact, channel=channel, external_id=f"{network}{local}.{number}", name=talk.name, created_at=talk.at
    )
    if channel.kind == "website":
        Consent.objects.create(
            handle=handle, kind="contact", version="1", text="Wir speichern deine Frage, um sie zu beantworten.",
            language=talk.language, given_at=talk.at,
        )  # fmt: skip
    return handle


def _conversation(
    talk: Talk, channel: Channel, handle: Handle, is_public: bool, channels: Channels, manager: Colleague
) -> Conversation:
    return Conversation.objects.create(
        channel=channel,
        handle=handle,
        contact=handle.contact,
        public_post=channels.posts[handle.pk % len(channels.posts)] if is_public else None,
        thread_key="" if is_public else handle.external_id,
        source=handle.contact.source,
        site=talk.site,
        is_public=is_public,
        language=talk.language,
        kind=talk.kind,
        topic=talk.topic,
        topic_is_sure=talk.topic is not None,
        assignee=manager,
        first_words=talk.question[:200],
        last_activity_at=talk.at,
        last_inbound_at=talk.at,
        unanswered_since=talk.at,
        created_at=talk.at,
    )


def _message(conversation: Conversation, talk: Talk, number: int) -> Message:
    message = Message.objects.create(
        conversation=conversation,
        channel=conversation.channel,
        direction=Message.Direction.IN,
        visibility="public" if conversation.is_public else "private",
        external_id=f"sample-{number}",
        text=talk.question,
        language=talk.language,
        kind=talk.kind,
        understood_at=talk.at,
        provider_at=talk.at,
        received_at=talk.at + timedelta(seconds=2),
    )
    Conversation.objects.filter(pk=conversation.pk).update(last_message_id=message.pk, read_until_id=message.pk)
    return message


def _answer(
    conversation: Conversation,
    question: Message,
    talk: Talk,
    employer: Employer,
    manager: Colleague,
    chance: random.Random,
) -> None:
    age = (times.now() - talk.at) / timedelta(days=DAYS)
    minutes = int(20 + 260 * age + chance.expovariate(1 / (60 + 120 * age)))
    answered_at = opening.add_open_time(employer.rules, talk.at, minutes)
    if answered_at > times.now() - timedelta(hours=1):  # before a weekend: answered the same evening
        answered_at = talk.at + timedelta(minutes=minutes)
    text = talk.answer if talk.language == "de" and chance.random() < 0.5 else f"{talk.answer}"
    outgoing = Outgoing.objects.create(
        channel=conversation.channel, kind="answer", target={}, payload={"text": text},
        key=f"sample:{question.pk}", not_before=answered_at, state=Outgoing.State.ACCEPTED, attempts=1,
        fenced_at=answered_at, finished_at=answered_at, created_at=answered_at,
    )  # fmt: skip
    answer = Message.objects.create(
        conversation=conversation, channel=conversation.channel, direction=Message.Direction.OUT,
        visibility=question.visibility, author=manager, text=text, language=talk.language, outgoing=outgoing,
        answers=question, provider_at=answered_at, received_at=answered_at, external_id=f"sample-answer-{question.pk}",
    )  # fmt: skip
    is_closed = chance.random() < 0.9
    Conversation.objects.filter(pk=conversation.pk).update(
        last_activity_at=answered_at,
        last_message_id=answer.pk,
        read_until_id=answer.pk,
        unanswered_since=None,
        first_answered_at=answered_at,
        state=Conversation.State.CLOSED if is_closed else Conversation.State.OPEN,
        reason=_reason(talk) if is_closed else "",
    )
    if talk.topic and chance.random() < 0.6:
        _inquiry(conversation, question, answer, talk, manager, chance)


def _reason(talk: Talk) -> str:
    is_question = talk.kind in (Kind.QUESTION, Kind.COMPLAINT)
    return Conversation.Reason.ANSWERED if is_question else Conversation.Reason.THANKED


def _leave(conversation: Conversation, talk: Talk, chance: random.Random) -> None:
    """Nothing was written: set aside with a reason, or simply left, as it happens."""
    if talk.kind in (Kind.REACTION, Kind.NONSENSE):
        reason = Conversation.Reason.NONSENSE if talk.kind == Kind.NONSENSE else Conversation.Reason.NO_ANSWER_NEEDED
    elif chance.random() < 0.85:
        reason = Conversation.Reason.ELSEWHERE
    else:
        return
    Conversation.objects.filter(pk=conversation.pk).update(
        state=Conversation.State.CLOSED, reason=reason, unanswered_since=None
    )


def _inquiry(
    conversation: Conversation,
    question: Message,
    answer: Message,
    talk: Talk,
    manager: Colleague,
    chance: random.Random,
) -> None:
    assert talk.topic is not None
    expert = talk.topic.responsible
    if expert is None:
        return
    asked_at = talk.at + timedelta(minutes=chance.randrange(1, 9))
    drafted_at = asked_at + (answer.provider_at - asked_at) * 0.8
    inquiry = Inquiry.objects.create(
        conversation=conversation, message=question, topic=talk.topic, site=talk.site, language=talk.language,
        question=talk.question, colleague=expert, why={"codes": ["topic"]}, state=Inquiry.State.ANSWERED,
        asked_at=asked_at, asked_by=manager, drafted_at=drafted_at, knows_message_id=question.pk,
        approved_at=answer.provider_at, approved_by=manager, approved_text=answer.text, answer=answer,
        answered_at=answer.provider_at, told_at=answer.provider_at, created_at=asked_at,
    )  # fmt: skip
    by_page = chance.random() < 0.55
    ExpertWords.objects.create(
        inquiry=inquiry, said=ExpertWords.Said.ANSWER, colleague=expert, via="page" if by_page else "mail",
        text=talk.answer, minutes=chance.randrange(2, 9) if by_page else None, created_at=drafted_at,
    )  # fmt: skip
