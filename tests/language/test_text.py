"""Words made fit for machines."""

import unicodedata

import pytest

from ganzohr.language.text import core, plain, sentences, words


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Schreib mir an lena.m@example.org", "Schreib mir an @mail"),
        ("siehe https://example.org/jobs?id=3 danke", "siehe @link danke"),
        ("auf www.klinik.de/karriere steht nichts", "auf @link steht nichts"),
        ("auf klinik.de steht nichts", "auf @link steht nichts"),
        ("@anna_k schau mal", "@name schau mal"),
        ("meine Nummer: 0171 2345678", "meine Nummer: @phone"),
        ("call +49 (0)30 1234567 please", "call @phone please"),
        ("P7 oder P8, 39 Stunden, ab 01.09.2027", "P7 oder P8, 39 Stunden, ab 01.09.2027"),
        ("Ende.Dann weiter", "Ende.Dann weiter"),
        ("zwei\n\nZeilen \u200b und\x00 Nichts", "zwei Zeilen und Nichts"),
    ],
)
def test_personal_details_are_masked_and_the_rest_stays(raw: str, expected: str) -> None:
    assert plain(raw) == expected


def test_composed_and_decomposed_letters_become_the_same_text() -> None:
    assert plain(unicodedata.normalize("NFD", "Prüfung für Ärzte")) == "Prüfung für Ärzte"


def test_a_long_text_is_cut_between_words_at_400_characters() -> None:
    cut = plain("Ausbildung " * 2000)
    assert (len(cut), cut.split()[-1]) == (395, "Ausbildung")
    assert len(plain("a" * 100_000)) == 400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hallo liebes Team, wann geht es los? Viele Grüße, Lena Meier", "wann geht es los"),
        ("Guten Tag, wann geht es los? MfG", "wann geht es los"),
        ("Hoi allemaal, kan ik stage lopen? Alvast bedankt", "kan ik stage lopen"),
        ("Hi there, can I apply? Kind regards, Tom", "can I apply"),
        ("Hallo", "Hallo"),
        ("Grüßt ihr eure Chefin mit Du?", "Grüßt ihr eure Chefin mit Du?"),
    ],
)
def test_greeting_and_farewell_say_nothing_about_the_topic(text: str, expected: str) -> None:
    assert core(text).rstrip("?") == expected.rstrip("?")


def test_sentences_are_split_at_their_ends_and_single_words_left_out() -> None:
    assert sentences("Ich bin 16. Ok. Kann ich kommen? Danke euch!") == [
        "Ich bin 16.",
        "Kann ich kommen?",
        "Danke euch!",
    ]


def test_words_are_lower_case_without_masks_and_figures() -> None:
    assert words("Schreib @name bis 12 Uhr, @mail, geht's?") == ["schreib", "bis", "uhr", "geht's"]
