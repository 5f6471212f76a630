"""The questions' file of the walk: read as people write it, refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganzohr.proofs.mainjob.questions import Unreadable, read, topic_slug

NAMES = {"Stand der Bewerbung": "application-status", "Gehalt": "salary", "Career changers": "career-change"}


def test_our_own_ten_have_two_of_the_same_name_on_each_channel() -> None:
    asked = read(None)
    assert [(one.way, one.name) for one in asked] == [
        ("website", "Lena"),
        ("website", "Lena"),
        ("mail", "Jonas"),
        ("mail", "Jonas"),
        ("hand", "Noor"),
        ("hand", "Noor"),
        ("comment", "Mia"),
        ("comment_private", "Mia"),
        ("whatsapp", "Ben"),
        ("whatsapp", "Ben"),
    ]


def test_a_line_of_column_names_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text("channel\tname\tquestion\texpected topic\tanswer\ne-mail\tMia\tWas verdient man?\tsalary\tGut.\n")
    assert [(one.number, one.way, one.label) for one in read(file)] == [(1, "mail", "01-mail-mia")]


@pytest.mark.parametrize("line", ["mail\tMia\tWas?", "fax\tMia\tWas?\tsalary\tGut.", "mail\tMia\t\tsalary\tGut."])
def test_a_line_that_cannot_be_used_says_which(line: str, tmp_path: Path) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text(f"website\tMia\tWas?\tsalary\tGut.\n{line}\n")
    with pytest.raises(Unreadable, match="Line 2"):
        read(file)


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("salary", "salary"),
        ("Gehalt", "salary"),
        ("application status", "application-status"),
        ("career changers", "career-change"),
    ],
)
def test_a_topic_is_found_by_slug_or_by_name(words: str, slug: str) -> None:
    assert topic_slug(words, NAMES) == slug


def test_a_topic_nobody_has_is_refused() -> None:
    with pytest.raises(ValueError, match="weather"):
        topic_slug("weather", NAMES)
