"""Words are found by their stems, and by what they begin with."""

from __future__ import annotations

import pytest

from ganzohr.inbox.searching import beginnings


@pytest.mark.parametrize(
    ("wanted", "begins"),
    [
        ("Dienstplan", "'dienstplan':*"),
        ("kinderbetreuung zuschuss", "'kinderbetreuung':* & 'zuschuss':*"),
        ("ab wann", ""),
        ('"genau so"', ""),
        ("gehalt -nacht", ""),
    ],
)
def test_a_part_of_four_letters_finds_what_it_begins(wanted: str, begins: str) -> None:
    assert beginnings(wanted) == begins
