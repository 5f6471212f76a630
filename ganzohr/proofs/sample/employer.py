"""A believable employer: four sites, thirty colleagues, who answers what, three channels. Nobody in it exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta

from ganzohr.accounts.models import User
from ganzohr.audit.actions import round_
from ganzohr.core import times
from ganzohr.directory.hours import Rules, rules
from ganzohr.directory.models import Absence, Colleague, Department, OpeningHours, OpeningSlot, Site
from ganzohr.proofs.sample.tables import address_of, rows
from ganzohr.topics.actions import start_with_catalogue
from ganzohr.topics.models import Responsibility, Topic

NAME = "Kliniken Auental"
SITES = {"Seligenbach": "NW", "Marienhöhe": "NW", "Grünhafen": "NI", "Vechtehof": "NI"}
HEADCOUNT = {"Pflegedienst": 1240, "Pflegeschule": 38, "Personal und Karriere": 46, "Technik und Gebäude": 85}


@dataclass(frozen=True)
class Employer:
    """What the rest of the sample builds on."""

    sites: dict[str, Site]
    colleagues: dict[str, Colleague]
    topics: dict[str, Topic]
    hours: OpeningHours
    rules: Rules


def build() -> Employer:
    """Create all of it in an empty desk."""
    hours, sites = _sites()
    colleagues = _colleagues(sites)
    _heads(colleagues)
    start_with_catalogue(["de", "nl", "en"], round_("sample"))
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    _responsible(topics, colleagues, sites)
    _absences(colleagues)
    return Employer(sites, colleagues, topics, hours, rules(hours))


def _sites() -> tuple[OpeningHours, dict[str, Site]]:
    hours = {region: _hours(region) for region in sorted(set(SITES.values()))}
    sites = {name: Site.objects.create(name=name, city=name, hours=hours[region]) for name, region in SITES.items()}
    return hours["NW"], sites


def always() -> OpeningHours:
    """Hours in which nothing depends on when a proof runs: day and night, on holidays too."""
    hours = OpeningHours.objects.create(name="Immer", country="")
    OpeningSlot.objects.bulk_create(
        OpeningSlot(hours=hours, weekday=day, opens=time(), closes=time(23, 59)) for day in range(7)
    )
    return hours


def _hours(region: str) -> OpeningHours:
    hours = OpeningHours.objects.create(name=f"Karriere-Team ({region})", country="DE", region=region)
    slots = [(day, time(8), time(12)) for day in range(5)] + [(day, time(13), time(17)) for day in range(4)]
    OpeningSlot.objects.bulk_create(
        OpeningSlot(hours=hours, weekday=day, opens=opens, closes=closes) for day, opens, closes in slots
    )
    return hours


def _colleagues(sites: dict[str, Site]) -> dict[str, Colleague]:
    departments: dict[str, Department] = {}
    found = {}
    for name, kind, title, site, department, languages, role, house in rows("colleagues.txt"):
        if department not in departments:
            headcount = HEADCOUNT.get(department)
            departments[department] = Department.objects.create(name=department, headcount=headcount)
        found[name] = Colleague.objects.create(
            kind=kind,
            name=name,
            email=address_of(name),
            role_title=title,
            language="nl" if languages.startswith("nl") else "de",
            languages=languages.split(),
            site=sites[site],
            department=departments[department],
            may_be_named=kind == Colleague.Kind.PERSON and not role,
        )
        if role:
            _account(found[name], role, house)
    return found


def _account(colleague: Colleague, role: str, house: str) -> None:
    user = User.objects.create_user(
        colleague.email, name=colleague.name, role=role, house=house, language=colleague.language
    )
    own = Colleague.objects.filter(user=user).exclude(pk=colleague.pk)
    own.delete()
    colleague.user = user
    colleague.save(update_fields=["user"])


def _heads(colleagues: dict[str, Colleague]) -> None:
    heads = {
        "Pflegedienst": "Claudia Rademacher",
        "Pflegeschule": "Karin Wöhlert",
        "Personal und Karriere": "Dr. Petra Lindner",
        "Unternehmenskommunikation": "Tim Vogelsang",
    }
    for department, name in heads.items():
        head = colleagues[name]
        Department.objects.filter(name=department).update(head=head)
        Colleague.objects.filter(department__name=department).exclude(pk=head.pk).update(reports_to=head)


def _responsible(topics: dict[str, Topic], colleagues: dict[str, Colleague], sites: dict[str, Site]) -> None:
    for slug, responsible, deputy, elsewhere in rows("responsible.txt"):
        topic = topics[slug]
        topic.responsible, topic.deputy = colleagues.get(responsible), colleagues.get(deputy)
        topic.save(update_fields=["responsible", "deputy"])
        for part in filter(None, elsewhere.split(", ")):
            site, name = part.split(": ")
            Responsibility.objects.create(topic=topic, site=sites[site], colleague=colleagues[name])


def _absences(colleagues: dict[str, Colleague]) -> None:
    today = times.now().date()
    away = [("Petra Schöllhorn-Weißgerber", -2, 5, "Ole Petersen"), ("Christiane Oberbeck", 9, 20, "Uta Kellermann")]
    for name, start, end, deputy in away:
        Absence.objects.create(
            colleague=colleagues[name],
            from_on=today + timedelta(days=start),
            until_on=today + timedelta(days=end),
            deputy=colleagues[deputy],
        )
