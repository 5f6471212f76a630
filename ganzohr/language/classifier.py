"""What a text is like, learnt from labelled texts. Used for topics and for kinds; knows neither.

Kernel ridge regression over centred sentence vectors and character (and word) n-grams. The same features as a
logistic regression and as right on unseen texts, but six times faster to train, and leaving one out comes for free:
each text's score as if it had not been learnt is one division. From those scores follow the confidence (one
temperature) and the threshold above which a wanted share of answers is right.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ganzohr.language.encoder import Vectors

Label = TypeVar("Label", bound=Hashable)
Matrix = NDArray[np.float64]

_RIDGE = 0.5
_ACROSS = 0.5  # n-grams of another language count half
_FEWEST_SCORED = 60  # below, leaving one out says too little about a threshold
_CAREFUL = 0.9
_AT_ONCE = 128  # rows judged in one go; more gain nothing and take memory
_NEVER = 2.0
_TEMPERATURES = np.geomspace(2.0, 40.0, 24)


@dataclass(frozen=True)
class Texts:
    """Plain texts with their languages and vectors."""

    words: Sequence[str]
    languages: Sequence[str]
    vectors: Vectors

    def part(self, at: int) -> Texts:
        """As many as are judged in one go, from this one on."""
        end = at + _AT_ONCE
        return Texts(self.words[at:end], self.languages[at:end], self.vectors[at:end])


@dataclass(frozen=True)
class Weights:
    """How much each kind of feature counts."""

    vector: float = 1.0
    characters: float = 1.0
    words: float = 0.0


class Classifier(Generic[Label]):
    """Learns at once, when made; then only judges."""

    def __init__(self, texts: Texts, labels: Sequence[Label], weights: Weights, asked: Sequence[bool] | None = None):
        """`asked` says which texts are like those that will be judged; only they decide confidence and threshold."""
        self.labels: list[Label] = list(dict.fromkeys(labels))
        self._weights = weights
        self._mean = texts.vectors.mean(axis=0)
        self._centred = _unit(texts.vectors - self._mean)
        self._languages = np.array(texts.languages)
        self._grams = [_Grams(texts.words, weight, by) for by, weight in _kinds_of_grams(weights)]
        self._learn(texts, labels, np.ones(len(labels), dtype=bool) if asked is None else np.array(asked, dtype=bool))

    def judge(self, texts: Texts) -> Matrix:
        """For each text (row) and each of `labels` (column) the confidence that it is that; rows add up to one."""
        parts = [self._kernel(texts.part(at)) @ self._shape for at in range(0, len(texts.words), _AT_ONCE)]
        return _shares(np.concatenate([*parts, np.empty((0, len(self.labels)))]) * self._temperature)

    def threshold(self, precision: float, but: Label) -> float:
        """The lowest confidence from which on at least this share was right when each text in turn was left out.

        Texts judged as `but` do not count. Above 1 when no confidence reaches it.
        """
        ignored = self.labels.index(but) if but in self.labels else -1
        judged = self._left_out.argmax(axis=1)
        counted = judged != ignored
        confidence, right = self._left_out.max(axis=1)[counted], (judged == self._true)[counted]
        order = np.argsort(-confidence)
        share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
        good = np.flatnonzero(share >= precision)
        if len(self._true) < _FEWEST_SCORED:
            return _CAREFUL
        return float(confidence[order][good[-1]]) if len(good) else _NEVER

    def left_out(self) -> tuple[list[Label], list[Label], list[float]]:
        """For each text asked about: what it is, what it was taken for when left out, with which confidence."""
        judged = self._left_out.argmax(axis=1)
        truth = [self.labels[index] for index in self._true]
        return truth, [self.labels[index] for index in judged], [float(row.max()) for row in self._left_out]

    def _learn(self, texts: Texts, labels: Sequence[Label], asked: NDArray[np.bool_]) -> None:
        numbers = np.array([self.labels.index(label) for label in labels])
        wanted = np.eye(len(self.labels))[numbers]
        inverse = _inverse(self._kernel(texts, learning=True))
        self._shape = inverse @ wanted
        scores = (wanted - self._shape / np.diag(inverse)[:, None])[asked]
        self._true = numbers[asked]
        self._temperature = float(min(_TEMPERATURES, key=lambda t: _surprise(scores * t, self._true)))
        self._left_out = _shares(scores * self._temperature)

    def _kernel(self, texts: Texts, learning: bool = False) -> Matrix:
        centred = self._centred if learning else _unit(texts.vectors - self._mean)
        kernel: Matrix = self._weights.vector**2 * (centred @ self._centred.T).astype(np.float64) + 1.0
        same = np.array(texts.languages)[:, None] == self._languages[None, :]
        for grams in self._grams:
            kernel += grams.likeness(None if learning else texts.words) * np.where(same, 1.0, _ACROSS)
        return kernel


class _Grams:
    def __init__(self, words: Sequence[str], weight: float, options: dict[str, Any]):
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer = TfidfVectorizer(sublinear_tf=True, dtype=np.float32, lowercase=True, **options)
        self._columns = self._vectorizer.fit_transform(words).T.tocsr()  # turned once, not for every text judged
        self._factor = weight**2

    def likeness(self, words: Sequence[str] | None) -> Matrix:
        rows = self._columns.T if words is None else self._vectorizer.transform(words)
        found: Matrix = self._factor * (rows @ self._columns).toarray().astype(np.float64)
        return found


def _kinds_of_grams(weights: Weights) -> list[tuple[dict[str, Any], float]]:
    characters = {"analyzer": "char_wb", "ngram_range": (2, 5)}
    words = {"token_pattern": r"\w+|[?!]|[^\w\s]", "ngram_range": (1, 2)}
    every = ((characters, weights.characters), (words, weights.words))
    return [(options, weight) for options, weight in every if weight]


def _unit(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


def _inverse(kernel: Matrix) -> Matrix:
    from scipy.linalg.lapack import dpotrf, dpotri

    size = len(kernel)
    factor, failed = dpotrf(kernel + _RIDGE * np.eye(size), lower=1, overwrite_a=1)
    lower, failed_too = dpotri(factor, lower=1, overwrite_c=1)
    if failed or failed_too:
        raise ArithmeticError("the kernel could not be inverted")
    inverse: Matrix = np.tril(lower) + np.tril(lower, -1).T
    return inverse


def _shares(scores: Matrix) -> Matrix:
    powers: Matrix = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return found


def _surprise(scores: Matrix, true: NDArray[np.int_]) -> float:
    shares = _shares(scores)[np.arange(len(true)), true]
    return float(-np.log(np.maximum(shares, 1e-9)).mean()) if len(true) else 0.0
