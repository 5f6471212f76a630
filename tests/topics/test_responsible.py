"""Who answers a topic at a site."""

import pytest

from ganzohr.topics.responsible import (
    Answers,
    Group,
    Post,
    Responsible,
    exceptions,
    groups,
    open_sites,
    who_answers,
    without_deputy,
)

KARIN, OLE, PETRA, UTA = 1, 2, 3, 4
NORTH, SOUTH, WEST = 10, 20, 30
USUAL = {KARIN: UTA, OLE: None, PETRA: PETRA}


@pytest.mark.parametrize(
    ("topic", "site", "expected"),
    [
        (Responsible(Post(KARIN, OLE)), None, Answers(KARIN, OLE, "topic")),
        (Responsible(Post(KARIN, OLE)), NORTH, Answers(KARIN, OLE, "topic")),
        (Responsible(Post(KARIN, OLE), {NORTH: Post(PETRA, UTA)}), NORTH, Answers(PETRA, UTA, "site")),
        (Responsible(Post(KARIN, OLE), {NORTH: Post(PETRA, UTA)}), SOUTH, Answers(KARIN, OLE, "topic")),
        (Responsible(Post(KARIN, OLE), {NORTH: Post()}), NORTH, Answers(None, None, "nobody")),
        (Responsible(Post(KARIN, OLE), {NORTH: Post(KARIN)}), NORTH, Answers(KARIN, OLE, "site")),
        (Responsible(Post(KARIN)), NORTH, Answers(KARIN, UTA, "topic")),
        (Responsible(Post(PETRA)), NORTH, Answers(PETRA, None, "topic")),
        (Responsible(Post(KARIN, KARIN)), NORTH, Answers(KARIN, UTA, "topic")),
        (Responsible(), NORTH, Answers(None, None, "nobody")),
    ],
)
def test_the_site_goes_before_everywhere_and_a_deputy_is_somebody_else(
    topic: Responsible, site: int | None, expected: Answers
) -> None:
    assert who_answers(topic, site, USUAL) == expected


def test_neighbouring_sites_with_the_same_answer_stand_together() -> None:
    topic = Responsible(Post(OLE), {WEST: Post()})
    assert groups(topic, [NORTH, SOUTH, WEST], USUAL) == [
        Group((NORTH, SOUTH), Answers(OLE, None, "topic")),
        Group((WEST,), Answers(None, None, "nobody")),
    ]
    assert groups(topic, [], USUAL) == [Group((), Answers(OLE, None, "topic"))]


def test_with_many_sites_only_those_that_differ_are_named() -> None:
    topic = Responsible(Post(OLE), {NORTH: Post(PETRA), SOUTH: Post(), WEST: Post(PETRA), 40: Post(OLE)})
    assert exceptions(topic, [NORTH, SOUTH, WEST, 40, 50], USUAL) == [
        Group((NORTH, WEST), Answers(PETRA, None, "site")),
        Group((SOUTH,), Answers(None, None, "nobody")),
    ]


def test_gaps_are_sites_without_anybody_and_people_without_a_deputy() -> None:
    topic = Responsible(Post(), {NORTH: Post(KARIN), SOUTH: Post(OLE)})
    assert open_sites(topic, [NORTH, SOUTH, WEST]) == [WEST]
    assert open_sites(Responsible(), []) == [None]
    assert without_deputy([topic], [NORTH, SOUTH, WEST], USUAL) == {OLE}
