"""What the inbox holds about a person: conversations, messages, files, drafts, notes, and what was learnt from them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models import Q, QuerySet

from ganzohr.channels import reconcile
from ganzohr.channels.models import Outgoing, PublicPost
from ganzohr.core.people import Person
from ganzohr.core.times import now
from ganzohr.inbox.actions.attachments import forget_files
from ganzohr.inbox.models import GIVEN, Attachment, Conversation, Draft, Message, Note, Parked
from ganzohr.topics.actions import forget_examples
from ganzohr.topics.models import Example
from ganzohr.topics.personal_data import examples_of
from ganzohr.ui.live import touch


def _conversations(person: Person) -> QuerySet[Conversation]:
    chosen = Q(contact_id=person.contact_id) if person.contact_id else Q(pk=None)
    for channel_id, external_id in person.handles:
        chosen |= Q(handle__channel_id=channel_id, handle__external_id=external_id)
    return Conversation.objects.filter(chosen)


def held(person: Person) -> dict[str, QuerySet[Any]]:
    """What there is, by kind, to be counted in one question to the database."""
    places = _conversations(person)
    messages = Message.objects.filter(conversation__in=places)
    return {
        "conversations": places,
        "messages": messages,
        "attachments": Attachment.objects.filter(conversation__in=places),
        "notes": Note.objects.filter(conversation__in=places),
        "drafts": Draft.objects.filter(conversation__in=places),
        "examples": Example.objects.filter(message_id__in=messages.values("pk")),
        "reactions": _elsewhere(person),
        "parked": Parked.objects.filter(_named(person, "sender_id")),
        "posts": _posts(person),
    }


def files(person: Person) -> list[tuple[str, File[Any]]]:
    """The files of the conversations with their names, those that still exist, in the order they came."""
    held = Attachment.objects.filter(conversation__in=_conversations(person)).exclude(message=None).order_by("id")
    return [(row.name, row.file) for row in held if row.file.name and row.file.storage.exists(row.file.name)]


def export(person: Person) -> dict[str, Any]:
    """Everything here and what was learnt from it, in plain values; files by name."""
    rows = (
        _conversations(person)
        .select_related("channel", "topic")
        .prefetch_related("messages__attachments", "messages__outgoing", "notes", "drafts")
    )
    told = [_told(row) for row in rows.order_by("created_at")]
    messages = Message.objects.filter(conversation__in=_conversations(person)).values_list("pk", flat=True)
    return {"conversations": told, "learnt": examples_of(messages), **_besides(person)}


def _besides(person: Person) -> dict[str, Any]:
    """What lies outside their conversations: reactions under others' words, what waits, posts of theirs."""
    parked = Parked.objects.filter(_named(person, "sender_id")).order_by("id")
    return {
        "reactions": [{"at": row.provider_at.isoformat(), "text": row.text} for row in _elsewhere(person)],
        "parked": [{"at": row.received_at.isoformat(), "text": row.values.get("text", "")} for row in parked],
        "posts": [
            {"at": row.posted_at.isoformat() if row.posted_at else "", "text": row.text, "link": row.permalink}
            for row in _posts(person).order_by("id")
        ],
    }


def _told(row: Conversation) -> dict[str, Any]:
    return {
        "channel": row.channel.name,
        "public": row.is_public,
        "subject": row.subject,
        "topic": row.topic.slug if row.topic else "",
        "kind": row.kind,
        "source": row.source,
        "since": row.created_at.isoformat(),
        "messages": [_said(message) for message in row.messages.all()],
        "notes": [{"at": note.created_at.isoformat(), "text": note.text} for note in row.notes.all()],
        "drafts": [
            {"at": draft.saved_at.isoformat(), "text": text}
            for draft in row.drafts.all()
            for text in (draft.text, *(one["text"] for one in draft.earlier))
            if text
        ],
    }


def _said(message: Message) -> dict[str, Any]:
    return {
        "at": message.provider_at.isoformat(),
        "from": "you" if message.direction == Message.Direction.IN else "us",
        "state": message.outgoing.state if message.outgoing else "accepted",
        "text": message.text,
        "original": message.original,
        "more": message.more,
        "files": [file.name for file in message.attachments.all()],
    }


def _named(person: Person, column: str) -> Q:
    chosen = Q(pk=None)
    for channel_id, external_id in person.handles:
        chosen |= Q(channel_id=channel_id, **{column: external_id})
    return chosen


def _elsewhere(person: Person) -> QuerySet[Message]:
    """Reactions of theirs under what others wrote."""
    return Message.objects.filter(GIVEN, _named(person, "target__by"))


def _posts(person: Person) -> QuerySet[PublicPost]:
    """What they wrote on a page of ours themselves, under which we answer."""
    places = _conversations(person)
    names = [name for pair in places.values_list("handle__name", "contact__name") for name in pair if name]
    written = Message.objects.filter(conversation__in=places, direction=Message.Direction.IN)
    is_theirs = Q(author__in=names) | Q(external_id__in=written.exclude(external_id="").values("external_id"))
    return PublicPost.objects.filter(is_theirs, author_is_us=False, pk__in=places.values("public_post"))


def _forget_posts(own: list[int], under: list[int]) -> int:
    """Posts of theirs go with what they say, also where others wrote below; posts of strangers go with the last
    conversation."""
    rows = list(PublicPost.objects.filter(pk__in=own))
    for row in rows:
        if row.picture:
            row.picture.delete(save=False)
    shared = Conversation.objects.filter(public_post__in=own).values("public_post")
    PublicPost.objects.filter(pk__in=shared).update(
        author="", text="", permalink="", picture="", picture_reference="", fetch_at=None, removed_at=now()
    )
    PublicPost.objects.filter(pk__in=[*own, *under], author_is_us=False, conversations=None).delete()
    return len(rows)


def _do_not_fetch_again(messages: list[int]) -> None:
    """Whatever the platforms go on showing."""
    rows = Message.objects.filter(pk__in=messages, visibility="public").exclude(external_id=None)
    ids: dict[int, set[str]] = defaultdict(set)
    for channel_id, external_id in rows.values_list("channel_id", "external_id"):
        ids[channel_id].add(str(external_id))
    for channel_id, known in ids.items():
        reconcile.remember(channel_id, known)


@transaction.atomic
def erase(person: Person) -> dict[str, int]:
    """Remove it all, also from search, from what was learnt and from the files; how many rows of each kind went.

    What was or will be sent goes by its message, wherever it is addressed to: a mail may ask for answers elsewhere.
    """
    places = list(_conversations(person).values_list("pk", flat=True))
    messages = list(Message.objects.filter(conversation_id__in=places).values_list("pk", flat=True))
    files = Attachment.objects.filter(conversation_id__in=places)
    _do_not_fetch_again(messages)
    gone = {
        "conversations": len(places),
        "messages": len(messages),
        "files": forget_files(list(files)),
        "notes": Note.objects.filter(conversation_id__in=places).count(),
        "drafts": Draft.objects.filter(conversation_id__in=places).count(),
        "examples": forget_examples(message_ids=messages),
        "outgoing": Outgoing.objects.filter(message__in=messages).delete()[0],
    }
    own = list(_posts(person).values_list("pk", flat=True))
    under = list(_conversations(person).exclude(public_post=None).values_list("public_post", flat=True))
    gone["reactions"] = _elsewhere(person).delete()[0]
    gone["parked"] = Parked.objects.filter(_named(person, "sender_id")).delete()[0]
    _conversations(person).delete()
    gone["posts"] = _forget_posts(own, under)
    touch("inbox", *(f"conversation:{pk}" for pk in places))
    return gone
