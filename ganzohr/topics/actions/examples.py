"""Every verb that changes what is learnt."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from ganzohr.audit.actions import Actor, record
from ganzohr.core import jobs, times
from ganzohr.topics.models import Example, Topic
from ganzohr.ui.live import touch

QUEUE = "examples"


@transaction.atomic
def add_examples(topic: Topic, language: str, texts: Iterable[str], actor: Actor) -> int:
    """Texts of our own that are about the topic; known ones are left out. How many were added."""
    kept = Example.objects.kept().filter(topic=topic, language=language)
    known = {text.casefold() for text in kept.values_list("text", flat=True)}
    given = {text.casefold(): text for raw in texts if (text := " ".join(raw.split()))}
    new = [text for folded, text in given.items() if folded not in known]
    Example.objects.bulk_create(Example(topic=topic, language=language, text=text) for text in new)
    if new:
        record(actor, "added examples", topic, language=language, count=len(new))
        learn_again()
    return len(new)


@transaction.atomic
def remove_example(example: Example, actor: Actor) -> None:
    """No longer learnt from; for a day `restore_example` takes it back, then it is gone."""
    if Example.objects.kept().filter(pk=example.pk).update(removed_at=times.now()):
        _record_example(actor, "removed an example", example)


@transaction.atomic
def restore_example(example: Example, actor: Actor) -> None:
    """Learnt from again."""
    if Example.objects.filter(pk=example.pk).exclude(removed_at=None).update(removed_at=None):
        _record_example(actor, "restored an example", example)


@transaction.atomic
def learn_choice(
    *,
    message_id: int,
    text: str,
    language: str,
    topic: Topic | None,
    actor: Actor,
    kind: str = "",
    topic_chosen: bool = True,
) -> Example | None:
    """A person said what a message is about (None: none of our topics) or, with `topic_chosen` False, only its kind.

    The next message is understood with it. The last choice for a message counts. Texts without words teach nothing.
    """
    Example.objects.filter(message_id=message_id).delete()
    if not any(sign.isalpha() for sign in text):
        return None
    return _learnt(message_id, text, language, topic if topic_chosen else None, kind, topic_chosen, actor)


def _learnt(
    message_id: int, text: str, language: str, topic: Topic | None, kind: str, topic_chosen: bool, actor: Actor
) -> Example:
    example = Example.objects.create(
        message_id=message_id,
        text=text,
        language=language[:5],
        topic=topic,
        kind=kind,
        teaches_topic=topic_chosen,
        origin=Example.Origin.LEARNT,
    )
    _record_example(actor, "learnt", example)
    return example


@transaction.atomic
def forget_examples(message_ids: Iterable[int]) -> int:
    """Take away for good everything learnt from these messages; how many. The next message is understood without it."""
    gone, _kinds = Example.objects.filter(message_id__in=list(message_ids)).delete()
    if gone:
        learn_again()
    return gone


def _record_example(actor: Actor, verb: str, example: Example) -> None:
    record(actor, verb, example, topic=example.topic_id, language=example.language)
    learn_again()


def learn_again() -> None:
    """The worker learns as soon as this is committed."""
    jobs.ring(QUEUE)
    touch("topics")
