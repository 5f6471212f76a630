"""Views of departments, sites and opening hours, and of who may see which site."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ganzohr.accounts import actions as accounts
from ganzohr.accounts.models import User
from ganzohr.accounts.permissions import role_required, user_of
from ganzohr.audit.actions import by_user
from ganzohr.core.sorting import by_name
from ganzohr.directory import actions, hours, regions, weeks
from ganzohr.directory.fields import suggestions
from ganzohr.directory.forms import WEEKDAYS, DepartmentForm, HoursForm, InviteForm, LimitForm, SiteForm
from ganzohr.directory.models import Colleague, Department, OpeningHours, Site
from ganzohr.directory.people import today
from ganzohr.directory.permissions import departments_of, hours_of, sites_of
from ganzohr.ui.pages import done, invalid, page


@require_safe
@role_required("reader")
def departments(request: HttpRequest) -> HttpResponse:
    """Every department with its head."""
    rows = Department.objects.select_related("head").annotate(
        known=Count("colleagues", filter=Q(colleagues__left_at=None))
    )
    user = user_of(request)
    may_edit = user.has_role("manager")
    mine = set(departments_of(user).values_list("pk", flat=True)) if may_edit else set()
    context = {"departments": rows, "may_edit": may_edit, "mine": mine}
    return page(request, "directory/departments.html", context)


@role_required("manager")
def department(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Enter or change a department."""
    user = user_of(request)
    one = get_object_or_404(departments_of(user), pk=pk) if pk else Department()
    form = DepartmentForm(request.POST or None, instance=one, among=Colleague.objects.visible_to(user).here())
    if request.method == "POST" and form.is_valid():
        actions.save_department(form.instance, by_user(user))
        return done(request, reverse("directory:departments"), _("Saved: %(name)s") % {"name": form.instance.name})
    context = {"form": form, "title": one.name or _("New department"), "back": reverse("directory:departments")}
    context["names"] = suggestions(Colleague.objects.visible_to(user).here())
    return (invalid if form.errors else page)(request, "directory/place_form.html", context)


@require_safe
@role_required("reader")
def sites(request: HttpRequest) -> HttpResponse:
    """Every site and all opening hours."""
    user = user_of(request)
    known = Count("colleagues", filter=Q(colleagues__left_at=None))
    rows = Site.objects.visible_to(user).select_related("hours").annotate(known=known)
    stored = OpeningHours.objects.prefetch_related("slots", "days_off", "sites")
    context = {
        "sites": rows.order_by("closed_at", by_name()),
        "hours": [_told(one) for one in stored],
        "mine": set(hours_of(user).values_list("pk", flat=True)) if user.has_role("manager") else set(),
        "may_edit": user.has_role("manager"),
        "may_add": user.has_role("manager") and sites_of(user) is None,
    }
    return page(request, "directory/sites.html", context)


def _told(one: OpeningHours) -> dict[str, Any]:
    week: dict[int, list[tuple[Any, Any]]] = {}
    for slot in one.slots.all():
        week.setdefault(slot.weekday, []).append((slot.opens, slot.closes))
    days = [(str(WEEKDAYS[day]), weeks.written(week[day]) if day in week else "") for day in range(7)]
    return {
        "hours": one,
        "week": _gathered(days),
        "region": regions.name(one.country, one.region),
        "closed": closed_days(one)[:2],
    }


def _gathered(days: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Neighbouring days with the same ranges in one line: `Monday to Thursday`."""
    lines: list[tuple[str, str, str]] = []
    for called, open_from in days:
        if lines and lines[-1][2] == open_from:
            lines[-1] = (lines[-1][0], called, open_from)
        else:
            lines.append((called, called, open_from))
    between = _("%(first)s to %(last)s")
    return [(first if first == last else between % {"first": first, "last": last}, text) for first, last, text in lines]


def closed_days(one: OpeningHours, ahead: int = 400) -> list[tuple[date, str]]:
    """The coming public holidays on days that would be open, and days off."""
    known, start, language = one.rules(), today(), get_language() or "en"
    names = {day.on: day.name or _("day off") for day in one.days_off.all()}
    open_days = {slot.weekday for slot in known.slots}
    found = []
    for on in (start + timedelta(days=offset) for offset in range(ahead)):
        name = names.get(on) or hours.holiday(known.country, known.region, on, language)
        if name and on.weekday() in open_days:
            found.append((on, name))
    return found


@role_required("manager")
def site(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Enter or change a site; whoever is limited to sites enters no others."""
    user = user_of(request)
    if not pk and sites_of(user) is not None:
        raise PermissionDenied
    one = get_object_or_404(Site.objects.visible_to(user), pk=pk) if pk else Site()
    form = SiteForm(request.POST or None, instance=one)
    if request.method == "POST" and form.is_valid():
        actions.save_site(form.instance, by_user(user))
        return done(request, reverse("directory:sites"), _("Saved: %(name)s") % {"name": form.instance.name})
    context = {"form": form, "title": one.name or _("New site"), "back": reverse("directory:sites"), "site": one}
    return (invalid if form.errors else page)(request, "directory/place_form.html", context)


@require_POST
@role_required("manager")
def close_site(request: HttpRequest, pk: int) -> HttpResponse:
    """The site is no longer offered; can be undone."""
    user = user_of(request)
    one = get_object_or_404(Site.objects.visible_to(user), pk=pk)
    actions.close_site(one, by_user(user))
    text = _("%(name)s is closed") % {"name": one.name}
    return done(request, reverse("directory:sites"), text, undo=reverse("directory:open_site", args=[pk]))


@require_POST
@role_required("manager")
def open_site(request: HttpRequest, pk: int) -> HttpResponse:
    """The site is offered again."""
    user = user_of(request)
    one = get_object_or_404(Site.objects.visible_to(user), pk=pk)
    actions.open_site(one, by_user(user))
    return done(request, reverse("directory:sites"), _("%(name)s is open again") % {"name": one.name})


@role_required("manager")
def opening_hours(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Enter or change opening hours."""
    user = user_of(request)
    one = get_object_or_404(hours_of(user), pk=pk) if pk else OpeningHours()
    form = HoursForm(request.POST or None, instance=one)
    if request.method == "POST" and form.is_valid():
        actions.save_hours(form.instance, form.week, form.closed, by_user(user))
        if form.cleaned_data.get("everywhere"):
            actions.hold_everywhere(form.instance, sites_of(user), by_user(user))
        return done(request, reverse("directory:sites"), _("Saved: %(name)s") % {"name": form.instance.name})
    context = {"form": form, "hours": one, "closed": closed_days(one)[:8] if pk else []}
    return (invalid if form.errors else page)(request, "directory/hours_form.html", context)


@role_required("admin")
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody, limited to sites or not."""
    user = user_of(request)
    form = InviteForm(request.POST or None, initial={"language": user.language, "email": request.GET.get("email", "")})
    if request.method == "POST" and form.is_valid() and _invited(form, user):
        text = _("The link is on its way to %(email)s") % {"email": form.cleaned_data["email"]}
        return done(request, reverse("accounts:users"), text)
    return (invalid if form.errors else page)(request, "directory/invite.html", {"form": form})


def _invited(form: InviteForm, by: User) -> bool:
    """Also when two admins invite the same person at the same moment."""
    data = {**form.cleaned_data}
    site_ids = [one.pk for one in data.pop("sites")]
    try:
        accounts.invite(by, **data, site_ids=site_ids)
    except accounts.AlreadyInvited:
        form.add_error("email", InviteForm.INVITED)
    return not form.errors


@role_required("admin")
def limit(request: HttpRequest, pk: int) -> HttpResponse:
    """Which sites a user sees; `pk` is the user's."""
    somebody = get_object_or_404(Colleague, user_id=pk)
    form = LimitForm(request.POST or None, initial={"sites": somebody.limited_to.all()})
    if request.method == "POST" and form.is_valid():
        actions.limit(somebody, form.cleaned_data["sites"], by_user(user_of(request)))
        return done(request, reverse("accounts:user", args=[pk]), _("Saved: %(name)s") % {"name": somebody.name})
    context = {"form": form, "title": somebody.name, "back": reverse("accounts:user", args=[pk])}
    return (invalid if form.errors else page)(request, "directory/place_form.html", context)
