"""Colleagues and absences."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts.models import User
from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit.actions import by_user
from ganzohr.core.sorting import by_name
from ganzohr.directory import actions, people
from ganzohr.directory.fields import suggestions
from ganzohr.directory.forms import AbsenceForm, ColleagueForm
from ganzohr.directory.models import Absence, Colleague, ColleagueQuerySet, Department, Site
from ganzohr.directory.people import today
from ganzohr.directory.permissions import may_edit, sites_of
from ganzohr.ui.formats import day
from ganzohr.ui.keyset import keyset, length
from ganzohr.ui.numbers import number
from ganzohr.ui.pages import confirm, done, invalid, page


@require_safe
@role_required("reader")
def colleagues(request: HttpRequest) -> HttpResponse:
    """Everybody inside, by name; search and filters stand in the address."""
    user, asked = user_of(request), request.GET
    everybody, alone = Colleague.objects.visible_to(user), people.without_deputy(user)
    rows = people.chosen(everybody, asked, alone).annotate(sort=by_name())
    context = {
        "slice": keyset(rows, ("sort", "id"), asked.get("after", ""), length(asked)),
        "counts": people.counts(everybody, alone),
        "alone": alone,
        "show": asked.get("show", ""),
        "sites": Site.objects.visible_to(user).in_use(),
        "departments": Department.objects.all(),
        "is_filtered": any(asked.get(name) for name in ("q", "show", "site", "department")),
        **_may(user),
    }
    return page(request, "directory/colleagues.html", context, partial="directory/_colleagues.html")


def _may(user: User) -> dict[str, bool]:
    is_manager = user.has_role("manager")
    return {"may_edit": is_manager, "may_import": is_manager and sites_of(user) is None}


@require_safe
@role_required("reader")
def colleague(request: HttpRequest, pk: int) -> HttpResponse:
    """One colleague: who this is, who stands in, when they are away."""
    user = user_of(request)
    rows = Colleague.objects.visible_to(user).select_related("site", "department", "reports_to", "deputy")
    somebody = get_object_or_404(rows, pk=pk)
    context = {
        "somebody": somebody,
        "absences": somebody.absences.filter(until_on__gte=today()).select_related("deputy"),
        "stands": people.stands_in(somebody),
        "reports": somebody.reports.here(),
        "deputises_for": somebody.deputises_for.here(),
        "today": today(),
        "may_edit": may_edit(user, somebody),
        "may_remove": user.has_role("manager"),
    }
    return page(request, "directory/colleague.html", context)


@role_required("manager")
def new_colleague(request: HttpRequest) -> HttpResponse:
    """Enter somebody."""
    return _edit(request, Colleague(), user_of(request))


@role_required("reader")
def edit_colleague(request: HttpRequest, pk: int) -> HttpResponse:
    """Change somebody; everybody may change themselves, within limits."""
    user = user_of(request)
    somebody = get_object_or_404(Colleague.objects.visible_to(user), pk=pk)
    if not may_edit(user, somebody):
        return redirect("directory:colleague", pk=pk)
    return _edit(request, somebody, user)


def _edit(request: HttpRequest, somebody: Colleague, user: User) -> HttpResponse:
    form = ColleagueForm(request.POST or None, instance=somebody, user=user)
    if request.method == "POST" and form.is_valid():
        actions.save_colleague(form.instance, by_user(user))
        to = reverse("directory:colleague", args=[form.instance.pk])
        return done(request, to, _("Saved: %(name)s") % {"name": form.instance.name})
    context = {"form": form, "somebody": somebody, "names": suggestions(Colleague.objects.visible_to(user).here())}
    return (invalid if form.errors else page)(request, "directory/colleague_form.html", context)


@role_required("manager")
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody leaves; what they still answer for is shown first."""
    user = user_of(request)
    somebody = get_object_or_404(Colleague.objects.visible_to(user).here(), pk=pk)
    if request.method != "POST":
        return page(request, "directory/leave.html", {"somebody": somebody, "reports": somebody.reports.here()})
    actions.leave(somebody, by_user(user))
    undo = reverse("directory:come_back", args=[pk])
    return done(request, reverse("directory:colleagues"), _("%(name)s has left") % {"name": somebody.name}, undo)


@require_POST
@role_required("manager")
def come_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Here again."""
    user = user_of(request)
    somebody = get_object_or_404(Colleague.objects.visible_to(user), pk=pk)
    actions.come_back(somebody, by_user(user))
    to = reverse("directory:colleague", args=[pk])
    return done(request, to, _("%(name)s is here again") % {"name": somebody.name})


@require_safe
@role_required("reader")
def me(request: HttpRequest) -> HttpResponse:
    """The colleague behind whoever is signed in."""
    mine = get_object_or_404(Colleague, user=user_of(request))
    return redirect("directory:colleague", pk=mine.pk)


@role_required("reader")
def absences(request: HttpRequest) -> HttpResponse:
    """Who is away and will be; a form to enter more."""
    mine = _mine(request)
    form = AbsenceForm(request.POST or None, initial=_whose(mine, request), among=mine)
    if request.method == "POST" and form.is_valid():
        actions.be_away(**form.cleaned_data, actor=by_user(user_of(request)))
        text = _("%(name)s is away") % {"name": form.cleaned_data["colleague"].name}
        return done(request, reverse("directory:absences"), text)
    return _absences(request, form, mine)


@role_required("reader")
def absence(request: HttpRequest, pk: int) -> HttpResponse:
    """Other days or another deputy than was said before."""
    mine = _mine(request)
    before = get_object_or_404(Absence.objects.select_related("deputy"), pk=pk, colleague__in=mine)
    initial = {name: getattr(before, name) for name in ("colleague", "from_on", "until_on", "deputy")}
    form = AbsenceForm(request.POST or None, initial=initial, among=mine)
    if request.method == "POST" and form.is_valid():
        actions.change_absence(before, **form.cleaned_data, actor=by_user(user_of(request)))
        return done(request, reverse("directory:absences"), _("Saved"))
    return _absences(request, form, mine, before)


def _mine(request: HttpRequest) -> ColleagueQuerySet:
    """Whose absences this user enters: everybody's they see, or their own."""
    user = user_of(request)
    everybody = Colleague.objects.visible_to(user).here()
    return everybody if user.has_role("manager") else everybody.filter(user=user)


def _absences(
    request: HttpRequest, form: AbsenceForm, mine: ColleagueQuerySet, before: Absence | None = None
) -> HttpResponse:
    everybody = Colleague.objects.visible_to(user_of(request)).here()
    context = {"form": form, "absences": people.absences(everybody), "names": suggestions(everybody), "today": today()}
    context |= {"mine": set(mine.values_list("pk", flat=True)), "before": before}
    return (invalid if form.errors else page)(request, "directory/absences.html", context)


def _whose(mine: QuerySet[Colleague], request: HttpRequest) -> dict[str, object]:
    return {"colleague": mine.filter(pk=number(request.GET.get("of"))).first(), "from_on": today()}


@role_required("reader")
def be_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an absence off the list."""
    user = user_of(request)
    absence = get_object_or_404(Absence.objects.filter(colleague__in=Colleague.objects.visible_to(user)), pk=pk)
    if not may_edit(user, absence.colleague):
        return redirect("directory:absences")
    if request.method != "POST":
        return _confirm_end(request, absence)
    actions.be_back(absence, by_user(user))
    has_begun, name = absence.from_on <= today(), absence.colleague.name
    text = _("%(name)s is here again") if has_begun else _("The absence of %(name)s is removed")
    return done(request, reverse("directory:absences"), text % {"name": name})


def _confirm_end(request: HttpRequest, absence: Absence) -> HttpResponse:
    back, values = reverse("directory:absences"), {"name": absence.colleague.name, "day": day(absence.from_on)}
    if absence.from_on > today():
        effects = [_("Questions go to %(name)s in that time as well.") % values]
        question = _("Remove the absence of %(name)s from %(day)s?") % values
        return confirm(request, question, _("Yes, remove"), back, effects)
    effects = [_("New questions go to %(name)s again, from now on.") % values]
    return confirm(request, _("Is %(name)s back?") % values, _("Yes, back"), back, effects)
