"""The spreadsheet every team has: any make, any shape, nothing saved before the preview, no harm done twice."""

from __future__ import annotations

import io
import time
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook
from pytest_django.fixtures import Settings

from ganzohr.accounts.models import User
from ganzohr.directory.models import Colleague, Department, Site
from ganzohr.topics.importing import columns, sheets
from ganzohr.topics.importing.columns import guess_colleagues, guess_topics
from ganzohr.topics.importing.people import Index, Known, Written, read_name, tidy_name
from ganzohr.topics.importing.topic_plan import minutes
from ganzohr.topics.models import Responsibility, Sheet, Topic

IS_HEADER = columns.counts_as_header(columns.TOPIC_WORDS)
ROWS = [["Praktikum", "Nord", "Karin Wöhlert"], ["Gehalt", "Süd", "Ole Petersen"]]
LONG = "Thema;Standort;Verantwortlich\nPraktikum;Nord;Karin Wöhlert\nGehalt;Süd;Ole Petersen\n"


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        LONG.encode(),
        LONG.encode("utf-8-sig"),
        LONG.encode("cp1252"),
        LONG.encode("utf-16"),
        LONG.encode("utf-16-le"),
        LONG.encode("utf-16-be"),
        LONG.replace(";", "\t").encode(),
        LONG.replace(";", ",").encode(),
        LONG.replace(";", "|").encode(),
        LONG.replace("\n", "\r\n").encode(),
        b"sep=;\n" + LONG.encode(),
        ("Wer macht was, Stand Mai\n\n\n" + LONG + ";;\n;;\n").encode(),
        LONG.replace("Nord", '"Nord"').encode(),
        workbook(["Thema", "Standort", "Verantwortlich"], *ROWS),
        workbook(["Liste"], [], [None, None], ["Thema", "Standort", "Verantwortlich"], ROWS[0], [None], ROWS[1]),
    ],
)
def test_every_make_of_table_is_read_the_same(data: bytes) -> None:
    table = sheets.read(data, IS_HEADER)
    assert (table.header[:3], [cells[:3] for _number, cells in table.rows]) == (
        ["Thema", "Standort", "Verantwortlich"],
        ROWS,
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"nur eine Zeile", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
        (b"PK\x03\x04 torn", "broken_excel"),
        (b"%PDF-1.7", "no_table"),
        (b"\x00\x01\x02\x00\x00abc" * 50, "no_table"),
        (b"a" * (sheets.MOST_BYTES + 1), "too_big"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(sheets.Unreadable) as error:
        sheets.read(data, IS_HEADER)
    assert error.value.code == code


def test_formulas_dates_numbers_and_merged_headers_survive() -> None:
    data = workbook(
        [None, "Nord", None, "Süd", None],
        ["Thema", "Verantwortlich", "Vertretung", "Verantwortlich", "Vertretung"],
        ["Praktikum", "=A1", 12.0, date(2026, 5, 1), "Ole\xa0 Petersen"],
    )
    table = sheets.read(data, IS_HEADER)
    assert table.header == [
        "Thema",
        "Nord · Verantwortlich",
        "Nord · Vertretung",
        "Süd · Verantwortlich",
        "Süd · Vertretung",
    ]
    assert table.rows == [(3, ["Praktikum", sheets.FORMULA, "12", "2026-05-01", "Ole Petersen"])]
    assert guess_topics(table.header, ["nord"]) == ["topic", "site:nord", "deputy:nord", "site:Süd", "deputy:Süd"]


def test_ten_thousand_rows_are_enough() -> None:
    table = sheets.read(("Thema;Standort\n" + "Gehalt;Nord\n" * 10_500).encode(), IS_HEADER)
    assert (len(table.rows), table.notes) == (10_000, ["cut"])


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["Thema", "Standort", "Ansprechpartner*in", "Vertretung"], ["topic", "site", "responsible", "deputy"]),
        (["Onderwerp", "Locatie", "Verantwoordelijke", "Vervanger"], ["topic", "site", "responsible", "deputy"]),
        (["Topic", "Site", "Owner", "Backup", "SLA"], ["topic", "site", "responsible", "deputy", "promise"]),
        (["Thema", "Nord", "Süd"], ["topic", "site:Nord", "site:Süd"]),
        (["Thema", "Nord", "Vertretung Nord", "Neues Haus"], ["topic", "site:Nord", "deputy:Nord", "site:Neues Haus"]),
        (["Thema", "Zuständig", "Bemerkung"], ["topic", "responsible", ""]),
        (["", "Nord", "Süd"], ["topic", "site:Nord", "site:Süd"]),
    ],
)
def test_columns_of_topics_are_guessed_in_three_languages(header: list[str], expected: list[str]) -> None:
    assert guess_topics(header, ["Nord", "Süd"]) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Nachname|Vorname|E-Mail|Funktion|Abteilung", "last_name|first_name|email|role_title|department"),
        ("Name|Mailadresse|Standort|Vertretung|Vorgesetzte/r", "name|email|site|deputy|reports_to"),
        ("Naam|E-mailadres|Afdeling|Leidinggevende|Talen", "name|email|department|reports_to|languages"),
        ("Full name|Email address|Job title|Language|Phone", "name|email|role_title|language|"),
        ("Name|Anrede (du/Sie)|Private address", "name|address|"),
        ("Full name|Address|Email", "name|address|email"),
        ("Naam|Aanspreekvorm", "name|address"),
    ],
)
def test_columns_of_colleagues_are_guessed_in_three_languages(header: str, expected: str) -> None:
    assert guess_colleagues(header.split("|")) == expected.split("|")


def test_names_are_found_however_they_are_written() -> None:
    karin, ole = Known(1, ("Dr. Karin Wöhlert",), "karin@example.org"), Known(2, ("Ole Petersen",))
    index = Index([karin, ole, Known(3, ("Ole Peters",))])
    ways = ("Karin Wöhlert", "Wöhlert, Karin", "K W <Karin@Example.org>", "KARIN WÖHLERT", "Frau Dr. Wöhlert Karin")
    assert [index.find(one) for written in ways for one in read_name(written)] == [karin] * 5
    assert [one.id for one in index.near(Written("K. Wöhlert"))] == [1]
    assert [one.id for one in index.near(Written("Wöhlert"))] == [1]
    assert {one.id for one in index.near(Written("Ole Petersn"))} == {2, 3}
    assert index.near(Written("Anna Neu")) == []
    assert (tidy_name("Wöhlert, Karin"), read_name("-"), len(read_name("Karin / Ole"))) == ("Karin Wöhlert", [], 2)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1 Tag", 480),
        ("2", 960),
        ("24", None),
        ("480", 480),
        ("2 Werktage", 960),
        ("4 h", 240),
        ("4 Std.", 240),
        ("90", 90),
        ("1,5 days", 720),
        ("bald", None),
        ("0", None),
    ],
)
def test_promised_times_are_read_in_words(cell: str, expected: int | None) -> None:
    assert minutes(cell) == expected


@pytest.fixture
def manager(db: None, client: Client) -> Client:
    user = User.objects.create_user("sophie@example.org", role="manager", language="en")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def employer(db: None) -> dict[str, Any]:
    sites = {name: Site.objects.create(name=name) for name in ("Nord", "Süd")}
    people = {name: Colleague.objects.create(name=name) for name in ("Karin Wöhlert", "Ole Petersen")}
    topic = Topic.objects.create(slug="internship", names={"de": "Praktikum", "en": "Internships"})
    return {**sites, **people, "topic": topic}


def bring(client: Client, cells: str, kind: str = "import") -> str:
    answer = client.post(reverse(f"topics:{kind}"), {"cells": cells})
    assert answer.status_code == 303, answer.content.decode()
    return answer.headers["Location"]


def who() -> dict[str, tuple[str, str, dict[str, str]]]:
    return {
        topic.names.get("de") or topic.names["en"]: (
            topic.responsible.name if topic.responsible else "",
            topic.deputy.name if topic.deputy else "",
            {
                row.site.name: row.colleague.name if row.colleague else ""
                for row in Responsibility.objects.filter(topic=topic).select_related("site", "colleague")
            },
        )
        for topic in Topic.objects.select_related("responsible", "deputy")
    }


def test_nothing_is_saved_before_it_is_applied_and_applying_again_changes_nothing(
    manager: Client, employer: dict[str, Any]
) -> None:
    cells = (
        "Thema\tStandort\tVerantwortlich\tVertretung\tZusage\n"
        "Praktikum\talle\tKarin Wöhlert\tOle Petersen\t2 Tage\n"
        "Praktikum\tSüd\tPetersen, Ole\t\t\n"
        "Gehalt\tNord\tAnna Neu <anna@example.org>\t\t\n"
        "Gehalt\tWest\t-\t\t\n"
        "\t\tjemand\t\t\n"
        "Wohnen\tNord\t#REF!\t\t\n"
    )
    page = bring(manager, cells)
    assert manager.get(page).status_code == 200
    manager.post(page, {"site:west": "new"})
    assert (who()["Praktikum"], Topic.objects.count(), Site.objects.count()) == (("", "", {}), 1, 2)
    manager.post(page + "application/")
    expected = {
        "Praktikum": ("Karin Wöhlert", "Ole Petersen", {"Süd": "Ole Petersen"}),
        "Gehalt": ("jemand", "", {"Nord": "Anna Neu", "West": ""}),
    }
    assert {name: row for name, row in who().items() if name != "Wohnen"} == expected
    assert (
        Topic.objects.get(slug="internship").promised_minutes,
        Sheet.objects.filter(result__isnull=True).count(),
    ) == (960, 0)
    assert Colleague.objects.get(email="anna@example.org").name == "Anna Neu"
    before = who(), Colleague.objects.count(), Site.objects.count()
    again = manager.get(bring(manager, cells)).context["shown"]
    assert {outcome: count for outcome, _words, count in again.counts} == {"same": 5, "wrong": 1}
    manager.post(bring(manager, cells) + "application/")
    assert (who(), Colleague.objects.count(), Site.objects.count()) == before


def test_sites_as_columns_become_everywhere_where_most_are_the_same(manager: Client, employer: dict[str, Any]) -> None:
    Site.objects.create(name="West")
    cells = "Thema\tNord\tSüd\tWest\nPraktikum\tKarin Wöhlert\tKarin Wöhlert\tOle Petersen\n"
    manager.post(bring(manager, cells) + "application/")
    assert who() == {"Praktikum": ("Karin Wöhlert", "", {"West": "Ole Petersen"})}
    again = manager.get(bring(manager, cells)).context["shown"]
    assert [outcome for outcome, _words, _count in again.counts] == ["same"]


def test_a_near_name_may_be_chosen_and_a_name_left_out(manager: Client, employer: dict[str, Any]) -> None:
    page = bring(manager, "Thema\tVerantwortlich\tVertretung\nPraktika\tK. Wöhlert\tFremder Mensch\n")
    chosen = {
        "topic:praktika": str(employer["topic"].pk),
        "colleague:k wohlert": str(employer["Karin Wöhlert"].pk),
        "colleague:fremder mensch": "skip",
    }
    shown = manager.get(page).context["shown"]
    assert [name.field for rows in shown.names.values() for name in rows] == list(chosen)
    manager.post(page, chosen)
    manager.post(page + "application/")
    assert (who(), Colleague.objects.count()) == ({"Praktikum": ("Karin Wöhlert", "", {})}, 2)


def test_columns_may_be_said_to_hold_something_else(manager: Client, employer: dict[str, Any]) -> None:
    page = bring(manager, "Was\tBemerkung\tWer\nPraktikum\tOle Petersen\tKarin Wöhlert\n")
    manager.post(page, {"column-0": "topic", "column-1": "deputy", "column-2": "responsible"})
    manager.post(page + "application/")
    assert who() == {"Praktikum": ("Karin Wöhlert", "Ole Petersen", {})}


def test_somebody_elses_sheet_cannot_be_seen(manager: Client, employer: dict[str, Any]) -> None:
    page = bring(manager, "Thema\tVerantwortlich\nPraktikum\tKarin Wöhlert\n")
    other = Client()
    user = User.objects.create_user("tim@example.org", role="manager", language="en")
    other.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert [other.get(page).status_code, other.post(page + "application/").status_code] == [404, 404]


def test_colleagues_come_in_with_places_languages_and_who_stands_in(manager: Client, employer: dict[str, Any]) -> None:
    cells = (
        "Name\tE-Mail\tFunktion\tStandort\tAbteilung\tSprachen\tVertretung\tVorgesetzte\tArt\n"
        "Wöhlert, Karin\tkarin@example.org\tLeiterin\tNord\tPflegeschule\tde, Englisch\tAnna Neu\t\t\n"
        "Anna Neu\tANNA@example.org\t\tWest\tPflegeschule\t\tNiemand Bekanntes\tWöhlert, Karin\t\n"
        "Ausbildung\tausbildung@example.org\t\t\t\t\t\t\tSammelpostfach\n"
        "\tkein-mail\t\t\t\t\t\t\t\n"
        "Anna Neu\tanna@example.org\t\t\t\t\t\t\t\n"
    )
    page = bring(manager, cells, "import_colleagues")
    shown = manager.get(page).context["shown"]
    assert {outcome: count for outcome, _words, count in shown.counts} == {
        "open": 1,
        "new": 1,
        "changed": 1,
        "wrong": 2,
    }
    manager.post(page, {"site:west": "new"})
    manager.post(page + "application/")
    karin = Colleague.objects.select_related("deputy", "site", "department").get(name="Karin Wöhlert")
    anna = Colleague.objects.select_related("reports_to", "site").get(name="Anna Neu")
    assert (karin.email, karin.role_title, karin.languages, karin.deputy) == (
        "karin@example.org",
        "Leiterin",
        ["de", "en"],
        anna,
    )
    assert (anna.email, str(anna.site), anna.reports_to, anna.deputy) == ("anna@example.org", "West", karin, None)
    assert (karin.department, Department.objects.count()) == (Department.objects.get(name="Pflegeschule"), 1)
    assert Colleague.objects.get(name="Ausbildung").kind == Colleague.Kind.MAILBOX
    before = list(Colleague.objects.order_by("pk").values())
    again = manager.get(bring(manager, cells, "import_colleagues")).context["shown"]
    assert {outcome: count for outcome, _words, count in again.counts} == {"same": 3, "wrong": 2}
    manager.post(bring(manager, cells, "import_colleagues") + "application/")
    assert list(Colleague.objects.order_by("pk").values()) == before


def test_a_sheet_says_how_colleagues_are_addressed_and_the_house_decides_for_the_others(
    manager: Client, employer: dict[str, Any], settings: Settings
) -> None:
    settings.COLLEAGUE_ADDRESS = "formal"
    cells = (
        "Name\tE-Mail\tAnrede\n"
        "Anna Neu\tanna@example.org\tper Du\n"
        "Bert Neu\tbert@example.org\tSie\n"
        "Carl Neu\tcarl@example.org\tHerr Dr.\n"
        "Dora Neu\tdora@example.org\tEure Hoheit\n"
        "Karin Wöhlert\t\tu\n"
    )
    page = bring(manager, cells, "import_colleagues")
    lines = manager.get(page).context["shown"].lines
    assert [[str(word) for word in line.problems] for line in lines if line.problems] == [
        ["“Eure Hoheit” is no form of address we know. “du” or “Sie” work."]
    ]
    manager.post(page + "application/")
    named = ("Anna Neu", "Bert Neu", "Carl Neu", "Dora Neu", "Karin Wöhlert")
    forms = dict(Colleague.objects.filter(name__in=named).values_list("name", "address"))
    assert [forms.get(name) for name in named] == ["informal", "formal", "formal", None, "formal"]


HEAD = "Thema\tStandort\tVerantwortlich\tVertretung\tZusage\tBeschreibung\n"


def told(client: Client, page: str) -> dict[int, tuple[str, list[str]]]:
    """What the preview says of each row: its outcome and every word about it."""
    lines = client.get(page).context["shown"].lines
    return {line.number: (line.outcome, [str(one) for one in line.problems]) for line in lines}


def test_a_row_without_a_topic_says_whose_it_takes_and_can_be_left_out(
    manager: Client, employer: dict[str, Any]
) -> None:
    page = bring(manager, HEAD + "Praktikum\tNord\tKarin Wöhlert\n\tSüd\tOle Petersen\n")
    remark = "No topic in this row: takes “Praktikum” from the row above."
    assert told(manager, page)[3] == ("new", [remark])
    manager.post(page, {"shown-row": "3", "left-row": "3"})
    assert told(manager, page)[3] == ("left", ["No topic in this row; you chose to leave it out."])
    manager.post(page + "application/")
    assert who()["Praktikum"] == ("", "", {"Nord": "Karin Wöhlert"})


def test_a_misspelt_site_or_colleague_is_a_question_and_is_not_made_until_somebody_says_so(
    manager: Client, employer: dict[str, Any]
) -> None:
    for name in ("Petra Drei", "Uta Vier"):
        Colleague.objects.create(name=name)
    Site.objects.create(name="Atlanta")
    page = bring(manager, HEAD + "Praktikum\tAtlantis\tKarin Wöhlert\nGehalt\tNord\tOle Petersn\n")
    shown = manager.get(page).context["shown"]
    asked = {name.written.name: (name.near, name.is_open) for rows in shown.names.values() for name in rows}
    assert asked["Atlantis"] == ("Atlanta", True)
    assert asked["Ole Petersn"] == ("Ole Petersen", True)
    assert ("Is it “Atlanta”?" in manager.get(page).content.decode(), shown.does_something) == (True, False)
    manager.post(page + "application/")
    assert (who(), Site.objects.count(), Colleague.objects.count()) == ({"Praktikum": ("", "", {})}, 3, 4)


def test_what_was_chosen_beside_the_button_is_shown_before_it_is_imported(
    manager: Client, employer: dict[str, Any]
) -> None:
    page = bring(manager, HEAD + "Praktikum\tNorden\tKarin Wöhlert\n")
    chosen = {"site:norden": str(employer["Nord"].pk)}
    manager.post(page + "application/", chosen)
    assert (who()["Praktikum"], told(manager, page)) == (("", "", {}), {2: ("new", [])})
    manager.post(page + "application/", chosen)
    assert who()["Praktikum"] == ("", "", {"Nord": "Karin Wöhlert"})


def test_an_error_keeps_the_whole_row_out_and_never_counts_as_new(manager: Client, employer: dict[str, Any]) -> None:
    cells = "Name\tE-Mail\tSprache\nAnna Neu\tanna@example.org\tklingonisch\nBert Neu\tbert(at)example.org\t\n"
    page = bring(manager, cells, "import_colleagues")
    assert told(manager, page) == {
        2: (
            "wrong",
            ["“klingonisch” is no language we know. German, Dutch or English work, or their codes de, nl, en."],
        ),
        3: ("wrong", ["“bert(at)example.org” is no mail address; correct it and bring the row again."]),
    }
    topics = bring(manager, HEAD + "Gehalt\t\tkarin@\t\t\nWohnen\t\tKarin Wöhlert\t\tbald\n")
    assert [outcome for outcome, _words in told(manager, topics).values()] == ["wrong", "wrong"]
    manager.post(topics + "application/")
    assert list(who()) == ["Praktikum"]


def test_the_same_topic_with_another_time_says_which_counts_and_times_show_their_unit(
    manager: Client, employer: dict[str, Any]
) -> None:
    cells = HEAD + "Gehalt\tNord\tKarin Wöhlert\t\t2\tLohn\nGehalt\tSüd\tOle Petersen\t\t4 h\tNetto\n"
    page = bring(manager, cells)
    assert told(manager, page)[3] == (
        "new",
        [
            "Line 2 promises another time for this topic, and counts.",
            "Line 2 describes this topic differently, and counts.",
        ],
    )
    assert "2 working days" in manager.get(page).context["shown"].lines[1].text
    manager.post(page + "application/")
    salary = Topic.objects.get(slug="gehalt")
    assert (salary.promised_minutes, salary.descriptions) == (960, {"en": "Lohn"})


def test_after_an_import_its_page_says_what_was_made_changed_and_left_out_and_it_happens_once(
    manager: Client, employer: dict[str, Any]
) -> None:
    page = bring(manager, HEAD + "Praktikum\tNord\tAnna Neu\nGehalt\t\tKarin Wöhlert\nWohnen\t\t#REF!\n")
    manager.post(page + "application/")
    did = manager.get(page).context["did"]
    anna = Colleague.objects.get(name="Anna Neu")
    link = reverse("directory:colleague", args=[anna.pk])
    assert [(part.noun, [name for name, _url in part.links]) for part in did.made] == [
        ("topic", ["Gehalt"]),
        ("colleague", ["Anna Neu"]),
    ]
    assert [name for part in did.changed for name, _url in part.links] == ["Internships"]
    assert ([line.number for line in did.out], did.without_mail) == ([4], 1)
    assert f'href="{link}"' in manager.get(page).content.decode()
    manager.post(page + "application/")
    assert Colleague.objects.filter(name="Anna Neu").count() == 1


def test_one_of_file_and_cells_is_enough_and_neither_is_called_optional(manager: Client) -> None:
    page = manager.get(reverse("topics:import")).content.decode()
    assert ("One of the two is enough." in page, "optional" in page, 'type="file"' in page) == (True, False, True)


def test_thousands_of_colleagues_come_in_within_seconds(manager: Client, db: None) -> None:
    cells = "Name;E-Mail;Standort\n" + "".join(f"Person {n};p{n}@example.org;Ort {n % 60}\n" for n in range(4_000))
    started = time.process_time()
    page = bring(manager, cells, "import_colleagues")
    assert manager.get(page).status_code == 200
    manager.post(page + "application/")
    assert (Colleague.objects.count(), Site.objects.count()) == (4_000, 60)
    others = cells.replace("Person", "Persona").replace("@example.org", "@example.com")
    assert manager.get(bring(manager, others, "import_colleagues")).status_code == 200
    assert time.process_time() - started < 40


def test_a_file_that_is_no_table_is_refused_in_words_and_nothing_is_kept(manager: Client) -> None:
    upload = io.BytesIO(b"%PDF-1.7 nothing")
    upload.name = "list.pdf"
    answer = manager.post(reverse("topics:import"), {"file": upload})
    assert (answer.status_code, Sheet.objects.count()) == (422, 0)
    assert "There is no table in this file." in answer.content.decode()


@pytest.mark.parametrize("cell", ["alle", "Alle Standorte", "all", "alle vestigingen", "*", "Überall", "alle Häuser"])
def test_all_sites_are_never_a_site_of_that_name(manager: Client, employer: dict[str, Any], cell: str) -> None:
    people = f"Name\tE-Mail\tStandort\nPersonal\tpersonal@example.org\t{cell}\n"
    manager.post(bring(manager, people, "import_colleagues") + "application/")
    manager.post(bring(manager, f"Thema\tStandort\tVerantwortlich\nGehalt\t{cell}\tOle Petersen\n") + "application/")
    assert Colleague.objects.get(name="Personal").site is None
    assert who()["Gehalt"] == ("Ole Petersen", "", {})
    assert Site.objects.count() == 2


def test_hours_by_the_clock_are_shown_as_working_days(manager: Client, employer: dict[str, Any]) -> None:
    assert (minutes("24 h"), minutes("48 Std."), minutes("72 uur"), minutes("8 h")) == (480, 960, 1440, 480)
    page = bring(manager, "Thema\tAntwort bis\tZuständig\nGehalt\t24 h\tOle Petersen\n")
    assert "1 working day" in manager.get(page).content.decode()


@pytest.mark.parametrize("role", ["Sammelpostfach", "Shared mailbox", "gedeelde mailbox"])
def test_whose_function_is_a_shared_mailbox_is_one(manager: Client, employer: dict[str, Any], role: str) -> None:
    cells = f"Name\tE-Mail\tFunktion\nBüro\tbuero@example.org\t{role}\nAnna Neu\tanna@example.org\tPoststelle\n"
    manager.post(bring(manager, cells, "import_colleagues") + "application/")
    assert dict(Colleague.objects.filter(email__gt="").values_list("name", "kind")) == {
        "Büro": "mailbox",
        "Anna Neu": "person",
    }


@pytest.mark.parametrize(
    "header", ["Antwort bis", "Antwort binnen", "Reaktionszeit", "Response time", "Reactie binnen"]
)
def test_headers_about_answering_are_the_time(header: str) -> None:
    assert guess_topics(["Thema", "Zuständig", header], ["Nord"]) == ["topic", "responsible", "promise"]


@pytest.mark.parametrize("cell", ["Nord / Süd", "Nord, Süd", "Nord; Süd", "Nord und Süd", "Nord & Süd"])
def test_several_sites_in_one_cell_are_all_of_them(manager: Client, employer: dict[str, Any], cell: str) -> None:
    Site.objects.create(name="West")
    manager.post(bring(manager, f"Thema\tStandort\tVerantwortlich\nGehalt\t{cell}\tOle Petersen\n") + "application/")
    assert who()["Gehalt"] == ("", "", {"Nord": "Ole Petersen", "Süd": "Ole Petersen"})
    unknown = told(manager, bring(manager, "Thema\tStandort\tVerantwortlich\nHaus\tNord / Ost\tOle Petersen\n"))
    assert unknown[2] == ("open", ["“Nord / Ost” is no site yet: what is meant?"])


def test_of_two_addresses_in_a_cell_the_first_is_taken_and_it_is_said(manager: Client, db: None) -> None:
    page = bring(manager, "Name\tE-Mail\nAnna Neu\tAnna@example.org; buero@example.org\n", "import_colleagues")
    remark = "Several addresses in one cell: takes Anna@example.org, without buero@example.org."
    assert told(manager, page) == {2: ("new", [remark])}
    manager.post(page + "application/")
    assert Colleague.objects.get(name="Anna Neu").email == "anna@example.org"
