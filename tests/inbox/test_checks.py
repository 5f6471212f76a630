"""What a person is asked to look at before an answer leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzohr.inbox.checks import Situation, blocks, check, sends_on

HERE = Situation(max_length=2200, language="de", address="informal")


def codes(text: str, at: Situation = HERE) -> set[str]:
    return {finding.code for finding in check(text, at)}


@pytest.mark.parametrize(
    "text",
    [
        "Am besten rufen Sie im Schulsekretariat an, Durchwahl 4711.",
        "Ruf einfach bei uns an.",
        "Bitte wenden Sie sich an die Personalabteilung.",
        "Melde dich telefonisch unter 06401 123456.",
        "Schreib uns eine Mail an karriere@auental.de.",
        "Bitte kontaktieren Sie unser Sekretariat.",
        "Nimm bitte Kontakt mit der Schule auf.",
        "Schau am besten auf unserer Website nach.",
        "Dafür sind wir leider nicht zuständig.",
        "Du kannst auch gerne anrufen.",
        "Bel even met onze afdeling HR.",
        "Neem contact op met de planning.",
        "Stuur een mail naar werken@zorg.nl.",
        "Kijk op onze website.",
        "Please call our office.",
        "Just give us a call.",
        "Send an email to jobs@example.com.",
        "Please contact the HR department.",
        "Check our website for details.",
        "Mehr unter +49 641 9999-0",
    ],
)
def test_words_that_send_people_on_are_found(text: str) -> None:
    assert sends_on(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ja, das geht. Start ist der 1. April 2027, die Vergütung liegt bei 1.490 €.",
        "Ich rufe dich morgen an, wenn du magst.",
        "Wir melden uns bis Freitag bei dir.",
        "Unsere Kollegin Karin meldet sich bei dir.",
        "Die Ausbildung dauert vom 01.04.2027 bis 31.03.2030.",
        "Der Anruf hat uns gefreut.",
        "Ja, dat kan. Je begint op 1 september.",
        "Wij nemen vrijdag contact met je op.",
        "Yes, you can. We will call you on Friday.",
        "The call for applications is open until May.",
        "Auf der Station arbeiten 24 Kolleginnen.",
    ],
)
def test_good_answers_send_nobody_on(text: str) -> None:
    assert sends_on(text) == ""


@pytest.mark.parametrize(
    "text", ["Hallo [Name], ja.", "Hallo {{ name }}, ja.", "Am XXX geht es los.", "Start: […]", "Am ____", "TODO"]
)
def test_open_placeholders_are_found(text: str) -> None:
    assert "placeholder" in codes(text)


@pytest.mark.parametrize(
    "text", ["Ja [1].", "Größe XXL gibt es.", "Ja … genau.", "[Hier](https://auental.de) steht es."]
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert "placeholder" not in codes(text)


@pytest.mark.parametrize(
    ("text", "language", "address", "code"),
    [
        ("Das kannst du machen.", "de", "informal", "address_informal"),
        ("Das können Sie machen.", "de", "informal", "address_not_informal"),
        ("Das kannst du machen.", "de", "formal", "address_not_formal"),
        ("Haben Sie Zeit? Dann komm, wenn du magst.", "de", "informal", "address_mixed"),
        ("Kun je morgen? U bent welkom.", "nl", "informal", "address_mixed"),
        ("Kunt u morgen?", "nl", "formal", "address_formal"),
    ],
)
def test_the_form_of_address_is_the_channels(text: str, language: str, address: str, code: str) -> None:
    assert code in codes(text, Situation(max_length=500, language=language, address=address))


def test_sie_at_the_start_of_a_sentence_may_mean_her() -> None:
    assert "address_mixed" not in codes("Karin leitet die Schule. Sie freut sich auf dich.")


def test_personal_data_is_shown() -> None:
    assert "personal" in codes("Deine IBAN DE89 3704 0044 0532 0130 00 haben wir.")
    assert "personal" in codes("Meine Nummer: 0171 1234567")
    assert "not_personal" in codes("Am 01.04.2027 um 8:00 Uhr, 1.490 € im Monat.")


@pytest.mark.parametrize(
    "text",
    [
        "Bewerbung liegt vor, Gespräch nächste Woche Dienstag möglich",
        "Deine Unterlagen sind angekommen.",
        "Passt dir das Vorstellungsgespräch am Donnerstag?",
        "Wir haben dich leider abgelehnt.",
        "Je sollicitatie is binnen.",
        "We hebben je cv bekeken.",
        "We received your application.",
        "Your interview is on Tuesday.",
    ],
)
def test_how_somebodys_application_stands_is_not_for_everybody(text: str) -> None:
    in_public = Situation(max_length=2200, language="de", address="informal", is_public=True)

    assert {"their_own", "not_personal"} & codes(text, in_public) == {"their_own"}
    assert {"their_own", "not_personal"} & codes(text) == {"not_personal"}


@pytest.mark.parametrize(
    "text",
    [
        "Deine Bewerbung kannst du jederzeit hochladen, auch ohne Anschreiben.",
        "Im Vorstellungsgespräch lernst du die Station kennen.",
        "Am Dienstag ist Tag der offenen Tür, du bist herzlich eingeladen.",
        "Solliciteren kan tot 1 maart, een cv is genoeg.",
        "You can apply until Friday, no cover letter needed.",
    ],
)
def test_what_holds_for_everybody_may_be_said_to_everybody(text: str) -> None:
    in_public = Situation(max_length=2200, language="de", address="informal", is_public=True)

    assert "not_personal" in codes(text, in_public)


def test_only_what_must_not_leave_blocks() -> None:
    assert blocks(check("", HERE))
    assert blocks(check("x" * 2201, HERE))
    assert blocks(check("Ja.", Situation(max_length=9, language="de", address="informal", wrote_since=True)))
    assert not blocks(check("Ruf bitte an, [Name].", HERE))
    assert not blocks(check("", Situation(max_length=9, language="de", address="informal", has_files=True)))


def test_the_signature_counts() -> None:
    assert "too_long" in codes(
        "x" * 95, Situation(max_length=100, language="en", address="informal", signature_length=6)
    )


@given(st.text(max_size=400), st.sampled_from(["de", "nl", "en", "", "pl"]), st.sampled_from(["informal", "formal"]))
def test_any_text_is_judged_and_the_worst_comes_first(text: str, language: str, address: str) -> None:
    found = check(text, Situation(max_length=100, language=language, address=address))
    order = ["stop", "look", "good"]

    levels = [order.index(finding.level) for finding in found]
    assert levels == sorted(levels)
    assert len({finding.code for finding in found}) == len(found)
    assert blocks(found) == (not text.strip() or len(text.strip()) > 100)


@given(st.text(alphabet="abc \n.!?", max_size=200))
def test_a_sentence_that_sends_on_is_found_wherever_it_stands(around: str) -> None:
    assert sends_on(f"{around}\nBitte rufen Sie uns an.\n{around}")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hallo Sophie,\n\nja, das geht.", "Hallo Sophie"),
        ("Liebe Sophie, ja.", "Liebe Sophie"),
        ("Sophie, sag ihm ja.", "Sophie,"),
        ("Hallo Lena, Sophie Brandt hilft dir.", ""),
        ("Ja, das geht. Hallo Sophie.", ""),
    ],
)
def test_a_greeting_to_whoever_asked_is_seen(text: str, found: str) -> None:
    at = Situation(max_length=9999, language="de", address="informal", my_name="Sophie")
    assert [one.detail for one in check(text, at) if one.code == "greets_you"] == ([found] if found else [])
