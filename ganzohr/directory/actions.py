"""Every verb that changes who is here, where, and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, time, timedelta

from django.db import transaction
from django.db.models import F

from ganzohr.audit.actions import Actor, record
from ganzohr.core.events import emit
from ganzohr.core.times import now
from ganzohr.directory.events import HoursMadeUsual
from ganzohr.directory.models import Absence, Colleague, DayOff, Department, OpeningHours, OpeningSlot, Site
from ganzohr.ui.live import touch

Week = Mapping[int, Iterable[tuple[time, time]]]


@transaction.atomic
def save_colleague(colleague: Colleague, actor: Actor) -> None:
    """Enter or change a colleague; the caller checked the fields."""
    verb = "entered" if colleague.pk is None else "changed"
    colleague.email = colleague.email.strip().lower()
    colleague.save()
    record(actor, verb, colleague)
    touch("colleagues")


@transaction.atomic
def enter(name: str, email: str, language: str, actor: Actor) -> Colleague:
    """Somebody new of whom only name and address are known; whoever has the address already is meant."""
    known = Colleague.objects.here().filter(email__iexact=email).first()
    if known is None:
        known = Colleague(name=name, email=email, language=language, languages=[language])
        save_colleague(known, actor)
    return known


@transaction.atomic
def enter_many(new: Sequence[Colleague], changed: Sequence[Colleague], columns: Sequence[str]) -> None:
    """Many at once, as an import brings them; the caller checked the fields and records the import as a whole."""
    Colleague.objects.bulk_create(new, batch_size=500)
    if changed and columns:
        Colleague.objects.bulk_update(changed, list(columns), batch_size=500)
    touch("colleagues")


@transaction.atomic
def leave(colleague: Colleague, actor: Actor) -> None:
    """The colleague is gone and asked no more; what they said stays theirs. `come_back` takes it back."""
    if Colleague.objects.filter(pk=colleague.pk, left_at=None).update(left_at=now()):
        record(actor, "left", colleague)
        touch("colleagues")


@transaction.atomic
def come_back(colleague: Colleague, actor: Actor) -> None:
    """The colleague is here again."""
    if Colleague.objects.filter(pk=colleague.pk).exclude(left_at=None).update(left_at=None):
        record(actor, "came back", colleague)
        touch("colleagues")


@transaction.atomic
def limit(colleague: Colleague, sites: Iterable[Site], actor: Actor) -> None:
    """The colleague's user sees only these sites; none means no limit."""
    colleague.limited_to.set(sites)
    record(actor, "limited", colleague, sites=sorted(colleague.limited_to.values_list("pk", flat=True)))


@transaction.atomic
def save_department(department: Department, actor: Actor) -> None:
    """Enter or change a department."""
    verb = "entered" if department.pk is None else "changed"
    department.save()
    record(actor, verb, department)


@transaction.atomic
def save_site(site: Site, actor: Actor) -> None:
    """Enter or change a site."""
    verb = "entered" if site.pk is None else "changed"
    site.save()
    record(actor, verb, site)


@transaction.atomic
def close_site(site: Site, actor: Actor) -> None:
    """The site is offered no more; what belongs to it stays. `open_site` takes it back."""
    Site.objects.filter(pk=site.pk, closed_at=None).update(closed_at=now())
    record(actor, "closed", site)


@transaction.atomic
def open_site(site: Site, actor: Actor) -> None:
    """The site is offered again."""
    Site.objects.filter(pk=site.pk).update(closed_at=None)
    record(actor, "opened", site)


@transaction.atomic
def save_hours(hours: OpeningHours, week: Week, days_off: Mapping[date, str], actor: Actor) -> None:
    """Opening hours with exactly these slots and days off."""
    verb = "entered" if hours.pk is None else "changed"
    hours.version = 0 if hours.pk is None else F("version") + 1
    hours.save()
    hours.refresh_from_db()
    hours.slots.all().delete()
    hours.days_off.all().delete()
    OpeningSlot.objects.bulk_create(
        OpeningSlot(hours=hours, weekday=weekday, opens=opens, closes=closes)
        for weekday, ranges in week.items()
        for opens, closes in ranges
    )
    DayOff.objects.bulk_create(DayOff(hours=hours, on=on, name=name) for on, name in days_off.items())
    record(actor, verb, hours)
    touch("hours")


@transaction.atomic
def hold_everywhere(hours: OpeningHours, within: Collection[int] | None, actor: Actor) -> None:
    """These hours hold at every site without any (`within`: of these only), and on every channel that has neither
    hours nor a site; channels of a site follow the site."""
    rows = Site.objects.filter(hours=None)
    (rows if within is None else rows.filter(pk__in=within)).update(hours=hours)
    record(actor, "made usual", hours)
    if within is None:
        emit(HoursMadeUsual((hours.pk,)))


@transaction.atomic
def be_away(
    colleague: Colleague, from_on: date, until_on: date, deputy: Colleague | None, actor: Actor, told_by: str = "user"
) -> Absence:
    """The colleague is away on these days; absences that touch or overlap become one, the newest word counts."""
    Colleague.objects.select_for_update(no_key=True).get(pk=colleague.pk)
    touching = Absence.objects.filter(colleague=colleague, from_on__lte=until_on, until_on__gte=from_on)
    same = {(one.from_on, one.until_on, one.deputy_id) for one in touching}
    if same == {(from_on, until_on, deputy.pk if deputy else None)}:
        return touching[0]
    touching.delete()
    absence = Absence.objects.create(
        colleague=colleague, from_on=from_on, until_on=until_on, deputy=deputy, told_by=told_by
    )
    record(actor, "is away", colleague, absence=absence.pk, until=until_on.isoformat())
    touch("colleagues")
    return absence


@transaction.atomic
def change_absence(
    absence: Absence, colleague: Colleague, from_on: date, until_on: date, deputy: Colleague | None, actor: Actor
) -> Absence:
    """These days and this deputy instead of what was said before."""
    Absence.objects.filter(pk=absence.pk).delete()
    return be_away(colleague, from_on, until_on, deputy, actor)


@transaction.atomic
def be_back(absence: Absence, actor: Actor) -> None:
    """The absence is taken off the list; the colleague answers again."""
    record(actor, "is back", absence.colleague, absence=absence.pk)
    absence.delete()
    touch("colleagues")


def forget_absences() -> int:
    """Absences go three months after they ended; nothing needs them any more (round)."""
    return Absence.objects.filter(until_on__lt=now().date() - timedelta(days=90)).delete()[0]
