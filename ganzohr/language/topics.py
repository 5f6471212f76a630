"""What a message is about: one of the employer's topics, by number, or none of them."""

from __future__ import annotations

import functools
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from ganzohr.language.classifier import Classifier, Matrix, Texts, Weights
from ganzohr.language.detect import OTHER
from ganzohr.language.encoder import embed, vectors
from ganzohr.language.text import core, plain

WANTED_PRECISION = 0.95
FEWEST_EXAMPLES = 4  # with fewer a topic is proposed, never chosen
BEST = 3
MOST_EXAMPLES = 2400  # training grows with the cube; the newest of each topic stay
_WEIGHTS = Weights(vector=1.0, characters=1.0)
_MOST_PHRASES = 20_000
_phrase_vectors: dict[str, bytes] = {}
_PHRASES = re.compile(r"[,:;.]\s")


class TopicExample(NamedTuple):
    """A text of which somebody said the topic; None is none of ours. The vector is of `fit_for_topics(text)`."""

    text: str
    language: str
    topic: int | None
    vector: bytes


class TopicText(NamedTuple):
    """Name or description of a topic in one language."""

    text: str
    language: str
    topic: int


class Choice(NamedTuple):
    """A topic and how likely the message is about it."""

    topic: int
    confidence: float


class Asked(NamedTuple):
    """A message and what it asks, as `fit_for_topics` leaves them, with their vectors; each counts the same."""

    texts: Sequence[str]
    language: str
    made: Sequence[bytes]


@dataclass(frozen=True)
class TopicModel:
    """What was learnt about the topics."""

    classifier: Classifier[int | None]
    well_known: frozenset[int]
    threshold: float

    def choose(self, asked: Sequence[Asked]) -> list[tuple[tuple[Choice, ...], bool]]:
        """For each message the three likeliest topics, best first, and whether the first is sure enough to act on."""
        texts = [
            (text, one.language, vector) for one in asked for text, vector in zip(one.texts, one.made, strict=True)
        ]
        if not texts:
            return []
        words, languages, made = zip(*texts, strict=True)
        judged = self.classifier.judge(Texts(words, languages, vectors(made)))
        starts = np.cumsum([0, *(len(one.texts) for one in asked)])
        spans = zip(asked, starts[:-1], starts[1:], strict=True)
        return [self._chosen(judged[start:end].mean(axis=0), one.language) for one, start, end in spans]

    def _chosen(self, judged: Matrix, language: str) -> tuple[tuple[Choice, ...], bool]:
        ranked = sorted(zip(self.classifier.labels, map(float, judged), strict=True), key=lambda pair: -pair[1])
        best = tuple(Choice(topic, share) for topic, share in ranked if topic is not None)[:BEST]
        first, confidence = ranked[0]
        sure = first in self.well_known and confidence >= self.threshold and language != OTHER
        return best, sure


def fit_for_topics(text: str) -> str:
    """The text as topics are learnt and judged by: plain, without greeting and farewell."""
    return core(plain(text))


def train_topics(examples: Sequence[TopicExample], described: Sequence[TopicText]) -> TopicModel | None:
    """Learns at once from examples and from the phrases of names and descriptions; None when there is no topic.

    Without more than one topic nothing can be told apart but "none of these", which is learnt from texts of our own.
    """
    topics = {text.topic for text in described}
    asked = [*_newest(example for example in examples if example.topic is None or example.topic in topics), *_generic()]
    told = _phrases(described)
    if not topics:
        return None
    known = [*asked, *told]
    words = [fit_for_topics(one.text) for one in known]
    texts = Texts(words, [one.language for one in known], vectors([one.vector for one in known]))
    like_messages = [True] * len(asked) + [False] * len(told)
    classifier = Classifier(texts, [one.topic for one in known], _WEIGHTS, like_messages)
    counted = Counter(example.topic for example in asked)
    well_known = frozenset(topic for topic in topics if counted[topic] >= FEWEST_EXAMPLES)
    return TopicModel(classifier, well_known, classifier.threshold(WANTED_PRECISION, None))


def _newest(examples: Iterable[TopicExample]) -> list[TopicExample]:
    by_topic: dict[int | None, list[TopicExample]] = {}
    for example in examples:
        by_topic.setdefault(example.topic, []).append(example)
    share = MOST_EXAMPLES // max(len(by_topic), 1)
    return [example for group in by_topic.values() for example in group[-share:]]


def _phrases(described: Sequence[TopicText]) -> list[TopicExample]:
    parts = [
        (part.strip(" ."), text.language, text.topic) for text in described for part in _PHRASES.split(text.text + " ")
    ]
    made = _remembered([fit_for_topics(part) for part, _, _ in parts if part])
    return [TopicExample(*row, vector) for row, vector in zip((row for row in parts if row[0]), made, strict=True)]


def _remembered(texts: Sequence[str]) -> list[bytes]:
    new = [text for text in dict.fromkeys(texts) if text not in _phrase_vectors]
    if len(_phrase_vectors) + len(new) > _MOST_PHRASES:
        _phrase_vectors.clear()
        new = list(dict.fromkeys(texts))
    _phrase_vectors.update(zip(new, embed(new), strict=True))
    return [_phrase_vectors[text] for text in texts]


@functools.cache
def _generic() -> tuple[TopicExample, ...]:
    read = tomllib.loads(files(__package__).joinpath("texts/generic.toml").read_text("utf-8"))
    rows = [(text, language) for language, texts in read.items() for text in texts]
    made = embed([fit_for_topics(text) for text, _ in rows])
    return tuple(TopicExample(*row, None, vector) for row, vector in zip(rows, made, strict=True))
