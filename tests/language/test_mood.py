"""Hints for people: danger, hurry, anger, joy."""

import pytest

from ganzohr.language.mood import is_emergency, is_urgent, mood_of


@pytest.mark.parametrize(
    "text",
    [
        "Hab starke Schmerzen in der Brust, was soll ich tun?",
        "Ich will nicht mehr leben",
        "ik heb pijn op de borst",
        "my dad is unconscious",
    ],
)
def test_danger_to_life_is_seen_in_every_language(text: str) -> None:
    assert (is_emergency(text), is_urgent(text)) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        "Bildet ihr Notfallsanitäter aus?",
        "Kan ik stage lopen op de spoedeisende hulp?",
        "jobs in the emergency department?",
    ],
)
def test_work_with_emergencies_is_no_emergency(text: str) -> None:
    assert (is_emergency(text), is_urgent(text)) == (False, False)


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("Könnt ihr mir das noch heute sagen?", True),
        ("Brauche dringend eine Antwort", True),
        ("my interview is tomorrow, where do I go", True),
        ("graag zo snel mogelijk antwoord", True),
        ("Wann geht es los?", False),
    ],
)
def test_hurry_is_taken_from_the_words(text: str, urgent: bool) -> None:
    assert (is_urgent(text), is_emergency(text)) == (urgent, False)


@pytest.mark.parametrize(
    ("text", "kind", "mood"),
    [
        ("Das ist eine Frechheit", "complaint", "upset"),
        ("Wann geht es los?", "question", "neutral"),
        ("Super, ich freue mich", "praise", "pleased"),
        ("Nie wieder!", "other", "upset"),
    ],
)
def test_mood_follows_kind_and_words(text: str, kind: str, mood: str) -> None:
    assert mood_of(text, kind) == mood
