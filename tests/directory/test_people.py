"""Colleagues, sites and absences, as a manager keeps them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from ganzohr.accounts.models import User
from ganzohr.audit.actions import round_
from ganzohr.core import times
from ganzohr.directory import actions, weeks
from ganzohr.directory.hours import is_open
from ganzohr.directory.models import Absence, Colleague, OpeningHours, Site
from ganzohr.directory.personal_data import of_colleague

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BY = round_("test")


def sign_in(client: Client, role: str = "manager") -> tuple[Client, Colleague]:
    user = User.objects.create_user(f"{role}@auental.example", name=role.title(), role=role, language="en")
    mine = Colleague.objects.create(name=role.title(), email=user.email, user=user)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client, mine


def entered(name: str, **fields: object) -> Colleague:
    address = name.split()[-1].lower().replace("ö", "oe") + "@auental.example"
    return Colleague.objects.create(name=name, email=address, **fields)


def fields_of(colleague: Colleague, **changed: str) -> dict[str, str]:
    known = {
        "kind": colleague.kind,
        "name": colleague.name,
        "email": colleague.email,
        "language": "de",
        "address": "informal",
    }
    return known | changed


def test_a_manager_enters_a_shared_mailbox_with_its_deputy(client: Client) -> None:
    browser, _mine = sign_in(client)
    karin = entered("Karin Wöhlert")
    form = {
        "kind": "mailbox",
        "name": "Ausbildung",
        "email": "Ausbildung@auental.example",
        "language": "de",
        "languages": ["de", "nl"],
        "address": "formal",
        "deputy": "Karin Wöhlert",
    }
    saved = browser.post(reverse("directory:new_colleague"), form)
    mailbox = Colleague.objects.get(kind="mailbox")
    assert (saved.status_code, mailbox.email, mailbox.languages, mailbox.deputy) == (
        303,
        "ausbildung@auental.example",
        ["de", "nl"],
        karin,
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"email": "PETERSEN@auental.example"}, "Ole Petersen has this address already."),
        ({"deputy": "Nobody Known"}, "Nobody here is called Nobody Known."),
        ({"deputy": "Karin Wöhlert"}, "Nobody stands in for themselves."),
        ({"deputy": "Petra Three"}, "That goes round in a circle"),
        ({"deputy": "Twin Same"}, "Several fit “Twin Same”: Twin Same, twin1@auental.example; Twin Same, twin2"),
    ],
)
def test_what_does_not_fit_is_said_in_words(client: Client, changed: dict[str, str], words: str) -> None:
    browser, _mine = sign_in(client)
    karin = entered("Karin Wöhlert")
    ole = entered("Ole Petersen", deputy=karin)
    entered("Petra Three", deputy=ole)
    for number in (1, 2):
        Colleague.objects.create(name="Twin Same", email=f"twin{number}@auental.example")
    answer = browser.post(reverse("directory:edit_colleague", args=[karin.pk]), fields_of(karin, **changed))
    assert (answer.status_code, words in answer.content.decode()) == (422, True)


def test_two_may_stand_in_for_each_other(client: Client) -> None:
    browser, _mine = sign_in(client)
    karin = entered("Karin Wöhlert")
    ole = entered("Ole Petersen", deputy=karin)
    browser.post(reverse("directory:edit_colleague", args=[karin.pk]), fields_of(karin, deputy="Ole Petersen"))
    karin.refresh_from_db()
    assert (karin.deputy, ole.deputy) == (ole, karin)


def test_a_reader_changes_how_they_are_written_to_but_not_who_they_are(client: Client) -> None:
    browser, mine = sign_in(client, "reader")
    other = entered("Karin Wöhlert")
    form = fields_of(mine, name="Somebody Else", address="formal", initials="RL")
    browser.post(reverse("directory:edit_colleague", args=[mine.pk]), form)
    mine.refresh_from_db()
    refused = browser.post(reverse("directory:edit_colleague", args=[other.pk]), fields_of(other, name="Hacked"))
    other.refresh_from_db()
    assert (mine.name, mine.address, mine.initials) == ("Reader", "formal", "RL")
    assert (refused.status_code, other.name) == (302, "Karin Wöhlert")


def test_whoever_is_limited_to_a_site_sees_its_people_only(client: Client) -> None:
    browser, mine = sign_in(client)
    here, there = Site.objects.create(name="Marienhöhe"), Site.objects.create(name="Seligenbach")
    mine.limited_to.add(here)
    near, far = entered("Near Here", site=here), entered("Far There", site=there)
    page = browser.get(reverse("directory:colleagues")).content.decode()
    assert ("Near Here" in page, "Far There" in page) == (True, False)
    assert browser.get(reverse("directory:colleague", args=[near.pk])).status_code == 200
    assert browser.get(reverse("directory:colleague", args=[far.pk])).status_code == 404


def test_somebody_leaves_and_is_taken_back(client: Client) -> None:
    browser, _mine = sign_in(client)
    karin = entered("Karin Wöhlert")
    answer = browser.post(reverse("directory:leave", args=[karin.pk]), follow=True)
    karin.refresh_from_db()
    assert karin.left_at is not None
    undo = reverse("directory:come_back", args=[karin.pk])
    assert f'action="{undo}"' in answer.content.decode()
    browser.post(undo)
    karin.refresh_from_db()
    assert karin.left_at is None


def test_search_and_filters_together_find_what_the_database_holds(client: Client) -> None:
    browser, _mine = sign_in(client)
    site = Site.objects.create(name="Marienhöhe")
    ole = entered("Ole Petersen", role_title="Praxisanleiter", site=site)
    entered("Karin Wöhlert", role_title="Praxisanleiterin", site=site, deputy=ole)
    uta = entered("Uta Other", role_title="Praxisanleiterin")
    for away in (ole, uta):
        actions.be_away(away, date(2020, 1, 1), date(2120, 1, 1), None, BY)
    found = browser.get(reverse("directory:colleagues"), {"q": "praxis", "site": str(site.pk), "show": "away"})
    page = found.content.decode()
    assert [name in page for name in ("Ole Petersen", "Karin Wöhlert", "Uta Other")] == [True, False, False]


def test_the_list_of_people_costs_the_same_for_few_and_many(
    client: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    browser, _mine = sign_in(client)
    for number in range(45):
        entered(f"Colleague Number{number}")
    with django_assert_max_num_queries(15):  # type: ignore[attr-defined]
        assert browser.get(reverse("directory:colleagues")).status_code == 200


def test_absences_that_overlap_become_the_newest_one() -> None:
    karin, ole = entered("Karin Wöhlert"), entered("Ole Petersen")
    first, last = date(2026, 11, 23), date(2026, 11, 27)
    actions.be_away(karin, first, last, None, BY)
    longer = actions.be_away(karin, first, last + timedelta(days=7), ole, BY)
    same = actions.be_away(karin, first, last + timedelta(days=7), ole, BY)
    assert (list(Absence.objects.all()), same) == ([longer], longer)


def test_a_colleague_who_is_away_is_shown_with_who_is_asked_instead(client: Client) -> None:
    browser, _mine = sign_in(client)
    ole = entered("Ole Petersen")
    karin = entered("Karin Wöhlert", deputy=ole)
    with times.frozen(NOW):
        actions.be_away(karin, date(2026, 11, 20), date(2026, 11, 27), None, BY)
        page = browser.get(reverse("directory:colleague", args=[karin.pk])).content.decode()
    assert "Away today. Ole Petersen is asked instead." in page


def test_a_first_name_that_only_one_has_is_that_person_and_several_are_named(client: Client) -> None:
    browser, _mine = sign_in(client)
    karin = entered("Karin Wöhlert")
    form = {"from_on": "2026-11-23", "until_on": "2026-11-24", "deputy": ""}
    saved = browser.post(reverse("directory:absences"), {**form, "colleague": "karin"})
    Colleague.objects.create(name="Karin Vogt")
    asked = browser.post(reverse("directory:absences"), {**form, "colleague": "Karin"}).content.decode()
    assert (saved.status_code, [row.colleague for row in Absence.objects.all()]) == (303, [karin])
    assert "Several fit “Karin”: Karin Vogt; Karin Wöhlert, woehlert@auental.example." in asked


def test_an_absence_to_come_is_changed_or_removed_and_nobody_is_back_from_it(client: Client) -> None:
    browser, _mine = sign_in(client)
    karin = entered("Karin Wöhlert")
    with times.frozen(NOW):
        absence = actions.be_away(karin, date(2026, 12, 1), date(2026, 12, 4), None, BY)
        page = browser.get(reverse("directory:absences")).content.decode()
        change = reverse("directory:absence", args=[absence.pk])
        assert (f'href="{change}"' in page, "Remove" in page, "Is back" in page) == (True, True, False)
        question = browser.get(reverse("directory:be_back", args=[absence.pk])).content.decode()
        assert "Remove the absence of Karin Wöhlert" in question
        days = {"from_on": "2026-12-14", "until_on": "2026-12-18", "colleague": "Karin Wöhlert"}
        browser.post(change, days)
    assert [(row.from_on, row.until_on) for row in Absence.objects.all()] == [(date(2026, 12, 14), date(2026, 12, 18))]


def test_whoever_has_no_mail_address_does_not_count_as_askable_and_is_marked(client: Client) -> None:
    browser, _mine = sign_in(client)
    Colleague.objects.create(name="Without Address")
    page = browser.get(reverse("directory:colleagues"))
    assert (page.context["counts"]["askable"], page.context["counts"]["no_mail"]) == (1, 1)
    assert "no mail address: cannot be asked" in page.content.decode()
    only = browser.get(reverse("directory:colleagues"), {"show": "no-mail"}).context["slice"].rows
    assert [row.name for row in only] == ["Without Address"]


def test_a_page_of_people_with_nobody_but_me_teaches_the_next_step(client: Client) -> None:
    browser, _mine = sign_in(client)
    page = browser.get(reverse("directory:colleagues")).content.decode()
    assert ("Enter the first colleague" in page, 'type="search"' in page) == (True, False)
    entered("Karin Wöhlert")
    page = browser.get(reverse("directory:colleagues")).content.decode()
    assert ("Enter the first colleague" in page, 'type="search"' in page) == (False, True)


def test_opening_hours_are_entered_as_people_write_them(client: Client) -> None:
    browser, _mine = sign_in(client)
    form = {"name": "Careers team", "time_zone": "Europe/Berlin", "holidays": "DE-BY", "day0": "8-12, 13:00–17:30"}
    saved = browser.post(reverse("directory:new_hours"), form | {"days_off": "30.11.2026 Betriebsausflug"})
    hours = OpeningHours.objects.get()
    monday = [datetime(2026, 11, 23, hour, 15, tzinfo=UTC) for hour in (6, 7, 11, 16)]
    assert (saved.status_code, [is_open(hours, at) for at in monday]) == (303, [False, True, False, True])
    assert (hours.country, hours.region) == ("DE", "BY")
    assert not is_open(hours, monday[1] + timedelta(days=7))


def test_changed_hours_hold_at_once() -> None:
    hours = OpeningHours(name="Careers team")
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    actions.save_hours(hours, {0: [(time(8), time(12))]}, {}, BY)
    before = is_open(OpeningHours.objects.get(), at)
    actions.save_hours(hours, {0: [(time(13), time(17))]}, {}, BY)
    assert (before, is_open(OpeningHours.objects.get(), at)) == (True, False)


@pytest.mark.parametrize("text", ["8-12, 11-15", "12-8", "morning", "25-26", "8:70-9", "8-"])
def test_ranges_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(weeks.NotUnderstood):
        weeks.ranges(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("8-12", "08:00–12:00"),
        ("13.30 bis 17 Uhr; 8–12", "08:00–12:00, 13:30–17:00"),
        ("0-24", "00:00–23:59"),
    ],
)
def test_ranges_are_read_the_way_people_write_them(text: str, written: str) -> None:
    assert weeks.written(weeks.ranges(text)) == written


def test_a_colleague_can_be_told_everything_that_is_stored_about_them() -> None:
    site = Site.objects.create(name="Marienhöhe")
    karin = entered("Karin Wöhlert", site=site, role_title="Leiterin", languages=["de"])
    actions.be_away(karin, date(2026, 11, 23), date(2026, 11, 24), None, BY)
    told = of_colleague(karin)
    stored = {field.name for field in Colleague._meta.get_fields() if field.concrete} - {"id", "user", "limited_to"}
    assert (told["name"], told["absences"]) == (
        "Karin Wöhlert",
        [{"from": "2026-11-23", "until": "2026-11-24", "deputy": ""}],
    )
    assert len([key for key in told if key != "absences"]) == len(stored) - 1  # kind is said by the page


def test_past_absences_are_forgotten_after_three_months() -> None:
    karin = entered("Karin Wöhlert")
    for months_ago in (4, 1):
        start = NOW.date() - timedelta(days=30 * months_ago)
        actions.be_away(karin, start, start, None, BY)
    with times.frozen(NOW):
        assert actions.forget_absences() == 1
    assert Absence.objects.get().from_on == NOW.date() - timedelta(days=30)


def test_names_stand_where_people_look_for_them(db: None) -> None:
    for name in ("Zimmer", "Özdemir", "oppermann", "Ähre"):
        Colleague.objects.create(name=name)
    assert [row.name for row in Colleague.objects.all()] == ["Ähre", "oppermann", "Özdemir", "Zimmer"]
