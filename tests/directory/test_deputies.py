"""Who answers when somebody is away."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ganzohr.directory.deputies import Away, Stands, makes_circle, who_answers

TODAY = date(2026, 11, 23)
KARIN, OLE, PETRA = 1, 2, 3


def away(colleague: int, deputy: int | None = None, until: int = 27) -> Away:
    return Away(colleague, date(2026, 11, 20), date(2026, 11, until), deputy)


def test_somebody_who_is_there_answers() -> None:
    assert who_answers(KARIN, TODAY, [], {KARIN: OLE}) == Stands(KARIN, (KARIN,), "here")


def test_the_usual_deputy_answers_while_somebody_is_away() -> None:
    assert who_answers(KARIN, TODAY, [away(KARIN)], {KARIN: OLE}) == Stands(OLE, (KARIN, OLE), "represented")


def test_the_deputy_named_for_an_absence_goes_before_the_usual_one() -> None:
    assert who_answers(KARIN, TODAY, [away(KARIN, PETRA)], {KARIN: OLE}).colleague == PETRA


def test_of_two_absences_the_one_that_ends_last_names_the_deputy() -> None:
    both = [away(KARIN, PETRA, until=30), away(KARIN, OLE, until=24)]
    assert who_answers(KARIN, TODAY, both, {}).colleague == PETRA


def test_a_deputy_who_is_away_too_is_represented_in_turn() -> None:
    stands = who_answers(KARIN, TODAY, [away(KARIN), away(OLE)], {KARIN: OLE, OLE: PETRA})
    assert stands == Stands(PETRA, (KARIN, OLE, PETRA), "represented")


def test_two_who_represent_each_other_and_are_both_away_leave_nobody() -> None:
    stands = who_answers(KARIN, TODAY, [away(KARIN), away(OLE)], {KARIN: OLE, OLE: KARIN})
    assert stands == Stands(None, (KARIN, OLE), "nobody")


def test_the_first_and_the_last_day_of_an_absence_count() -> None:
    absence = Away(KARIN, date(2026, 11, 23), date(2026, 11, 24))
    days = [date(2026, 11, day) for day in (22, 23, 24, 25)]
    assert [who_answers(KARIN, on, [absence], {KARIN: OLE}).colleague for on in days] == [KARIN, OLE, OLE, KARIN]


def test_somebody_who_left_is_represented_like_somebody_away() -> None:
    assert who_answers(KARIN, TODAY, [], {KARIN: OLE}, gone=[KARIN]).colleague == OLE


@given(
    st.dictionaries(st.integers(1, 6), st.integers(1, 6)),
    st.lists(st.builds(away, st.integers(1, 6), st.one_of(st.none(), st.integers(1, 6)))),
    st.integers(1, 6),
)
def test_whoever_answers_is_there_and_nobody_is_passed_twice(
    deputies: dict[int, int | None], absences: list[Away], asked: int
) -> None:
    stands = who_answers(asked, TODAY, absences, deputies)
    assert len(set(stands.chain)) == len(stands.chain)
    assert stands.chain[0] == asked
    assert stands.colleague not in {absence.colleague for absence in absences}


def test_a_circle_of_usual_deputies_is_seen_before_it_is_made() -> None:
    usual: dict[int, int | None] = {KARIN: OLE, OLE: PETRA}
    assert [makes_circle(PETRA, deputy, usual) for deputy in (KARIN, OLE, PETRA, None)] == [True, True, True, False]
