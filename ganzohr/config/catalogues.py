"""Finds every sentence of a room and compares it with the room's catalogues. Needs no gettext and no database."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.template.base import Lexer, TokenType
from django.utils.text import smart_split
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent
LANGUAGES = ("de", "nl")
ADDRESSES = ("informal", "formal")
HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {language}\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
_ONE, _MANY, _IN, _MANY_IN = None, (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
KEYWORDS = {
    "_": _ONE,
    "say": _ONE,
    "say_n": _MANY,
    **{f"gettext{end}": _ONE for end in ("", "_lazy", "_noop")},
    **{f"ngettext{end}": _MANY for end in ("", "_lazy")},
    **{f"pgettext{end}": _IN for end in ("", "_lazy")},
    **{f"npgettext{end}": _MANY_IN for end in ("", "_lazy")},
}
CALL = re.compile(r"(?<!\w)(n?p?gettext|_)\(")
LITERAL = re.compile(r"""\s*,?\s*u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")""")
WRONG_FORM = {
    ("de", "formal"): re.compile(r"\b(du|dich|dir|dein\w*)\b", re.IGNORECASE),
    ("de", "informal"): re.compile(r"[\wäöüß,] (Sie|Ihnen|Ihre?[nmrs]?)\b"),
    ("nl", "formal"): re.compile(r"\b(je|jij|jou|jouw)\b", re.IGNORECASE),
    ("nl", "informal"): re.compile(r"\b(u|uw)\b"),
}


@dataclass(frozen=True)
class Sentence:
    """One entry of a catalogue: one or two forms, perhaps a context."""

    forms: tuple[str, ...]
    context: str | None = None

    @property
    def id(self) -> str | tuple[str, ...]:
        """As Babel names it."""
        return self.forms if len(self.forms) > 1 else self.forms[0]


Found = tuple[str, int, tuple[str, ...]]


def _in_python(file: Path) -> Iterator[Found]:
    with file.open("rb") as source:
        for line, messages, _comments, context in extract("python", source, KEYWORDS, (), {"encoding": "utf-8"}):
            forms = messages if isinstance(messages, tuple) else (messages,)
            yield (context or "", line, tuple(forms))


def _python_words(file: Path) -> Iterator[tuple[Sentence, int]]:
    outgoing = _outgoing_lines(file)
    for context, line, forms in _in_python(file):
        if not context and (line, forms[0]) in outgoing:
            yield from ((Sentence(forms, address), line) for address in ADDRESSES)
        else:
            yield Sentence(forms, context or None), line


def _outgoing_lines(file: Path) -> set[tuple[int, str]]:
    with file.open("rb") as source:
        found = extract("python", source, {"say": _ONE, "say_n": _MANY}, (), {"encoding": "utf-8"})
        return {(line, words[0] if isinstance(words, tuple) else words) for line, words, _comments, _context in found}


def _template_words(file: Path) -> Iterator[tuple[Sentence, int]]:
    text = file.read_text()
    plain = templatize(text)
    for call in CALL.finditer(plain):
        parts, position = [], call.end()
        while literal := LITERAL.match(plain, position):
            parts.append(str(ast.literal_eval(literal.group(1))))
            position = literal.end()
        context = parts.pop(0) if "p" in call.group(1) else None
        if parts:
            yield Sentence(tuple(parts), context), plain.count("\n", 0, call.start()) + 1
    for token in Lexer(text).tokenize():
        if token.token_type is TokenType.BLOCK and (name := token.contents.split(maxsplit=1)[0]) in {"say", "say_n"}:
            words = [word[1:-1] for word in smart_split(token.contents) if word[0] in "'\""]
            forms = tuple(words[: 2 if name == "say_n" else 1])
            if not forms:
                raise ValueError(f"{file}:{token.lineno}: {name} needs one literal sentence")
            yield from ((Sentence(forms, address), token.lineno or 0) for address in ADDRESSES)


def sentences(room: str) -> dict[Sentence, list[str]]:
    """Every sentence of a room and the files it stands in."""
    found: dict[Sentence, list[str]] = {}
    folder = PACKAGE / room
    for file in sorted(
        [*folder.rglob("*.py"), *folder.rglob("templates/**/*.html"), *folder.rglob("templates/**/*.txt")]
    ):
        if "migrations" in file.parts:
            continue
        for sentence, _line in _python_words(file) if file.suffix == ".py" else _template_words(file):
            places = found.setdefault(sentence, [])
            if (place := str(file.relative_to(PACKAGE.parent))) not in places:
                places.append(place)
    return found


def path(room: str, language: str) -> Path:
    """Where a room's catalogue stands."""
    return PACKAGE / room / "locale" / language / "LC_MESSAGES" / "django.po"


def read(room: str, language: str) -> Catalog:
    """A room's catalogue, empty if there is none."""
    file = path(room, language)
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as source:
        return read_po(source, locale=language)


def renewed(room: str, language: str, found: dict[Sentence, list[str]]) -> Catalog:
    """The catalogue with exactly these sentences; translations that stand already are kept."""
    before, after = read(room, language), Catalog(locale=language)
    for sentence, places in found.items():
        held = before.get(sentence.forms[0], sentence.context)
        string = held.string if held and not held.fuzzy else None
        if isinstance(string, str) is not (len(sentence.forms) == 1):
            string = None
        after.add(sentence.id, string, locations=[(place, 0) for place in places], context=sentence.context)
    return after


def write(room: str, language: str, catalogue: Catalog) -> None:
    """Write the catalogue, always in the same order, and its compiled form."""
    file = path(room, language)
    if not len(catalogue):
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as target:
        target.write(HEADER.format(language=language).encode())
        write_po(target, catalogue, width=120, omit_header=True, sort_output=True, include_lineno=False)
    compile_file(file)


def compile_file(file: Path) -> None:
    """Write the .mo beside a .po, whole or not at all."""
    draft = file.with_suffix(f".mo.{os.getpid()}")
    with file.open("rb") as source, draft.open("wb") as target:
        write_mo(target, read_po(source, locale=file.parts[-3]))
    draft.replace(file.with_suffix(".mo"))


def compile_all() -> int:
    """Compile every catalogue that is newer than its compiled form; how many were."""
    stale = [
        file
        for file in PACKAGE.glob("*/locale/*/LC_MESSAGES/django.po")
        if not (mo := file.with_suffix(".mo")).exists() or mo.stat().st_mtime < file.stat().st_mtime
    ]
    for file in stale:
        compile_file(file)
    return len(stale)


def same_on_purpose() -> set[str]:
    """Words that may stay as they are in English: names, loan words."""
    lines = Path(__file__).with_name("same_words.txt").read_text().splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def complaints(language: str, catalogue: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue, in words."""
    allowed = same_on_purpose()
    for message in catalogue:
        if message.id:
            yield from (f"{words}: {_short(message)}" for words in _faults(language, message, allowed))


def _short(message: Message) -> str:
    first = message.id if isinstance(message.id, str) else message.id[0]
    return f"{message.context + ': ' if message.context else ''}{first[:90]!r}"


def _faults(language: str, message: Message, allowed: set[str]) -> Iterator[str]:
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    strings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    if len(strings) != len(ids) or not all(strings):
        yield "untranslated"
        return
    if any(string == one and one not in allowed for string, one in zip(strings, ids, strict=True)):
        yield "the same as English"
    names = {name for one in ids for name in placeholders(one)}
    if any(not placeholders(string) <= names for string in strings) or placeholders(strings[-1]) != placeholders(
        ids[-1]
    ):
        yield "other placeholders"
    wrong = WRONG_FORM[language, message.context if message.context == "formal" else "informal"]
    if any(wrong.search(string) for string in strings):
        yield "wrong form of address"


def placeholders(text: str) -> set[str]:
    """Names to be filled in: %(name)s and {name}."""
    return set(re.findall(r"%\(\w+\)[sd]|\{\w*\}|%[sd]", text))
