"""Which site a text names: the one place of ours it speaks of, or none when it speaks of several or of nowhere."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

SHORTEST = 3
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
EVERYDAY = frozenset(
    {"baden", "bergen", "essen", "halle", "heide", "hof", "lage", "regen", "siegen", "singen", "weil", "worms", "zug"}
)
LEADS_TO_A_PLACE = re.compile(r"\b(?:aus|bei|from|in|nach|naar|near|standort|te|uit|um|vestiging|von)\s+$")
Known = tuple[int, str, str]


def named(text: str, known: Iterable[Known]) -> int | None:
    """The id of the one site among `known` (id, name, city) whose name or city stands in the text as whole words.

    Capitals, umlauts, ß and accents may be written either way. Of two names that lie in each other the longer counts,
    and a name beside its own city is one site. Essen and its like count only where they cannot be the everyday word.
    """
    places = _places(known)
    if not places:
        return None
    folded = _folded(text)
    hits = [hit for hit in _pattern(places).finditer(folded) if _is_a_place(hit, folded)]
    meant = [places[_words(hit.group())] for hit in hits]
    together = set.intersection(*meant) if meant else set()
    return together.pop() if len(together) == 1 else None


def _places(known: Iterable[Known]) -> dict[str, set[int]]:
    """The sites that each name or city may mean."""
    places: dict[str, set[int]] = defaultdict(set)
    for pk, *names in known:
        for name in names:
            words = _words(_folded(name))
            if len(words) >= SHORTEST:
                places[words].add(pk)
    return dict(places)


def _pattern(places: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(places, key=len, reverse=True)
    one_of = "|".join(r"\W{1,3}".join(name.split()) for name in longest_first)
    return re.compile(rf"(?<![\w@])(?:{one_of})(?![\w@])")


def _is_a_place(hit: re.Match[str], text: str) -> bool:
    return hit.group() not in EVERYDAY or bool(LEADS_TO_A_PLACE.search(text, max(0, hit.start() - 20), hit.start()))


def _folded(text: str) -> str:
    """As two people write it who type differently: small letters, ä as ae, ß as ss, no accents."""
    spelt = unicodedata.normalize("NFC", text).casefold().translate(UMLAUTS)
    return "".join(one for one in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(one))


def _words(name: str) -> str:
    """Its words alone, without what stands between them."""
    return " ".join(re.findall(r"\w+", name))
