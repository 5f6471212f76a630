"""Times and names in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from ganzohr.ui import formats

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)  # 10:20 in Berlin
EVENING = datetime(2026, 11, 21, 20, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "words"),
    [("de", "Sa., 21.11.2026, 21:40"), ("nl", "za 21-11-2026, 21:40"), ("en", "Sat, 21 Nov 2026, 21:40")],
)
def test_a_moment_is_told_whole_in_the_time_zone_of_the_desk(language: str, words: str) -> None:
    with translation.override(language):
        assert formats.moment(EVENING) == words


def test_a_clock_names_only_the_day_that_is_not_today() -> None:
    with translation.override("de"):
        told = [formats.clock(NOW - timedelta(hours=hours), NOW) for hours in (0, 12, 72, 24 * 400)]
    assert told == ["10:20", "gestern, 22:20", "Sa., 21.11., 10:20", "Mo., 20.10.2025, 11:20"]


def test_a_list_gets_the_shortest_time() -> None:
    with translation.override("de"):
        told = [formats.brief(NOW - timedelta(hours=hours), NOW) for hours in (0, 12, 72, 24 * 400)]
    assert told == ["10:20", "gestern", "21.11.", "20.10.2025"]


def test_a_promise_ends_today_tomorrow_or_on_a_day() -> None:
    with translation.override("de"):
        told = [formats.until(NOW + timedelta(hours=hours), NOW) for hours in (4, 24, 48)]
    assert told == ["bis heute, 14:20", "bis morgen, 10:20", "bis Do., 26.11., 10:20"]


def test_spans_are_told_as_people_say_them() -> None:
    spans = [timedelta(minutes=20), timedelta(minutes=110), timedelta(hours=30), timedelta(days=3), -timedelta(1)]
    with translation.override("de"):
        told = [formats.duration(span) for span in spans]
        told += [formats.since(NOW - timedelta(days=3), NOW), formats.left(NOW + timedelta(minutes=40), NOW)]
    assert told == ["20 Min.", "1 Std. 50 Min.", "30 Std.", "3 Tage", "0 Min.", "seit 3 Tagen", "noch 40 Min."]


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Dr. Thomas Grünewald", "TG"),
        ("Lohn- und Gehaltsabrechnung", "LG"),
        ("Amine Ben Youssef", "AY"),
        ("pflege.mit.plan", "PP"),
        ("Noor van Dijk", "ND"),
        ("Kim", "K"),
        ("@kuechenfee_77", "K"),
        ("@mia", "M"),
        ("0815", "0"),
        ("", "?"),
        ("🙂", "?"),
    ],
)
def test_a_face_shows_telling_initials(name: str, letters: str) -> None:
    assert formats.initials(name) == letters


def test_a_day_is_told_with_its_name() -> None:
    with translation.override("de"):
        assert formats.day(date(2026, 11, 21)) == "Sa., 21.11.2026"
