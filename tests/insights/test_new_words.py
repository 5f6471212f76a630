"""New words: said by several now, rarely before."""

from __future__ import annotations

from ganzohr.insights.new_words import NewWord, new_words


def test_a_word_of_three_people_that_nobody_used_before_is_new() -> None:
    now = [(1, "Gibt es ein Deutschlandticket?"), (2, "deutschlandticket bezahlt ihr?"), (3, "Das Deutschlandticket!")]
    assert new_words(now, [(9, "Gibt es bezahlt ihr")]) == [NewWord("deutschlandticket", 3, 0)]


def test_a_word_counts_once_per_conversation_so_one_person_is_never_shown() -> None:
    now = [(1, "Wohnheim Wohnheim"), (1, "Wohnheim"), (2, "Wohnheim")]
    assert new_words(now, []) == []


def test_a_word_as_usual_as_before_is_not_new() -> None:
    said = [(number, "Dienstplan") for number in range(4)]
    assert new_words(said, said) == []


def test_addresses_and_short_words_are_no_words() -> None:
    now = [(number, "ab max@example.org https://example.org/jobs Kita") for number in range(3)]
    assert [row.word for row in new_words(now, [])] == ["kita"]
