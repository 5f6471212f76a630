"""What a message is: language, kind, topics, mood, urgency. Values in, values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ganzohr.language.classifier import Classifier
from ganzohr.language.detect import detect
from ganzohr.language.encoder import embed
from ganzohr.language.kinds import KindExample, judge_kinds, kind_without_learning, train_kinds
from ganzohr.language.mood import Mood, is_urgent, mood_of
from ganzohr.language.text import core, plain, sentences
from ganzohr.language.topics import Asked, Choice, TopicExample, TopicModel, TopicText, train_topics

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
    """As `understand`, for many texts at once, which is many times faster for each."""
    read = [_read(text, hint) for text, hint in zip(texts, language_hints, strict=True)]
    _embed(read)
    _judge_kinds(read, model)
    _choose_topics([row for row in read if row.parts], model)
    return [
        Understanding(
            row.language, row.kind, row.confidence, row.topics, row.sure,
            bool(row.parts) and is_urgent(row.words), mood_of(row.words, row.kind),
        )
        for row in read
    ]  # fmt: skip


@dataclass
class _Read:
    """One text on its way: what is learnt of it, and nothing to learn (no parts) where the rules say what it is."""

    words: str
    language: str
    parts: list[str]
    made: list[bytes] = field(default_factory=list)
    kind: str = ""
    confidence: float = 1.0
    chosen: list[int] = field(default_factory=list)
    topics: tuple[Choice, ...] = ()
    sure: bool = False


def _read(text: str, hint: str) -> _Read:
    words = plain(text)
    told = kind_without_learning(words)
    if told is not None:
        return _Read(words, detect(words, hint), [], kind=told)
    whole = core(words)
    return _Read(words, detect(words, hint), [whole, *(part for part in sentences(whole) if part != whole)])


def _embed(read: Sequence[_Read]) -> None:
    made = iter(embed([part for row in read for part in row.parts]))
    for row in read:
        row.made = [next(made) for _ in row.parts]


def _judge_kinds(read: Sequence[_Read], model: Model) -> None:
    """The kind of each, and which of its parts say what it is about: the whole and every question in it."""
    texts = [part for row in read for part in row.parts]
    languages = [row.language for row in read for _ in row.parts]
    judged = iter(judge_kinds(model.kinds, texts, languages, [vector for row in read for vector in row.made]))
    for row in read:
        if not row.parts:
            continue
        own = [next(judged) for _ in row.parts]
        row.kind, row.confidence = _kind(row.parts, own)
        asks = row.kind == "question"
        row.chosen = [0, *(at for at in range(1, len(own)) if asks and own[at][0] == "question")]


def _choose_topics(read: Sequence[_Read], model: Model) -> None:
    if not model.topics:
        return
    asked = [Asked([row.parts[n] for n in row.chosen], row.language, [row.made[n] for n in row.chosen]) for row in read]
    for row, (topics, sure) in zip(read, model.topics.choose(asked), strict=True):
        row.topics, row.sure = topics, sure


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
