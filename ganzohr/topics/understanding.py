"""What messages are, by all we have learnt. Runs in the worker only: it loads the encoder.

The model is made from the rows of Example and Topic, kept in the process, and made again when the rows changed; a
choice made a moment ago is therefore in force for the next message.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count, Q, Sum

from ganzohr.core import times
from ganzohr.language import understanding as language_room
from ganzohr.language.encoder import embed, encoder_name
from ganzohr.language.kinds import KindExample
from ganzohr.language.topics import TopicExample, TopicText, fit_for_topics
from ganzohr.language.understanding import Model
from ganzohr.topics.models import Example, Sheet, Topic

BATCH = 100
KEPT_FOR = timedelta(days=1)
LOOK_EVERY = 5.0


@dataclass(frozen=True)
class Understood:
    """What a message is. `topic_id` is the likeliest topic, `is_sure` says that it may be acted on without a person;
    `choices` are the three likeliest as [topic id, confidence]."""

    language: str
    kind: str
    topic_id: int | None
    is_sure: bool
    choices: list[list[float]]
    urgent: bool = False
    mood: str = "neutral"


class _Revision(NamedTuple):
    examples: tuple[int, int]
    kinds: tuple[int, int]
    topics: tuple[int, int]


class _Learnt(NamedTuple):
    revision: _Revision
    model: Model


_lock = threading.Lock()
_kept: list[_Learnt] = []


def understand(texts: Sequence[str], languages: Sequence[str]) -> list[Understood]:
    """One answer for each text; `languages` are those of the conversations so far ("" if unknown)."""
    if not texts:
        return []
    found = language_room.understand_all(texts, languages, model())
    return [
        Understood(
            one.language,
            one.kind,
            one.topics[0].topic if one.topics else None,
            one.sure,
            [[choice.topic, round(choice.confidence, 3)] for choice in one.topics],
            one.urgent,
            one.mood,
        )
        for one in found
    ]


def model() -> Model:
    """What the rows teach now; learnt again only when they changed."""
    with _lock:
        revision = _revision()
        if not _kept or _kept[0].revision != revision:
            while embed_examples():
                pass
            _kept[:] = [_Learnt(revision, _train(revision))]
        return _kept[0].model


def learn_again() -> int:
    """Doorbell `examples`: make missing vectors, then learn, so that no message waits for it and nothing taken away
    stays in memory; how many vectors were made."""
    made = embed_examples()
    if not made and (_kept or Example.objects.exists()):
        model()
    return made


def stay_fresh(stop: threading.Event) -> None:
    """Keeper, in every worker: only one hears the bell, but what is taken away must leave the memory of all."""
    if not stop.wait(LOOK_EVERY) and _kept and _kept[0].revision != _revision():
        model()


def embed_examples() -> int:
    """Vectors for one batch of examples that have none of the present encoder; how many."""
    encoder = encoder_name()
    rows = list(Example.objects.without_vector_of(encoder).order_by("id")[:BATCH])
    for row, vector in zip(rows, embed([fit_for_topics(row.text) for row in rows]), strict=True):
        row.vector, row.encoder = vector, encoder
    Example.objects.bulk_update(rows, ["vector", "encoder"])
    return len(rows)


def forget_removed() -> int:
    """Round: examples taken away and sheets left lying for a day are gone for good."""
    before = times.now() - KEPT_FOR
    gone, _kinds = Example.objects.filter(removed_at__lt=before).delete()
    left, _kinds = Sheet.objects.filter(created_at__lt=before).delete()
    return gone + left


def _revision() -> _Revision:
    of_kind = ~Q(kind="")
    row = Example.objects.kept().aggregate(
        count=Count("pk"), sum=Sum("pk"), kinds=Count("pk", filter=of_kind), kinds_sum=Sum("pk", filter=of_kind)
    )
    topics = Topic.objects.aggregate(count=Count("pk"), sum=Sum("revision"))
    examples, kinds = (row["count"], row["sum"] or 0), (row["kinds"], row["kinds_sum"] or 0)
    return _Revision(examples, kinds, (topics["count"], topics["sum"] or 0))


def _train(revision: _Revision) -> Model:
    rows = list(Example.objects.kept().filter(encoder=encoder_name()).order_by("id"))
    topics = list(Topic.objects.in_use())
    examples = [
        TopicExample(row.text, row.language, row.topic_id, bytes(row.vector or b""))
        for row in rows
        if row.teaches_topic
    ]
    kinds = [KindExample(row.text, row.language, row.kind, bytes(row.vector or b"")) for row in rows if row.kind]
    before = _kept[0] if _kept and _kept[0].revision.kinds == revision.kinds else None
    return language_room.train(examples, _described(topics), kinds, before=before.model if before else None)


def _described(topics: Sequence[Topic]) -> list[TopicText]:
    return [
        TopicText(text, language, topic.pk)
        for topic in topics
        for texts in (topic.names, topic.descriptions)
        for language, text in texts.items()
        if text.strip()
    ]
