"""Words that people began to use. Texts in, words out; a word counts once per conversation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ganzohr.insights.fillers import FILLERS

WORD = re.compile(r"[^\W\d_]{4,30}")
ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*")

AT_LEAST = 5
KNOWN = 40


@dataclass(frozen=True)
class NewWord:
    """A word, in how many conversations it stands now, and in how many it stood before."""

    word: str
    now: int
    before: int


def new_words(
    now: Iterable[tuple[int, str]], before: Iterable[tuple[int, str]], *, known: int = KNOWN, most: int = 12
) -> list[NewWord]:
    """Words of at least five conversations now (so that no single person shows) that were rare before.

    Both are pairs (conversation id, text). Rare: at most a quarter of what the sizes of the periods let expect. Words
    that say nothing (`fillers.py`) are left out, and while fewer than `known` conversations are there to compare with,
    nothing is new: nothing rather than noise.
    """
    now_counts, now_total = _count(now)
    before_counts, before_total = _count(before)
    if before_total < known:
        return []
    ratio = now_total / before_total if before_total else 0.0
    fresh = [
        NewWord(word, count, before_counts[word])
        for word, count in now_counts.items()
        if count >= AT_LEAST and word not in FILLERS and before_counts[word] * ratio <= count / 4
    ]
    return sorted(fresh, key=lambda row: (-row.now, row.before, row.word))[:most]


def _count(texts: Iterable[tuple[int, str]]) -> tuple[Counter[str], int]:
    by_conversation: dict[int, set[str]] = {}
    for conversation, text in texts:
        words = WORD.findall(ADDRESS.sub(" ", text).lower())
        by_conversation.setdefault(conversation, set()).update(words)
    return Counter(word for words in by_conversation.values() for word in words), len(by_conversation)
