"""Placeholders of saved replies. Values in, words out.

`{first_name}`, in German also `{vorname}`, or `{link:abc123}`. What cannot be filled truthfully stays open as
`[first name]`, which the checks of the composer see before anything leaves.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import time

NAMES = ("first_name", "name", "me", "expert", "topic", "site", "opening_hours")
LINK = "link"
SAID = {
    "de": ("vorname", "name", "ich", "fachperson", "thema", "standort", "öffnungszeiten"),
    "nl": ("voornaam", "naam", "ik", "expert", "onderwerp", "vestiging", "openingstijden"),
}  # how people who write in these languages call them, in the same order
MEANT = {said: name for row in SAID.values() for said, name in zip(row, NAMES, strict=True)}
WRITTEN = re.compile(r"\{([a-zö_]+)(?::([A-Za-z0-9]+))?\}")
BRACES = re.compile(r"\{[^{}\n]*\}?|\}")
LONGEST = 160
TITLES = frozenset({"dr", "prof", "herr", "frau", "hr", "fr", "mr", "mrs", "ms", "mevrouw", "meneer", "dhr", "mevr"})
GIVEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


@dataclass(frozen=True)
class Part:
    """A piece of a filled text: plain words, a filled placeholder, or one left open."""

    text: str
    name: str = ""
    is_open: bool = False


def unknown(text: str, codes: Collection[str]) -> list[str]:
    """What stands in braces and is no placeholder, as it was written; `codes` are the short links there are."""
    return [found for found in BRACES.findall(text) if not _is_known(found, codes)]


def _is_known(written: str, codes: Collection[str]) -> bool:
    match = WRITTEN.fullmatch(written)
    if not match:
        return False
    name, code = match.groups()
    return MEANT.get(name, name) in NAMES if code is None else name == LINK and code.lower() in codes


def written(name: str, language: str) -> str:
    """How a placeholder is written in a language."""
    said = SAID.get(language, NAMES)
    return f"{{{said[NAMES.index(name)]}}}"


def codes(texts: Iterable[str]) -> set[str]:
    """The codes of short links these texts name."""
    return {code.lower() for text in texts for name, code in WRITTEN.findall(text) if name == LINK and code}


def parts(
    text: str, values: Mapping[str, str], links: Mapping[str, str], open_words: Mapping[str, str]
) -> tuple[Part, ...]:
    """The text with its placeholders filled, piece by piece.

    `links` are addresses by code, `open_words` the words for what is left open, by placeholder. Values are taken as
    they are: what looks like a placeholder inside of one is not filled again.
    """
    found, end = [], 0
    for match in WRITTEN.finditer(text):
        name, code = MEANT.get(match[1], match[1]), match[2]
        value = links.get(code.lower(), "") if code else values.get(name, "")
        value = " ".join(value.split())[:LONGEST] if not code else value
        found.append(Part(text[end : match.start()]))
        found.append(Part(value, name) if value else Part(f"[{open_words.get(name, name)}]", name, True))
        end = match.end()
    return tuple(part for part in (*found, Part(text[end:])) if part.text)


def fill(text: str, values: Mapping[str, str], links: Mapping[str, str], open_words: Mapping[str, str]) -> str:
    """The same as one text."""
    return "".join(part.text for part in parts(text, values, links, open_words))


def first_name(name: str) -> str:
    """What somebody called `Yasmin Öztürk`, `Öztürk, Yasmin` or `Dr. Yasmin Öztürk` is called; '' for no name."""
    given = name.partition(",")[2] or name
    words = [word for word in given.split() if word.casefold().rstrip(".") not in TITLES]
    word = words[0] if words else ""
    return word if GIVEN.fullmatch(word) and len(word) > 1 and word[0].isupper() else ""


def stretches(slots: Iterable[tuple[int, time, time]]) -> list[tuple[int, int, tuple[tuple[time, time], ...]]]:
    """Opening hours by stretches of weekdays that are alike: (first day, last day, open from and until)."""
    days: dict[int, list[tuple[time, time]]] = {}
    for weekday, opens, closes in sorted(slots):
        days.setdefault(weekday, []).append((opens, closes))
    found: list[tuple[int, int, tuple[tuple[time, time], ...]]] = []
    for weekday, times in days.items():
        if found and found[-1][1] == weekday - 1 and found[-1][2] == tuple(times):
            found[-1] = (found[-1][0], weekday, tuple(times))
        else:
            found.append((weekday, weekday, tuple(times)))
    return found
