"""Eight saved replies to begin with, in three languages and both forms of address: to be taken and changed."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

LANGUAGES = ("de", "nl", "en")


@dataclass(frozen=True)
class Starter:
    """One of them: its name by language, the slug of its topic, its words by language and form of address."""

    key: str
    topic: str
    names: dict[str, str]
    texts: dict[tuple[str, str], str]

    def in_words(self, language: str) -> str:
        """Its words in the language, to look at before it is taken."""
        return self.texts.get((language, "informal")) or self.texts["en", "informal"]


@functools.cache
def read() -> tuple[Starter, ...]:
    """All of them, in their order."""
    spoken = {language: _file(language) for language in LANGUAGES}
    return tuple(_starter(key, {language: spoken[language][key] for language in LANGUAGES}) for key in spoken["de"])


def _starter(key: str, spoken: dict[str, Any]) -> Starter:
    texts = {
        (language, address): entry[address].strip()
        for language, entry in spoken.items()
        for address in ("informal", "formal")
        if address in entry
    }
    names = {language: entry["name"] for language, entry in spoken.items()}
    return Starter(key, spoken["de"].get("topic", ""), names, texts)


def _file(language: str) -> dict[str, Any]:
    return tomllib.loads(files("ganzohr.knowledge").joinpath(f"texts/{language}.toml").read_text("utf-8"))
