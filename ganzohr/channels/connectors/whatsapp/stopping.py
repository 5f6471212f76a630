"""Words by which somebody says that they want nothing more from us. Whole messages only: "stop by tomorrow" is talk."""

from __future__ import annotations

import unicodedata

STOP_WORDS = frozenset(
    (
        "stop", "stopall", "stop all", "stop please", "please stop", "unsubscribe", "optout", "opt out",
        "stopp", "stop bitte", "bitte stop", "stopp bitte", "bitte stopp", "abmelden", "bitte abmelden", "abmeldung",
        "abbestellen", "austragen", "keine nachrichten mehr",
        "stoppen", "stop aub", "afmelden", "afmelding", "uitschrijven", "geen berichten meer",
    )
)  # fmt: skip
LONGEST = 40


def stop_word(text: str) -> bool:
    """Whether the whole message says stop, however it is written: case, marks and signs around and between aside."""
    if len(text) > LONGEST:
        return False
    letters = (one if one.isalnum() else " " for one in unicodedata.normalize("NFKC", text).casefold())
    return " ".join("".join(letters).split()) in STOP_WORDS
