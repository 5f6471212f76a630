"""What stands under an answer."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ganzohr.channels import signature


@dataclass
class Channel:
    signature: str


@dataclass
class Person:
    name: str
    first_name: str = "Karin"
    role_title: str = "Leiterin der Pflegeschule"
    may_be_named: bool = True
    initials: str = ""


SOPHIE = Person("Sophie Brandt")
KARIN = Person("Dr. Karin Wöhlert")


@pytest.mark.parametrize(
    ("choice", "expert", "line"),
    [
        ("expert", KARIN, "Karin, Leiterin der Pflegeschule"),
        ("expert", Person("Karin Wöhlert", role_title=""), "Karin"),
        ("expert", Person("Karin Wöhlert", may_be_named=False), "^SB"),
        ("expert", None, "^SB"),
        ("initials", KARIN, "^SB"),
        ("none", KARIN, ""),
    ],
)
def test_who_signs(choice: str, expert: Person | None, line: str) -> None:
    assert signature.line(channel=Channel(choice), colleague=SOPHIE, expert=expert, language="de") == line


def test_nobody_signs_twice() -> None:
    once = signature.sign("Ja, gern. ", channel=Channel("initials"), colleague=SOPHIE, expert=None, language="de")
    assert once == "Ja, gern. ^SB"
    assert signature.sign(once, channel=Channel("initials"), colleague=SOPHIE, expert=None, language="de") == once


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Dr. Sophie Brandt", "SB"), ("Ausbildung", "AU"), ("Ann-Kathrin van der Meer", "AM"), ("", "")],
)
def test_initials(name: str, letters: str) -> None:
    assert signature.initials(name) == letters


def test_initials_somebody_chose_stand_under_their_answers() -> None:
    chosen = Person("Sophie Brandt", initials="SoB")
    assert signature.line(channel=Channel("initials"), colleague=chosen, expert=None, language="de") == "^SoB"


@pytest.mark.parametrize("name", ["Karin", "Dr. Karin Wöhlert", "– Karin"])
def test_whoever_signs_their_own_words_is_not_named_twice(name: str) -> None:
    text = f"Yes, from 75 %.\n\nBest wishes,\n{name}"
    signed = signature.sign(text, channel=Channel("expert"), colleague=SOPHIE, expert=KARIN, language="en")
    assert signed == "Yes, from 75 %.\n\nBest wishes,\n\nKarin, Leiterin der Pflegeschule"
