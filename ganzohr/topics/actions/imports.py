"""Keeping a sheet on its way, and writing what its plan says, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import transaction

from ganzohr.accounts.models import User
from ganzohr.audit.actions import Actor, record
from ganzohr.directory import actions as directory
from ganzohr.directory.models import Colleague, Department, Site
from ganzohr.topics.actions.examples import learn_again
from ganzohr.topics.actions.topics import create_topic
from ganzohr.topics.importing.colleague_plan import ColleaguePlan, Entry
from ganzohr.topics.importing.sheets import Table
from ganzohr.topics.importing.topic_plan import Line, Ref, TopicPlan
from ganzohr.topics.models import Responsibility, Sheet, Topic

Decisions = Mapping[str, Mapping[str, str]]
PLAIN = ("name", "email", "role_title", "language", "languages", "address", "kind")
PEOPLE = ("deputy", "reports_to")


def keep_sheet(kind: str, name: str, table: Table, meanings: Sequence[str], user: User) -> Sheet:
    """A sheet between two steps of its import; gone a day later."""
    return Sheet.objects.create(
        kind=kind,
        name=name[:200],
        header=table.header,
        rows=table.rows,
        notes=table.notes,
        meanings=list(meanings),
        user=user,
    )


def interpret(sheet: Sheet, meanings: Sequence[str], decisions: Decisions) -> None:
    """What the columns hold and what to do about unknown names, as somebody chose."""
    sheet.meanings, sheet.decisions = list(meanings), {noun: dict(row) for noun, row in decisions.items()}
    Sheet.objects.filter(pk=sheet.pk).update(meanings=sheet.meanings, decisions=sheet.decisions)


def forget_sheet(sheet: Sheet) -> None:
    """The sheet is gone at once."""
    Sheet.objects.filter(pk=sheet.pk).delete()


@transaction.atomic
def import_topics(sheet: Sheet, plan: TopicPlan, language: str, actor: Actor) -> None:
    """Everything the plan says: topics, sites and colleagues that are missing, then who answers what where.

    What it did stands in `sheet.result`. A sheet is imported once; again does nothing.
    """
    if not _is_waiting(sheet):
        return
    places = _sites({site for _topic, site in plan.posts if site}, actor)
    people = _new_people({ref for pair in plan.posts.values() for ref in pair if ref}, language)
    topics = _topics(plan.topics, language, actor)
    everywhere = _set_everywhere(plan, topics, people)
    _set_at_sites(plan, topics, places, people, everywhere)
    for ref, minutes in plan.promises.items():
        Topic.objects.filter(pk=topics[ref]).update(promised_minutes=minutes)
    _describe({topics[ref]: text for ref, text in plan.descriptions.items()}, language)
    learn_again()
    made = {"topic": _made(topics), "site": _made(places), "colleague": _made(people)}
    _finish(sheet, plan.lines, actor, made, {"topic": sorted(topics[ref] for ref in plan.changed)})


@transaction.atomic
def import_colleagues(sheet: Sheet, plan: ColleaguePlan, language: str, actor: Actor) -> None:
    """Everything the plan says: sites and departments that are missing, colleagues, then who stands in for whom.

    What it did stands in `sheet.result`. A sheet is imported once; again does nothing.
    """
    if not _is_waiting(sheet):
        return
    given = [entry.given for entry in plan.entries]
    sites = _sites({ref for row in given if isinstance(ref := row.get("site"), Ref)}, actor)
    departments = _departments({ref for row in given if isinstance(ref := row.get("department"), Ref)}, actor)
    present = Colleague.objects.in_bulk([entry.ref.id for entry in plan.entries if entry.ref.id])
    rows: dict[Ref, Colleague] = {}
    for entry in plan.entries:
        row = present[entry.ref.id] if entry.ref.id else Colleague(language=language)
        rows[entry.ref] = _filled(row, entry, sites, departments)
    new = [row for row in rows.values() if row.pk is None]
    directory.enter_many(new, list(present.values()), [*PLAIN, "site", "department"])
    directory.enter_many([], _related(plan.entries, rows), PEOPLE)
    people = sorted(row.pk for row in new)
    made = {"site": _made(sites), "department": _made(departments), "colleague": people}
    _finish(sheet, plan.lines, actor, made, {"colleague": sorted(ref.id or 0 for ref in plan.changed)})


def _is_waiting(sheet: Sheet) -> bool:
    return Sheet.objects.select_for_update(no_key=True).filter(pk=sheet.pk, result__isnull=True).exists()


def _made(ids: Mapping[Ref, int]) -> list[int]:
    return sorted(pk for ref, pk in ids.items() if not ref.id)


def _describe(texts: Mapping[int, str], language: str) -> None:
    rows = Topic.objects.select_for_update(no_key=True).in_bulk(list(texts))
    for pk, row in rows.items():
        row.descriptions, row.revision = {**row.descriptions, language: texts[pk][:600]}, row.revision + 1
    Topic.objects.bulk_update(rows.values(), ["descriptions", "revision"], batch_size=500)


def _filled(row: Colleague, entry: Entry, sites: Mapping[Ref, int], departments: Mapping[Ref, int]) -> Colleague:
    for name in PLAIN:
        if name in entry.given:
            setattr(row, name, entry.given[name])
    for name, ids in (("site_id", sites), ("department_id", departments)):
        ref = entry.given.get(name.removesuffix("_id"))
        if isinstance(ref, Ref):
            setattr(row, name, ids[ref])
    if not row.languages:
        row.languages = [row.language]
    return row


def _related(entries: Sequence[Entry], rows: Mapping[Ref, Colleague]) -> list[Colleague]:
    changed = []
    for entry in entries:
        row, refs = rows[entry.ref], {name: entry.given.get(name) for name in PEOPLE}
        for name, ref in refs.items():
            if isinstance(ref, Ref):
                other = ref.id or rows[ref].pk
                setattr(row, f"{name}_id", other if other != row.pk else None)
        if any(isinstance(ref, Ref) for ref in refs.values()):
            changed.append(row)
    return changed


def _sites(refs: set[Ref], actor: Actor) -> dict[Ref, int]:
    ids = {ref: ref.id for ref in refs if ref.id}
    for ref in sorted((ref for ref in refs if not ref.id), key=lambda one: one.name):
        site = Site.objects.filter(name__iexact=ref.name).first() or Site(name=ref.name, city=ref.name)
        if site.pk is None:
            directory.save_site(site, actor)
        elif site.closed_at:
            directory.open_site(site, actor)
        ids[ref] = site.pk
    return ids


def _departments(refs: set[Ref], actor: Actor) -> dict[Ref, int]:
    ids = {ref: ref.id for ref in refs if ref.id}
    for ref in sorted((ref for ref in refs if not ref.id), key=lambda one: one.name):
        department = Department.objects.filter(name__iexact=ref.name).first() or Department(name=ref.name)
        if department.pk is None:
            directory.save_department(department, actor)
        ids[ref] = department.pk
    return ids


def _new_people(refs: set[Ref], language: str) -> dict[Ref, int]:
    ids = {ref: ref.id for ref in refs if ref.id}
    new = {
        ref: Colleague(name=ref.name, email=ref.email, language=language, languages=[language])
        for ref in refs - set(ids)
    }
    directory.enter_many(list(new.values()), [], [])
    return ids | {ref: row.pk for ref, row in new.items()}


def _topics(refs: set[Ref], language: str, actor: Actor) -> dict[Ref, int]:
    ids = {ref: ref.id for ref in refs if ref.id}
    for ref in sorted((ref for ref in refs if not ref.id), key=lambda one: one.name):
        ids[ref] = create_topic(language, ref.name[:80], "", actor).pk
    return ids


def _set_everywhere(
    plan: TopicPlan, topics: Mapping[Ref, int], people: Mapping[Ref, int]
) -> dict[int, tuple[int | None, int | None]]:
    rows = Topic.objects.in_bulk(list(topics.values()))
    for (topic, site), (colleague, deputy) in plan.posts.items():
        if site is None:
            row = rows[topics[topic]]
            row.responsible_id, row.deputy_id = people.get(colleague or Ref(0)), people.get(deputy or Ref(0))
    Topic.objects.bulk_update(rows.values(), ["responsible", "deputy"], batch_size=500)
    return {pk: (row.responsible_id, row.deputy_id) for pk, row in rows.items()}


def _set_at_sites(
    plan: TopicPlan,
    topics: Mapping[Ref, int],
    places: Mapping[Ref, int],
    people: Mapping[Ref, int],
    everywhere: Mapping[int, tuple[int | None, int | None]],
) -> None:
    """A site that says the same as everywhere needs no row of its own."""
    wanted: dict[tuple[int, int], tuple[int | None, int | None]] = {}
    for (topic, site), (colleague, deputy) in plan.posts.items():
        if site is not None:
            wanted[topics[topic], places[site]] = people.get(colleague or Ref(0)), people.get(deputy or Ref(0))
    rows = Responsibility.objects.filter(topic_id__in={topic for topic, _site in wanted})
    stale = [row.pk for row in rows if (row.topic_id, row.site_id) in wanted]
    Responsibility.objects.filter(pk__in=stale).delete()
    Responsibility.objects.bulk_create(
        [
            Responsibility(topic_id=topic, site_id=site, colleague_id=colleague, deputy_id=deputy)
            for (topic, site), (colleague, deputy) in wanted.items()
            if (colleague, deputy) != everywhere[topic]
        ],
        batch_size=500,
    )


def _finish(
    sheet: Sheet, lines: Sequence[Line], actor: Actor, made: Mapping[str, list[int]], changed: Mapping[str, list[int]]
) -> None:
    """What was done is kept for a day beside the rows that stayed out; the others go at once."""
    counts = Counter(line.outcome for line in lines)
    out = {line.number for line in lines if line.outcome in ("wrong", "open", "left")}
    record(actor, "imported", sheet, kind=sheet.kind, rows=dict(counts), made=dict(made), changed=dict(changed))
    sheet.result = {"counts": dict(counts), "made": dict(made), "changed": dict(changed)}
    sheet.rows = [[line.number, line.outcome, _kept(line)] for line in lines if line.number in out]
    sheet.save(update_fields=["result", "rows"])


def _kept(line: Line) -> dict[str, object]:
    problems = [[one.code, one.value] for one in line.problems]
    return {"text": " · ".join(filter(None, line.cells)), "problems": problems}
