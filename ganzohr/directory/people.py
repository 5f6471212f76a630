"""What pages show of colleagues: reads only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import QueryDict
from django.utils.module_loading import import_string

from ganzohr.accounts.models import User
from ganzohr.core.sorting import by_name
from ganzohr.core.times import now
from ganzohr.directory.deputies import Away, who_answers
from ganzohr.directory.models import Absence, Colleague, ColleagueQuerySet
from ganzohr.ui.numbers import number


def today() -> date:
    """The date in the time zone of the desk."""
    return now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


_without_deputy: list[str] = []


def tie(without_deputy: str) -> None:
    """Set once at start: the function of a room above that knows who answers something and has no deputy."""
    _without_deputy[:] = [without_deputy]


def without_deputy(user: User) -> set[int]:
    """Who answers something and whom nobody stands in for: the same people on every page that counts them."""
    found: list[Callable[[User], set[int]]] = [import_string(name) for name in _without_deputy]
    return {pk for function in found for pk in function(user)}


def chosen(everybody: ColleagueQuerySet, asked: QueryDict, alone: set[int]) -> QuerySet[Colleague]:
    """Whoever fits the search and the filters, with what a row shows; `alone` are those without a deputy."""
    show, rows = asked.get("show", ""), everybody.called(asked.get("q", ""))
    rows = rows.exclude(left_at=None) if show == "left" else rows.here()
    if show == "mailboxes":
        rows = rows.filter(kind=Colleague.Kind.MAILBOX)
    if show == "away":
        rows = rows.away_on(today())
    if show == "no-deputy":
        rows = rows.filter(pk__in=alone)
    if show == "no-mail":
        rows = rows.filter(email="")
    for name in ("site", "department"):
        if wanted := number(asked.get(name)):
            rows = rows.filter(**{f"{name}_id": wanted})
    away = Absence.objects.filter(from_on__lte=today(), until_on__gte=today()).select_related("deputy")
    rows = rows.select_related("site", "department", "deputy")
    return rows.prefetch_related(Prefetch("absences", away, to_attr="away"))


def counts(everybody: ColleagueQuerySet, alone: set[int]) -> dict[str, int]:
    """How many stand behind each tab, in one query."""
    here, on = Q(left_at=None), today()
    away = Q(absences__from_on__lte=on, absences__until_on__gte=on)
    return everybody.aggregate(
        here=Count("pk", filter=here, distinct=True),
        askable=Count("pk", filter=here & ~Q(email=""), distinct=True),
        no_mail=Count("pk", filter=here & Q(email=""), distinct=True),
        mailboxes=Count("pk", filter=here & Q(kind=Colleague.Kind.MAILBOX), distinct=True),
        away=Count("pk", filter=here & away, distinct=True),
        no_deputy=Count("pk", filter=here & Q(pk__in=alone), distinct=True),
        left=Count("pk", filter=~here, distinct=True),
    )


def stands_in(somebody: Colleague) -> Colleague | None:
    """Who answers for this colleague today: they themselves, a deputy, or nobody."""
    on = today()
    away = Absence.objects.filter(from_on__lte=on, until_on__gte=on)
    absences = [Away(row.colleague_id, row.from_on, row.until_on, row.deputy_id) for row in away]
    usual = dict(Colleague.objects.exclude(deputy=None).values_list("pk", "deputy_id"))
    gone = Colleague.objects.exclude(left_at=None).values_list("pk", flat=True)
    found = who_answers(somebody.pk, on, absences, usual, gone)
    return Colleague.objects.filter(pk=found.colleague).first() if found.colleague else None


def absences(everybody: ColleagueQuerySet) -> QuerySet[Absence]:
    """Present and coming absences, the next ones first."""
    rows = Absence.objects.filter(colleague__in=everybody, until_on__gte=today())
    return rows.select_related("colleague__deputy", "deputy").order_by("from_on", by_name("colleague__name"))
