"""Every sentence is found where it stands, and catalogues keep what was translated."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from ganzohr.config import catalogues
from ganzohr.config.catalogues import Sentence

PYTHON = """
title = _("One")
ngettext("%(n)s file", "%(n)s files", n)
pgettext("month", "May")
say(
    "Hello "
    "%(name)s",
    name=name,
)
say_n("%(count)s day", "%(count)s days", days)
_(variable)
"""
TEMPLATE = """{% load i18n words %}
{% translate "It's “fine”" %}
{% blocktranslate trimmed count n=files %}
    {{ n }} file
{% plural %}
    {{ n }} files
{% endblocktranslate %}
{% say "Dear %(name)s" name=name %}
{% if word == _("Shown") %}{% endif %}
"""


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A room with one Python file and one template."""
    (tmp_path / "hall/templates/hall").mkdir(parents=True)
    (tmp_path / "hall/views.py").write_text(PYTHON)
    (tmp_path / "hall/templates/hall/page.html").write_text(TEMPLATE)
    monkeypatch.setattr(catalogues, "PACKAGE", tmp_path)
    return "hall"


def both(*forms: str) -> set[Sentence]:
    """An outgoing sentence stands in both forms of address."""
    return {Sentence(forms, "informal"), Sentence(forms, "formal")}


def test_sentences_of_code_and_templates_are_found_with_context_and_plural(room: str) -> None:
    assert set(catalogues.sentences(room)) == {
        Sentence(("One",)),
        Sentence(("%(n)s file", "%(n)s files")),
        Sentence(("May",), "month"),
        Sentence(("It's “fine”",)),
        Sentence(("Shown",)),
        *both("Hello %(name)s"),
        *both("%(count)s day", "%(count)s days"),
        *both("Dear %(name)s"),
    }


def test_renewing_keeps_translations_drops_what_is_gone_and_names_what_is_missing(room: str) -> None:
    first = catalogues.renewed(room, "de", {Sentence(("One",)): ["a.py"], Sentence(("Old",)): ["a.py"]})
    first["One"].string, first["Old"].string = "Eins", "Alt"
    catalogues.write(room, "de", first)
    again = catalogues.renewed(room, "de", {Sentence(("One",)): ["a.py"], Sentence(("New",)): ["a.py"]})
    assert {message.id: message.string for message in again if message.id} == {"One": "Eins", "New": None}
    assert list(catalogues.complaints("de", again)) == ["untranslated: 'New'"]


@pytest.mark.parametrize(
    ("language", "context", "string", "expected"),
    [
        ("de", "formal", "Antworten Sie, %(name)s", []),
        ("de", "formal", "Antworte, wenn du kannst, %(name)s", ["wrong form of address"]),
        ("de", "informal", "Bitte antworten Sie, %(name)s", ["wrong form of address"]),
        ("nl", None, "Heeft u antwoord, %(name)s", ["wrong form of address"]),
        ("de", None, "Antworte", ["other placeholders"]),
        ("de", None, "Answer, %(name)s", ["the same as English"]),
        ("de", None, "", ["untranslated"]),
    ],
)
def test_faults_of_a_translation_are_named(
    language: str, context: str | None, string: str, expected: list[str]
) -> None:
    catalogue = Catalog(locale=language)
    catalogue.add("Answer, %(name)s", string, context=context)
    assert [words.split(":")[0] for words in catalogues.complaints(language, catalogue)] == expected
