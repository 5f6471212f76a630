"""Which language a text is in: de, nl, en, or other."""

from __future__ import annotations

import functools
import threading
import unicodedata
from typing import Any, Literal, get_args

from ganzohr.language.text import letters, unmasked, words

Language = Literal["de", "nl", "en"]
OURS: tuple[Language, ...] = get_args(Language)
OTHER = "other"

_NEIGHBOURS = ("fr", "es", "it", "pt", "pl", "tr", "ro", "ru", "uk", "ar", "hr", "bg", "cs")
_FEWEST_WORDS = 3  # below, the conversation's language decides
_FEWEST_FOR_OTHER = 4
_MARGIN = 0.2
_lock = threading.Lock()


def detect(text: str, hint: str = "") -> str:
    """`de`, `nl`, `en` or `other` for a plain text.

    Below three words the hint decides, if there is one. `other` needs letters of another script, or four words and a
    clear lead over our three languages. A text without a word is in the hint's language, else in none ("").
    """
    found = words(text)
    if not found:
        return hint
    if _foreign_script(text):
        return OTHER
    if len(found) < _FEWEST_WORDS and hint:
        return hint
    chances = _chances(unmasked(text))
    best = max(OURS, key=lambda language: chances[language])
    first = max(chances, key=lambda language: chances[language])
    if first not in OURS and len(found) >= _FEWEST_FOR_OTHER and chances[first] - chances[best] > _MARGIN:
        return OTHER
    return best


def _foreign_script(text: str) -> bool:
    signs = letters(text)
    latin = sum(1 for sign in signs if unicodedata.name(sign, "").startswith("LATIN"))
    return bool(signs) and latin * 2 < len(signs)


def _chances(text: str) -> dict[str, float]:
    with _lock:
        return dict(_identifier().rank(text))


@functools.cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([*OURS, *_NEIGHBOURS])
    return identifier
