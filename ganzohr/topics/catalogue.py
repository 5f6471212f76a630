"""The starter catalogue: twenty topics employers are asked about, with questions as candidates write them."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

LANGUAGES = ("de", "nl", "en")
_ALL_DAY = 480
_PROMISED = {"patient-or-customer": 60, "interview": 240, "application-status": 240, "foreign-qualifications": 960}


@dataclass(frozen=True)
class Entry:
    """One topic of the catalogue; texts by language."""

    slug: str
    names: dict[str, str]
    descriptions: dict[str, str]
    emergency_notes: dict[str, str]
    examples: dict[str, tuple[str, ...]]
    promised_minutes: int


def entries(languages: Sequence[str]) -> list[Entry]:
    """The catalogue in these languages, in its order."""
    chosen = [language for language in LANGUAGES if language in languages]
    read = {language: _file(language) for language in chosen}
    return [
        Entry(
            slug,
            {language: read[language][slug]["name"] for language in chosen},
            {language: read[language][slug]["description"] for language in chosen},
            {language: read[language][slug]["urgent"] for language in chosen if "urgent" in read[language][slug]},
            {language: tuple(read[language][slug]["examples"]) for language in chosen},
            _PROMISED.get(slug, _ALL_DAY),
        )
        for slug in (read[chosen[0]] if chosen else ())
    ]


@functools.cache
def _file(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(files("ganzohr.topics").joinpath(f"texts/{language}.toml").read_text("utf-8"))
