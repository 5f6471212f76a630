"""What a message is: language, kind, topics, mood, urgency. Values in, values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ganzohr.language.classifier import Classifier
from ganzohr.language.detect import detect
from ganzohr.language.encoder import embed
from ganzohr.language.kinds import KindExample, judge_kinds, kind_without_learning, train_kinds
from ganzohr.language.mood import Mood, is_urgent, mood_of
from ganzohr.language.text import plain, sentences
from ganzohr.language.topics import Choice, TopicExample, TopicModel, TopicText, fit_for_topics, train_topics

_NOT_A_FRAME = ("complaint", "nonsense")  # a question inside these asks for nothing
_DOUBT = {"nonsense": 0.7, "complaint": 0.6, "question": 0.6}  # set aside only what surely is: nobody goes unanswered
_MOST_ASKED = 200


@dataclass(frozen=True)
class Model:
    """All that was learnt; made by `train`, never changed, kept by whoever understands texts."""

    kinds: Classifier[str]
    topics: TopicModel | None


@dataclass(frozen=True)
class Understanding:
    """What was understood. `topics` are the three likeliest, best first; `sure` says the first may be acted on."""

    language: str
    kind: str
    kind_confidence: float
    topics: tuple[Choice, ...] = ()
    sure: bool = False
    urgent: bool = False
    mood: Mood = "neutral"


def train(
    examples: Sequence[TopicExample],
    described: Sequence[TopicText],
    kinds: Sequence[KindExample] = (),
    before: Model | None = None,
) -> Model:
    """Learn from scratch. With `before`, what it knows of kinds is kept, for when only topics changed."""
    asked = [KindExample(one.text, one.language, "question", one.vector) for one in _spread(examples)]
    return Model(before.kinds if before else train_kinds([*asked, *kinds]), train_topics(examples, described))


def understand(text: str, language_hint: str, model: Model) -> Understanding:
    """What this message is, in the light of the language its conversation had so far ("" if unknown)."""
    return understand_all([text], [language_hint], model)[0]


def understand_all(texts: Sequence[str], language_hints: Sequence[str], model: Model) -> list[Understanding]:
    """As `understand`, for many texts at once, which is several times faster for each."""
    parts = [_parts(text) if kind_without_learning(plain(text)) is None else [] for text in texts]
    made = iter(embed([part for row in parts for part in row]))
    vectors = [[next(made) for _ in row] for row in parts]
    rows = zip(texts, language_hints, parts, vectors, strict=True)
    return [_understood(text, hint, own, own_vectors, model) for text, hint, own, own_vectors in rows]


def _parts(text: str) -> list[str]:
    whole = fit_for_topics(text)
    return [whole, *(part for part in sentences(whole) if part != whole)]


def _understood(text: str, hint: str, parts: list[str], made: list[bytes], model: Model) -> Understanding:
    words = plain(text)
    language = detect(words, hint)
    told = kind_without_learning(words)
    if told is not None:
        return Understanding(language, told, 1.0, mood=mood_of(words, told))
    judged = judge_kinds(model.kinds, parts, language, made)
    kind, confidence = _kind(parts, judged)
    asked = [index for index in range(1, len(parts)) if judged[index][0] == "question"] if kind == "question" else []
    chosen = [0, *asked]
    topics: tuple[Choice, ...] = ()
    sure = False
    if model.topics:
        topics, sure = model.topics.choose([parts[i] for i in chosen], language, [made[i] for i in chosen])
    return Understanding(language, kind, confidence, topics, sure, is_urgent(words), mood_of(words, kind))


def _kind(parts: Sequence[str], judged: Sequence[tuple[str, float]]) -> tuple[str, float]:
    """The kind of the whole; but in doubt it is a question, and who also asks something, asks (unless upset)."""
    kind, confidence = judged[0]
    if kind == "question" or confidence < _DOUBT.get(kind, 0.5):
        return "question", confidence
    if kind in _NOT_A_FRAME:
        return kind, confidence
    asking = [
        sure
        for part, (one, sure) in zip(parts[1:], judged[1:], strict=True)
        if one == "question" and ("?" in part or sure > _DOUBT["question"])
    ]
    return ("question", max(asking)) if asking else (kind, confidence)


def _spread(examples: Sequence[TopicExample]) -> list[TopicExample]:
    """Some of the topics' examples, evenly: questions, as this employer gets them."""
    of_topics = [example for example in examples if example.topic is not None]
    return of_topics[:: max(1, len(of_topics) // _MOST_ASKED)]
