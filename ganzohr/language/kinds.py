"""What a message does: asks, praises, complains, tells, is nonsense, reacts, or something else."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Literal, NamedTuple, get_args

from ganzohr.language.classifier import Classifier, Texts, Weights
from ganzohr.language.detect import OURS
from ganzohr.language.encoder import embed, vectors
from ganzohr.language.text import LINK, MASKS, NAME, core, letters, plain

Kind = Literal["question", "praise", "complaint", "story", "nonsense", "reaction", "other"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_WEIGHTS = Weights(vector=1.5, characters=1.0, words=1.0)
_SAME_SIGN = re.compile(r"^(\w{1,3}?)\1{4,}$", re.I)


class KindExample(NamedTuple):
    """A text of which somebody said the kind."""

    text: str
    language: str
    kind: str
    vector: bytes


def train_kinds(examples: Sequence[KindExample] = ()) -> Classifier[str]:
    """Learns from our own texts and from these; about a quarter of a second."""
    known = [*_our_texts(), *(example for example in examples if example.kind in KINDS)]
    texts = Texts(
        [_framed(core(plain(one.text))) for one in known],
        [one.language for one in known],
        vectors([one.vector for one in known]),
    )
    return Classifier(texts, [one.kind for one in known], _WEIGHTS)


def judge_kinds(
    kinds: Classifier[str], texts: Sequence[str], languages: Sequence[str], made: Sequence[bytes]
) -> list[tuple[str, float]]:
    """Kind and confidence of each text, whose vectors are given; texts as `core` leaves them."""
    judged = kinds.judge(Texts([_framed(text) for text in texts], languages, vectors(made)))
    return [(kinds.labels[int(row.argmax())], float(row.max())) for row in judged]


def kind_without_learning(text: str) -> Kind | None:
    """The floor of rules for texts without words: only signs and names are a reaction, only links nonsense."""
    if text and all(part in MASKS for part in text.split()):
        return "nonsense" if LINK in text.split() else "reaction" if NAME in text.split() else "other"
    signs = letters(text)
    if _SAME_SIGN.match(signs):
        return "nonsense"
    if not signs and any(sign.isdigit() for sign in text):
        return "other"
    if len(signs) < 2:
        return "question" if text.strip("? ") == "" and "?" in text else "reaction"
    return None


def _framed(text: str) -> str:
    """With a mark at the start: how a sentence begins tells a question that lost its question mark."""
    return f"^ {text}"


@functools.cache
def _our_texts() -> tuple[KindExample, ...]:
    read = [(text, language, kind) for language in OURS for kind, texts in _file(language).items() for text in texts]
    made = embed([core(plain(text)) for text, _, _ in read])
    return tuple(KindExample(*row, vector) for row, vector in zip(read, made, strict=True))


def _file(language: str) -> dict[str, list[str]]:
    return tomllib.loads(files(__package__).joinpath(f"texts/kinds.{language}.toml").read_text("utf-8"))
