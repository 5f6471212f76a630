"""New words: said by several now, rarely before, and saying something."""

from __future__ import annotations

import pytest

from ganzohr.insights.new_words import NewWord, new_words


def said(text: str, times: int, start: int = 0) -> list[tuple[int, str]]:
    return [(number, text) for number in range(start, start + times)]


BEFORE = said("Wie hoch ist das Gehalt?", 40, start=1000)


def test_a_word_of_five_people_that_nobody_used_before_is_new() -> None:
    now = [*said("Gibt es ein Deutschlandticket?", 4), (9, "Das DEUTSCHLANDTICKET!")]
    assert new_words(now, BEFORE) == [NewWord("deutschlandticket", 5, 0)]


def test_a_word_counts_once_per_conversation_so_one_person_is_never_shown() -> None:
    assert new_words([*said("Wohnheim Wohnheim", 4), (1, "Wohnheim")], BEFORE) == []


def test_a_word_as_usual_as_before_is_not_new() -> None:
    usual = [*BEFORE, *said("Dienstplan", 10)]
    assert new_words(usual, usual) == []


def test_addresses_and_short_words_are_no_words() -> None:
    now = said("ab max@example.org https://example.org/jobs Kita", 5)
    assert [row.word for row in new_words(now, BEFORE)] == ["kita"]


@pytest.mark.parametrize(
    "text",
    ["Danke, nichts für mich und mein Auto", "Thanks, everything gone already", "Bedankt, graag horen wanneer"],
)
def test_words_that_say_nothing_are_not_shown(text: str) -> None:
    assert [row.word for row in new_words(said(text, 8), BEFORE)] in ([], ["horen"])


def test_without_weeks_to_compare_with_nothing_is_new() -> None:
    assert new_words(said("Deutschlandticket", 8), BEFORE[:39]) == []


def test_words_that_say_nothing_are_never_new() -> None:
    said = "Ich habe gehört, das Schülerpraktikum ist normal bei euch?"
    now = [(number, said) for number in range(8)]
    before = [(number, "Wo parke ich?") for number in range(100, 150)]
    assert [row.word for row in new_words(now, before)] == ["schülerpraktikum"]
