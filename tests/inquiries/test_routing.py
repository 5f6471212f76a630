"""Who is asked, and why: by example and by property."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from ganzohr.inquiries.routing import Away, Facts, Person, Post, Route, route, stand_in

TODAY = dt.date(2026, 11, 23)
FRIDAY = dt.date(2026, 11, 27)
KARIN, THOMAS, IDA, BART = 1, 2, 3, 4


def people(**more: Person) -> dict[int, Person]:
    """Four colleagues without deputies, or with the changes given."""
    plain = {pk: Person(pk) for pk in (KARIN, THOMAS, IDA, BART)}
    return plain | {person.id: person for person in more.values()}


def away(colleague: int, deputy: int | None = None) -> Away:
    return Away(colleague, TODAY, FRIDAY, deputy)


def test_the_colleague_of_the_site_goes_before_the_one_who_answers_everywhere() -> None:
    facts = Facts(TODAY, site_post=Post(IDA), topic_post=Post(KARIN), people=people())
    assert route(facts) == Route(IDA, ("site",))


def test_without_a_colleague_at_the_site_the_topic_decides() -> None:
    assert route(Facts(TODAY, topic_post=Post(KARIN), people=people())) == Route(KARIN, ("topic",))


def test_the_same_person_gets_the_same_expert_as_last_time() -> None:
    facts = Facts(TODAY, site_post=Post(IDA), topic_post=Post(KARIN), previous=BART, people=people())
    assert route(facts) == Route(BART, ("same",))


def test_when_the_last_expert_is_away_the_topic_decides_again() -> None:
    facts = Facts(TODAY, topic_post=Post(KARIN), previous=BART, people=people(), absences=[away(BART)])
    assert route(facts) == Route(KARIN, ("topic",))


def test_the_deputy_of_the_absence_goes_before_the_one_of_the_post_and_their_own() -> None:
    staff = people(karin=Person(KARIN, deputy=BART))
    facts = Facts(TODAY, topic_post=Post(KARIN, deputy=THOMAS), people=staff, absences=[away(KARIN, IDA)])
    assert route(facts) == Route(IDA, ("topic", "away"), KARIN, FRIDAY)


def test_the_deputy_of_the_post_goes_before_their_own() -> None:
    staff = people(karin=Person(KARIN, deputy=BART))
    facts = Facts(TODAY, topic_post=Post(KARIN, deputy=THOMAS), people=staff, absences=[Away(KARIN, TODAY, FRIDAY)])
    assert route(facts) == Route(THOMAS, ("topic", "away"), KARIN, FRIDAY)


def test_a_deputy_who_is_away_is_represented_too() -> None:
    staff = people(karin=Person(KARIN, deputy=THOMAS), thomas=Person(THOMAS, deputy=IDA))
    facts = Facts(TODAY, topic_post=Post(KARIN), people=staff, absences=[away(KARIN), away(THOMAS)])
    assert route(facts) == Route(IDA, ("topic", "away"), KARIN, FRIDAY)


def test_deputies_in_a_circle_who_are_all_away_leave_a_gap() -> None:
    staff = people(karin=Person(KARIN, deputy=THOMAS), thomas=Person(THOMAS, deputy=KARIN))
    facts = Facts(TODAY, topic_post=Post(KARIN), people=staff, absences=[away(KARIN), away(THOMAS)])
    assert route(facts) == Route(None, ("all_away",))


def test_a_topic_nobody_answers_is_a_gap() -> None:
    assert route(Facts(TODAY, topic_post=Post(None), people=people())) == Route(None, ("nobody",))


def test_a_deputy_who_speaks_the_language_is_asked_when_the_colleague_does_not() -> None:
    staff = people(karin=Person(KARIN, frozenset({"de"})), bart=Person(BART, frozenset({"nl", "de"})))
    facts = Facts(TODAY, language="nl", topic_post=Post(KARIN, deputy=BART), people=staff)
    assert route(facts) == Route(BART, ("topic", "language"), KARIN)


def test_a_colleague_without_languages_answers_in_any() -> None:
    facts = Facts(TODAY, language="nl", topic_post=Post(KARIN, deputy=BART), people=people())
    assert route(facts) == Route(KARIN, ("topic",))


def test_who_has_no_mail_address_is_represented() -> None:
    staff = people(karin=Person(KARIN, can_be_asked=False, deputy=THOMAS))
    assert route(Facts(TODAY, topic_post=Post(KARIN), people=staff)) == Route(THOMAS, ("topic", "unreachable"), KARIN)


def test_who_said_it_is_not_theirs_is_not_asked_again() -> None:
    facts = Facts(
        TODAY, topic_post=Post(KARIN, deputy=THOMAS), previous=KARIN, people=people(), without=frozenset({KARIN})
    )
    assert route(facts).colleague == THOMAS


def test_an_absence_counts_on_its_first_and_last_day_and_not_after() -> None:
    def on(day: dt.date) -> int | None:
        facts = Facts(day, topic_post=Post(KARIN, deputy=THOMAS), people=people(), absences=[away(KARIN)])
        return route(facts).colleague

    days = [TODAY - dt.timedelta(days=1), TODAY, FRIDAY, FRIDAY + dt.timedelta(days=1)]
    assert [on(day) for day in days] == [KARIN, THOMAS, THOMAS, KARIN]


def test_who_is_here_stands_in_for_themselves() -> None:
    assert stand_in(KARIN, Facts(TODAY, people=people())) == Route(KARIN, ("topic",))


ids = st.integers(1, 6)
maybe = st.none() | ids
languages = st.sampled_from(["", "de", "nl", "en"])
days = st.integers(-3, 3).map(lambda n: TODAY + dt.timedelta(days=n))


@st.composite
def all_facts(draw: st.DrawFn) -> Facts:
    """Any staff, any deputies (also in circles), any absences."""
    known = draw(st.sets(ids, min_size=1))
    speaks = st.frozensets(st.sampled_from(["de", "nl", "en"]), max_size=2)
    staff = {pk: Person(pk, draw(speaks), draw(maybe), draw(st.booleans() | st.just(True))) for pk in known}
    absences = [
        Away(draw(ids), start, start + dt.timedelta(days=draw(st.integers(0, 4))), draw(maybe))
        for start in draw(st.lists(days, max_size=5))
    ]
    posts = [Post(draw(maybe), draw(maybe)) if draw(st.booleans()) else None for _ in range(2)]
    return Facts(
        TODAY, draw(languages), posts[0], posts[1], draw(maybe), staff, absences, draw(st.frozensets(ids, max_size=2))
    )


@given(all_facts())
def test_nobody_is_asked_who_is_away_left_out_or_cannot_be_reached(facts: Facts) -> None:
    found = route(facts)
    assert found.colleague is None or facts.is_here(found.colleague)


@given(all_facts())
def test_the_last_expert_is_asked_whenever_they_are_here(facts: Facts) -> None:
    is_same = facts.is_here(facts.previous)
    assert (route(facts) == Route(facts.previous, ("same",))) is is_same


@given(all_facts())
def test_somebody_named_for_the_topic_who_is_here_means_no_gap(facts: Facts) -> None:
    posts = [post for post in (facts.site_post, facts.topic_post) if post]
    named = [pk for post in posts for pk in (post.colleague, post.deputy) if facts.is_here(pk)]
    if named:
        assert route(facts).colleague is not None


@given(all_facts())
def test_a_deputy_is_asked_only_for_somebody_else_and_says_for_whom(facts: Facts) -> None:
    found = route(facts)
    stands_in = bool({"away", "unreachable", "language"} & set(found.why))
    assert (found.deputy_of is not None) is stands_in
    assert found.deputy_of is None or found.deputy_of != found.colleague


@given(all_facts())
def test_the_language_never_leaves_a_question_without_anybody(facts: Facts) -> None:
    any_language = Facts(**{**facts.__dict__, "language": ""})
    assert (route(facts).colleague is None) is (route(any_language).colleague is None)


@given(all_facts())
def test_the_same_facts_give_the_same_route(facts: Facts) -> None:
    assert route(facts) == route(facts)
