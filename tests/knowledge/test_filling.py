"""Placeholders: filled once, from what is true, or left open where everybody sees it."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzohr.inbox.checks import PLACEHOLDER, SENDS, Situation, check
from ganzohr.knowledge import filling, placeholders, starters

PLAIN = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=60)
WRITTEN = st.sampled_from([f"{{{name}}}" for name in (*filling.NAMES, *filling.MEANT)] + ["{link:abc123}"])
TEXTS = st.lists(st.one_of(PLAIN, WRITTEN), max_size=8).map("".join)
VALUE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
VALUES = st.fixed_dictionaries(dict.fromkeys(filling.NAMES, VALUE))
LINKS = {"abc123": "https://jobs.example.org/g/abc123"}
OPEN = {**{name: name.replace("_", " ") for name in filling.NAMES}, "link": "short link"}


@given(PLAIN, VALUES)
def test_words_without_a_placeholder_stay_as_they_are(text: str, values: dict[str, str]) -> None:
    assert filling.fill(text, values, LINKS, OPEN) == text


@given(TEXTS)
def test_what_is_known_is_never_refused_and_fills_to_nothing_in_braces(text: str) -> None:
    assert filling.unknown(text, LINKS) == []
    assert filling.WRITTEN.findall(filling.fill(text, {}, {}, OPEN)) == []


@given(TEXTS, VALUES)
def test_everything_around_the_placeholders_is_kept_in_its_order(text: str, values: dict[str, str]) -> None:
    parts = filling.parts(text, values, LINKS, OPEN)
    kept = [part.text for part in parts if not part.name]
    assert "".join(kept) == filling.WRITTEN.sub("", text)
    meant = [filling.MEANT.get(name, name) for name, _code in filling.WRITTEN.findall(text)]
    assert [part.name for part in parts if part.name] == meant


@given(st.sampled_from(filling.NAMES))
def test_an_empty_value_leaves_an_open_placeholder_that_the_composer_sees(name: str) -> None:
    for language in starters.LANGUAGES:
        said = filling.fill(f"Hallo {{{name}}},", {name: "  "}, {}, placeholders.open_words(language))
        assert PLACEHOLDER.search(said), said
    gone = filling.fill("Hier: {link:zz99}", {}, {}, placeholders.open_words("de"))
    found = check(gone, Situation(max_length=1000, language="de", address="informal"))
    assert [one.code for one in found if one.level == "look"] == ["placeholder"]


@pytest.mark.parametrize("language", starters.LANGUAGES)
def test_each_language_has_words_of_its_own_for_them(language: str) -> None:
    values = {name: f"<{name}>" for name in filling.NAMES}
    text = " ".join(filling.written(name, language) for name in filling.NAMES)
    assert filling.fill(text, values, {}, OPEN) == " ".join(values.values())


def test_a_value_that_looks_like_a_placeholder_is_not_filled_again() -> None:
    assert filling.fill("{name}", {"name": "{topic}", "topic": "Gehalt"}, {}, OPEN) == "{topic}"


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("Hallo {vorname}, {voornaam}", []),
        ("Hallo {nachname}", ["{nachname}"]),
        ("Hallo {{first_name}}", ["{", "}"]),
        ("Hallo {first_name", ["{first_name"]),
        ("Hallo first_name}", ["}"]),
        ("{link} {link:} {link:nope} {link:abc123}", ["{link}", "{link:}", "{link:nope}"]),
        ("{topic:abc123}", ["{topic:abc123}"]),
        ("{First_Name}", ["{First_Name}"]),
        ("{}", ["{}"]),
    ],
)  # fmt: skip
def test_what_nobody_can_fill_is_named_as_it_was_written(text: str, refused: list[str]) -> None:
    assert filling.unknown(text, LINKS) == refused


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Yasmin Öztürk", "Yasmin"), ("Öztürk, Yasmin", "Yasmin"), ("Dr. Yasmin Öztürk", "Yasmin"),
        ("Jan-Luca", "Jan-Luca"), ("frau Meier", "Meier"), ("sunny_2008", ""), ("@lena", ""), ("lena", ""), ("", ""),
        ("J.", ""), ("+49 170 1234567", ""), ("D’Angelo Rossi", "D’Angelo"),
    ],
)  # fmt: skip
def test_somebody_is_called_by_a_first_name_only_if_it_is_one(name: str, first: str) -> None:
    assert filling.first_name(name) == first


def test_hours_are_said_by_stretches_of_days_that_are_alike() -> None:
    day, short = (time(8), time(17)), (time(8), time(12, 30))
    slots = [*[(weekday, *day) for weekday in range(4)], (4, *short), (5, time(9), time(12)), (5, time(13), time(15))]
    assert placeholders.hours(slots, "en") == (
        "Monday to Thursday 8:00–17:00, Friday 8:00–12:30, Saturday 9:00–12:00 and 13:00–15:00"
    )
    assert placeholders.hours([(0, *day), (1, *day)], "de") == "Montag und Dienstag 8:00–17:00 Uhr"
    assert placeholders.hours([(0, *day), (2, *day)], "nl") == "maandag 8:00–17:00 uur, woensdag 8:00–17:00 uur"
    assert placeholders.hours([], "de") == ""


def test_the_first_eight_speak_every_language_and_send_nobody_on() -> None:
    read = starters.read()
    spoken = {("de", "informal"), ("de", "formal"), ("nl", "informal"), ("nl", "formal"), ("en", "informal")}
    assert [len(read), *{frozenset(one.texts) for one in read}] == [8, frozenset(spoken)]
    for one in read:
        for (language, address), text in one.texts.items():
            situation = Situation(max_length=1000, language=language, address=address)
            filled = filling.fill(text, placeholders.sample(language, "", ""), {}, OPEN)
            strange = {found.code for found in check(filled, situation) if found.level != "good"} - {"placeholder"}
            assert (filling.unknown(text, ()), SENDS.search(filled), strange) == ([], None, set()), (one.key, filled)
