"""The box when only a template may leave: which one, what is filled in, and the whole text to read before it goes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ganzohr.channels.models import MessageTemplate
from ganzohr.core.crypto import token_hash
from ganzohr.inbox import actions
from ganzohr.inbox.models import Conversation
from ganzohr.ui.numbers import number

PLACE = re.compile(r"\{\{\s*\w+\s*\}\}")
GREETING = re.compile(
    r"\s*(?:hallo|hi|hey|moin|liebe[rs]?|hoi|beste|dag|hello|dear)[\w*/()]*,?\s+\{\{\s*(\w+)\s*\}\}", re.IGNORECASE
)
OF_THE_PERSON = frozenset({"name", "first_name", "vorname", "voornaam", "naam"})


@dataclass(frozen=True)
class Field:
    """One value to fill in."""

    at: int
    name: str
    value: str
    around: str


class TemplateBox:
    """`given` is what came back with a request: `template`, `value_0` …, and `seen`, the text that was read."""

    def __init__(self, conversation: Conversation, given: Mapping[str, str]) -> None:
        self.conversation, self._given = conversation, given

    @cached_property
    def templates(self) -> list[MessageTemplate]:
        """What may be sent here; in the person's language first."""
        rows = MessageTemplate.objects.filter(channel_id=self.conversation.channel_id, is_approved=True)
        language = self.conversation.language[:2]
        return sorted(rows, key=lambda row: not language or row.language[:2] != language)

    @property
    def choices(self) -> list[tuple[int, str, str]]:
        """Each by number, with its name as people say it and its language."""
        return [(row.pk, row.name.replace("_", " ").capitalize(), row.language) for row in self.templates]

    @cached_property
    def chosen(self) -> MessageTemplate | None:
        """The one asked for, else the first."""
        wanted = number(self._given.get("template"))
        return next((row for row in self.templates if row.pk == wanted), next(iter(self.templates), None))

    @cached_property
    def fields(self) -> list[Field]:
        """The places to fill in, in the order of the text."""
        names = self.chosen.values if self.chosen else []
        is_same = self.chosen is not None and number(self._given.get("filled")) == self.chosen.pk
        typed = self._given if is_same else {}
        return [
            Field(at, name, typed.get(f"value_{at}", self._known(name))[:300], self._around(name))
            for at, name in enumerate(names)
        ]

    def _known(self, name: str) -> str:
        body = self.chosen.body if self.chosen else ""
        greets = GREETING.match(body)
        is_person = name.lower() in OF_THE_PERSON or (greets is not None and greets[1] == name)
        return self.conversation.contact.name.split(" ")[0] if is_person else ""

    def _around(self, name: str) -> str:
        """The words around a place that has only a number: `Hallo …, deine`; else its name."""
        if not name.isdigit():
            return name.replace("_", " ")
        words = self.chosen.body.replace("{{" + name + "}}", "\0").split() if self.chosen else []
        at = next((at for at, word in enumerate(words) if "\0" in word), 0)
        return PLACE.sub("…", " ".join(words[max(0, at - 2) : at + 3]).replace("\0", "…"))

    @property
    def values(self) -> dict[str, str]:
        """What goes where."""
        return {field.name: field.value for field in self.fields}

    @property
    def text(self) -> str:
        """What the person would read."""
        return actions.filled(self.chosen, self.values) if self.chosen else ""

    @property
    def preview(self) -> str:
        """The same, with open places as people draw them."""
        return (
            actions.filled(self.chosen, {name: value or "…" for name, value in self.values.items()})
            if self.chosen
            else ""
        )

    @property
    def is_whole(self) -> bool:
        """Nothing is missing."""
        return self.chosen is not None and all(field.value.strip() for field in self.fields)

    @property
    def seal(self) -> str:
        """Stands for the very text that was read."""
        return token_hash(self.text).hex()[:32]

    @property
    def was_read(self) -> bool:
        """Whether the text that would leave is the one that was shown."""
        return self._given.get("seen") == self.seal
