# ruff: noqa: E501 (samples of mail stand on one line each)
"""The writer's words, told from quotes and signatures as German, Dutch and English mail programs write them. All
samples are ours.
"""

from __future__ import annotations

import pytest

from ganzohr.channels.connectors.mail.trim import trim

QUESTION = "Hallo,\n\nwie hoch ist die Vergütung im ersten Lehrjahr?\n\nViele Grüße\nAnna"
VRAAG = "Hallo,\n\nhoeveel verdien ik in het eerste jaar?\n\nGroetjes\nAnna"
ASKED = "Hello,\n\nhow much is the pay in the first year?\n\nBest\nAnna"

TOP_POSTED = {
    "outlook de": (QUESTION, "\n\nVon: Karriere Nordwerk <karriere@brand.test>\nGesendet: Donnerstag, 19. November 2026 16:12\nAn: Anna Beispiel <anna@person.test>\n"
                   "Betreff: AW: Ausbildung\n\nHallo Anna,\n\ndanke für deine Nachricht.\n\nNordwerk"),
    "outlook de with ruler": (QUESTION, "\n\n________________________________\nVon: Karriere <karriere@brand.test>\nGesendet: Donnerstag, 19. November 2026 16:12:44\n"
                              "An: anna@person.test <anna@person.test>\nBetreff: Re: Ausbildung\n\nText der alten Mail?"),
    "outlook de old": (QUESTION, "\n\n-----Ursprüngliche Nachricht-----\nVon: Karriere [mailto:karriere@brand.test]\nGesendet: Donnerstag, 19. November 2026 16:12\n"
                       "An: Anna\nBetreff: Ausbildung\n\nAlt."),
    "outlook mobile de": (QUESTION, "\n\nOutlook für iOS<https://aka.ms/o0ukef> beziehen\n________________________________\nVon: Karriere <karriere@brand.test>\n"
                          "Gesendet: Donnerstag, November 19, 2026 4:12:44 PM\nAn: Anna <anna@person.test>\nBetreff: Re: Ausbildung\n\nAlt."),
    "outlook bold": (QUESTION, "\n\n*Von:* Karriere <karriere@brand.test>\n*Gesendet:* Donnerstag, 19. November 2026 16:12\n*An:* Anna\n*Betreff:* Ausbildung\n\nAlt."),
    "outlook nl": (VRAAG, "\n\nVan: Werken bij <karriere@brand.test>\nVerzonden: donderdag 19 november 2026 16:12\nAan: Anna <anna@person.test>\nOnderwerp: RE: Stage\n\nOud."),
    "outlook nl old": (VRAAG, "\n\n-----Oorspronkelijk bericht-----\nVan: Werken bij\nVerzonden: donderdag 19 november 2026 16:12\nAan: Anna\nOnderwerp: Stage\n\nOud."),
    "outlook en": (ASKED, "\n\nFrom: Careers <karriere@brand.test>\nSent: Thursday, November 19, 2026 4:12 PM\nTo: Anna <anna@person.test>\nCc: Bert\nSubject: RE: Job\n\nOld."),
    "outlook blank lines between headers": (ASKED, "\n\nFrom: Careers <karriere@brand.test>\n\nSent: Thursday, November 19, 2026 4:12 PM\n\nTo: Anna\n\nSubject: RE: Job\n\nOld."),
    "gmail de": (QUESTION, "\n\nAm Do., 19. Nov. 2026 um 16:12 Uhr schrieb Karriere Nordwerk <karriere@brand.test>:\n\n> Hallo Anna,\n>\n> danke.\n"),
    "gmail de wrapped": (QUESTION, "\n\nAm Do., 19. Nov. 2026 um 16:12 Uhr schrieb Karriere Nordwerk mit langem Namen <\nkarriere@brand.test>:\n\n> Hallo Anna,\n"),
    "gmail de name first": (QUESTION, "\n\nKarriere Nordwerk <karriere@brand.test> schrieb am Do., 19. Nov. 2026, 16:12:\n\n> Hallo Anna,\n"),
    "gmail nl": (VRAAG, "\n\nOp do 19 nov 2026 om 16:12 schreef Werken bij <karriere@brand.test>:\n\n> Hoi Anna,\n"),
    "gmail nl mobile": (VRAAG, "\n\nOp do 19 nov. 2026 16:12 schreef Werken bij <karriere@brand.test> het\nvolgende geschreven:\n\n> Hoi Anna,\n"),
    "an app that forgets the colon": (VRAAG, "\n\nOp do 19 nov 2026 om 16:12 schreef Werken bij <karriere@brand.test>\n\n> Hoi Anna,\n"),
    "gmail en": (ASKED, "\n\nOn Thu, Nov 19, 2026 at 4:12 PM Careers at Nordwerk <karriere@brand.test>\nwrote:\n\n> Hi Anna,\n"),
    "apple de": (QUESTION, "\n\n> Am 19.11.2026 um 16:12 schrieb Karriere <karriere@brand.test>:\n> \n> \ufeffHallo Anna,\n"),
    "iphone de": (QUESTION, "\n\nVon meinem iPhone gesendet\n\n> Am 19.11.2026 um 16:12 schrieb Karriere <karriere@brand.test>:\n> \n> Hallo\n"),
    "apple nl": (VRAAG, "\n\nVerstuurd vanaf mijn iPhone\n\n> Op 19 nov. 2026 om 16:12 heeft Werken bij <karriere@brand.test> het volgende geschreven:\n> \n> Hoi\n"),
    "apple en": (ASKED, "\n\nSent from my iPhone\n\n> On 19 Nov 2026, at 16:12, Careers <karriere@brand.test> wrote:\n> \n> Hi\n"),
    "thunderbird de": (QUESTION, "\n\nAm 19.11.26 um 16:12 schrieb Karriere:\n> Hallo Anna,\n> danke.\n"),
    "thunderbird nl": (VRAAG, "\n\nOp 19-11-2026 om 16:12 schreef Werken bij:\n> Hoi Anna,\n"),
    "thunderbird en": (ASKED, "\n\nOn 19/11/2026 16:12, Careers wrote:\n> Hi Anna,\n"),
    "gmx": (QUESTION, "\n\nGesendet mit der GMX Mail App\n\nAm 19.11.26, 16:12 schrieb Karriere <karriere@brand.test>:\n\nHallo Anna,\n\ndanke."),
    "web.de": (QUESTION, "\n\nGesendet: Donnerstag, 19. November 2026 um 16:12 Uhr\nVon: \"Karriere\" <karriere@brand.test>\nAn: anna@person.test\nBetreff: Re: Ausbildung\nHallo Anna"),
    "t-online": (QUESTION, "\n\n-----Original-Nachricht-----\nBetreff: Ausbildung\nDatum: 2026-11-19T16:12:44+0100\nVon: \"Karriere\" <karriere@brand.test>\nAn: anna@person.test\n\nAlt"),
    "samsung": (QUESTION, "\n\n-------- Ursprüngliche Nachricht --------\nVon: Karriere <karriere@brand.test>\nDatum: 19.11.26 16:12 (GMT+01:00)\nAn: Anna <anna@person.test>\nBetreff: Ausbildung\n\nAlt"),
    "yahoo de": (QUESTION, "\n\nAm Donnerstag, 19. November 2026 um 16:12:44 MEZ hat Karriere <karriere@brand.test> Folgendes geschrieben:\n\n\nHallo Anna,\n\ndanke."),
    "proton": (ASKED, "\n\nSent with Proton Mail secure email.\n\n------- Original Message -------\nOn Thursday, November 19th, 2026 at 16:12, Careers <karriere@brand.test> wrote:\n\n> Hi"),
    "old attribution": (QUESTION, "\n\n2026-11-19 16:12 GMT+01:00 Karriere Nordwerk <karriere@brand.test>:\n\n> Hallo"),
    "k-9": (QUESTION, "\n\nKarriere <karriere@brand.test> schrieb:\n>Hallo Anna\n\n-- \nDiese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet."),
    "david": (QUESTION, "\n\nOriginal Message processed by david®\nAusbildung 19. November 2026, 16:12 Uhr\nVon Karriere\nAn Anna\n\nAlt"),
    "ticket system": (QUESTION, "\n\n##- Bitte geben Sie Ihre Antwort über dieser Zeile ein -##\n\nIhre Anfrage wurde aufgenommen."),
    "forward with words": (QUESTION, "\n\n---------- Forwarded message ---------\nVon: Bert <bert@person.test>\nDate: Do., 19. Nov. 2026 um 16:12 Uhr\nSubject: Stelle\nTo: <anna@person.test>\n\nInnen"),
    "forward apple": (QUESTION, "\n\nAnfang der weitergeleiteten Nachricht:\n\nVon: Bert <bert@person.test>\nBetreff: Stelle\nDatum: 19. November 2026 um 16:12:00 MEZ\nAn: anna@person.test\n\nInnen"),
    "two levels": (QUESTION, "\n\nAm 19.11.2026 um 16:12 schrieb Karriere <k@brand.test>:\n\n> Danke.\n>\n> Am 18.11.2026 um 10:00 schrieb Anna <anna@person.test>:\n>> Hallo\n"),
    "french": ("Bonjour,\n\nmerci.", "\n\nLe jeu. 19 nov. 2026 à 16:12, Carrière <karriere@brand.test> a écrit :\n\n> Bonjour"),
    "italian": ("Ciao,\n\ngrazie.", "\n\nIl giorno gio 19 nov 2026 alle ore 16:12 Carriera <karriere@brand.test> ha scritto:\n\n> Ciao"),
    "vietnamese": ("Xin chào,\n\ncảm ơn.", "\n\nVào 16:12, 19 thg 11, 2026, Jobs <karriere@brand.test> đã viết:\n\n> Xin chào"),
    "a language nobody here speaks": ("Kia ora,\n\nngā mihi.", "\n\nI te 19 Noema 2026 16:12, kua tuhi a Jobs <karriere@brand.test>:\n\n> Kia ora"),
    "polish": ("Dzień dobry,\n\ndziękuję.", "\n\nczw., 19 lis 2026 o 16:12 Kariera <karriere@brand.test> napisał(a):\n\n> Cześć"),
}  # fmt: skip


@pytest.mark.parametrize("name", TOP_POSTED)
def test_an_answer_above_the_quote_stands_alone(name: str) -> None:
    said, rest = TOP_POSTED[name]
    found = trim(said + rest)
    assert found.text == said
    assert found.was_cut


@pytest.mark.parametrize("name", TOP_POSTED)
def test_windows_line_ends_change_nothing(name: str) -> None:
    said, rest = TOP_POSTED[name]
    assert trim((said + rest).replace("\n", "\r\n")).text == said


KEPT = {
    "a date in a sentence": "Am 3. Mai hat mir Frau Müller geschrieben:\nSie können gern anfangen.\n\nStimmt das?",
    "says when who wrote": "Hallo,\n\nam 19.11.2026 um 16:12 schrieb mir Frau Müller:\n\nBitte senden Sie die Unterlagen.\n\nDas habe ich getan.",
    "says who wrote with address": "Moin,\n\nOn 19.11.2026 16:12 you wrote me from <jobs@brand.test>:\n\nPlease come.\n\nWhere to?",
    "table": "Meine Zeiten:\n\n| Mo | Di |\n| 9 | 10 |\n\nPasst das?",
    "phone as an excuse": "Hier die Antwort.\n\nSent from my phone so I can't look up the date of the meeting right now",
    "says who wrote": "Ihr Kollege schrieb mir:\n\nBitte melden Sie sich.\n\nAn wen wende ich mich?",
    "a list of questions": "1. Wann beginnt es?\n---\n2. Wo?\n---\n3. Wie lange?",
    "from and to as words": "Von: 1. August\nBis: 31. August\nwürde ich gern ein Praktikum machen.",
    "a form": "Name: Anna\nE-Mail: anna@person.test\nTelefon: 0123\nNachricht: Gibt es noch Plätze?",
    "dashes inside": "Hier -- das ist keine Signatur -- geht es weiter.",
    "two dashes and a question": "Danke für die Info.\n--\nNoch etwas: gibt es Wohnungen?",
    "sent from my desk": "Das schreibe ich vom Handy, also kurz.\n\nSent from my desk, is much easier than my mobile phone.",
    "code": "Mein Programm:\n\n```\n# Titel\n> 5\n--\n```\n\nWas meint ihr?",
    "reply above": "Ich habe eine Antwort über der Linie gelesen.",
    "a quote put there on purpose": "> Wir suchen Menschen mit Herz.\n\nWas heißt das genau?",
    "a quote in the middle": "Auf eurer Seite steht:\n\n> Wir suchen Menschen mit Herz.\n\nWas heißt das genau?",
    "only a quote": "> Was soll ich hier schreiben?\n> Das ist alles.",
    "only a signature": "--\nAnna Beispiel",
    "smiley": ":-)",
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_no_quote_is_kept(name: str) -> None:
    assert trim(KEPT[name]).text == KEPT[name]


def test_an_answer_below_the_quote_stands_alone() -> None:
    found = trim(
        "Am 19.11.2026 um 16:12 schrieb Karriere <k@brand.test>:\n> Wann können Sie anfangen?\n> Grüße\n\nAb August.\n\nAnna"
    )
    assert found.text == "Ab August.\n\nAnna"


def test_words_on_both_sides_of_a_quote_are_both_kept() -> None:
    found = trim("Hallo Karriere,\n\nOp 19-11-2026 om 16:12 schreef Werken bij:\n> Wanneer?\n\nVanaf augustus.")
    assert found.text.split() == ["Hallo", "Karriere,", "Vanaf", "augustus."]


def test_answers_between_quotes_keep_what_they_answer() -> None:
    found = trim(
        "Am 19.11.2026 um 16:12 schrieb Karriere <k@brand.test>:\n> Hallo Anna,\n> wann können Sie anfangen?\n\nAb August.\n\n"
        "> Haben Sie einen Führerschein?\n\nJa, seit Mai.\n\n> Viele Grüße\n> Karriere\n"
    )
    assert found.text == (
        "> Hallo Anna,\n> wann können Sie anfangen?\n\nAb August.\n\n> Haben Sie einen Führerschein?\n\nJa, seit Mai."
    )
    assert found.body.split("\n") == ["Ab August.", "", "", "Ja, seit Mai."]


def test_answers_inside_an_unmarked_quote_are_kept_when_the_writer_says_so() -> None:
    found = trim(
        "Meine Antworten stehen unten im Text.\n\nVon: K <k@brand.test>\nGesendet: heute\nAn: Anna\nBetreff: Fragen\n\nWann?\nAb August."
    )
    assert "Ab August." in found.text


def test_a_greeting_above_an_unmarked_quote_is_not_taken_for_the_answer() -> None:
    found = trim(
        "Hallo Frau Müller,\n\nAm 19.11.2026 um 16:12 schrieb Karriere <k@brand.test>:\n\nWann können Sie anfangen?\n\nAb August."
    )
    assert "Ab August." in found.text


def test_a_mail_passed_on_without_a_word_is_kept_whole() -> None:
    forwarded = "---------- Forwarded message ---------\nFrom: Bert <b@person.test>\nDate: Thu, Nov 19, 2026\nSubject: Job\nTo: me\n\nIs the job free?"
    found = trim(forwarded)
    assert (found.text, found.is_forward) == (forwarded, True)


def test_a_scrap_of_a_wrapped_quote_is_no_answer() -> None:
    long = "> Wir freuen uns sehr über dein Interesse und möchten dich gern kennenlernen, am liebsten"
    found = trim(f"Danke!\n\nAm 19.11.2026 um 16:12 schrieb K <k@brand.test>:\n{long}\nschon bald\n> in Kiel.\n")
    assert found.text == "Danke!"


SIGNED = {
    "mark": "Danke!\n\n-- \nAnna Beispiel\nKirchweg 3\n12345 Stadt",
    "mark without space": "Danke!\n\n--\nAnna Beispiel\nTel. 0123 456789",
    "phone de": "Danke!\n\nVon meinem iPhone gesendet",
    "phone de app": "Danke!\n\nGesendet mit der WEB.DE Mail App",
    "phone nl": "Danke!\n\nVerzonden vanaf mijn Samsung Galaxy-smartphone.",
    "phone en sorry": "Danke!\n\nSent from my phone. Please excuse my brevity.",
    "phone en": "Danke!\n\nSent from Mail for Windows",
    "outlook ios": "Danke!\n\nGet Outlook for iOS<https://aka.ms/x>",
    "list": "Danke!\n\n_______________________________________________\nKarriere mailing list\nkarriere@lists.test\nhttps://lists.test/listinfo/karriere",
    "lawyers": "Danke!\n\n____________________\nDiese E-Mail enthält vertrauliche Informationen. Wenn Sie sie irrtümlich erhalten haben, löschen Sie sie.",
    "scanner": "Danke!\n\n---\nVirenfrei. www.avast.com",
}


@pytest.mark.parametrize("name", SIGNED)
def test_signatures_are_cut(name: str) -> None:
    found = trim(SIGNED[name])
    assert found.text == "Danke!"
    assert found.signature


BODIES = {
    "de": "Hallo Sabine,\n\ndie Vergütung beträgt 1.100 Euro.\n\nMit freundlichen Grüßen\n\nTom Becker\nLeiter Ausbildung\nNordwerk GmbH\nTel.: +49 431 123456\nwww.nordwerk.test",
    "de short": "Hallo Sabine,\n\ndie Vergütung beträgt 1.100 Euro.\n\nVG Tom",
    "nl": "Hallo Sabine,\n\ndie Vergütung beträgt 1.100 Euro.\n\nMet vriendelijke groet,\n\nTom Bakker\nOpleidingen",
    "en": "Hallo Sabine,\n\ndie Vergütung beträgt 1.100 Euro.\n\nBest regards,\nTom",
}


@pytest.mark.parametrize("name", BODIES)
def test_a_draft_ends_before_the_closing(name: str) -> None:
    found = trim(BODIES[name])
    assert found.body == "Hallo Sabine,\n\ndie Vergütung beträgt 1.100 Euro."
    assert found.text == BODIES[name]


@pytest.mark.parametrize(
    "rest",
    [
        "PS: Im zweiten Jahr sind es 1.200 Euro.",
        "Ach ja, wann genau soll es losgehen?",
        "Die Prüfung kommt im Mai dazu.",
    ],
)
def test_what_comes_after_the_closing_and_says_something_stays_in_the_draft(rest: str) -> None:
    text = f"1.100 Euro.\n\nViele Grüße\nTom\n\n{rest}"
    assert trim(text).body == text
