"""The sentence of the day says within five seconds what waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from ganzohr.desk.sentence import Sentence, number, sentence
from ganzohr.desk.today import Sums

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)


def sums(questions: int, **values: object) -> Sums:
    given = {"late": 0, "failed": 0, "drafts": 0, "asked": 0, "next_due_at": None, **values}
    return Sums(questions=questions, **given)  # type: ignore[arg-type]


def test_three_wait_and_one_is_due_soon() -> None:
    said = sentence(sums(3, next_due_at=NOW + timedelta(minutes=40)), NOW)
    assert said == Sentence("Three conversations are waiting for you", "", "the next is due in 40 min", "")


def test_what_is_due_later_is_not_said() -> None:
    assert sentence(sums(1, next_due_at=NOW + timedelta(hours=3)), NOW).soon == ""


def test_an_answer_that_did_not_leave_comes_before_drafts() -> None:
    assert sentence(sums(4, failed=1, drafts=2), NOW).more == "One answer did not leave."


def test_of_more_than_are_counted_nobody_knows_whether_all_are_overdue() -> None:
    assert [sentence(sums(count, late=count), NOW).late for count in (99, 100)] == [
        "all of them overdue", "100+ are overdue",
    ]  # fmt: skip


def test_nothing_waits() -> None:
    assert sentence(sums(0), NOW) == Sentence("Nothing is waiting for you", "", "", "")


@pytest.mark.parametrize(("count", "word"), [(2, "zwei"), (12, "zwölf"), (13, "13"), (100, "100+")])
def test_small_numbers_are_words(count: int, word: str) -> None:
    with translation.override("de"):
        assert number(count) == word


def test_german_says_it_whole() -> None:
    with translation.override("de"):
        said = sentence(sums(3, late=1), NOW)
    assert (said.start, said.late) == ("Drei Gespräche warten auf dich", "eins ist überfällig")
