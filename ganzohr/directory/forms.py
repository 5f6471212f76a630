"""Forms of the directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import House, Invitation, Role, User
from ganzohr.directory import regions, weeks
from ganzohr.directory.deputies import makes_circle
from ganzohr.directory.fields import ColleagueField
from ganzohr.directory.models import Colleague, ColleagueQuerySet, Department, OpeningHours, Site

WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
ANSWERS_IN = [
    *settings.LANGUAGES,
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("ar", "العربية"),
    ("pl", "Polski"),
    ("fr", "Français"),
]


class ColleagueForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person or a shared mailbox."""

    reports_to = ColleagueField(label=_("Reports to"), required=False)
    deputy = ColleagueField(
        label=_("Deputy"),
        required=False,
        help_text=_("Is asked while this colleague is away, unless an absence names somebody else."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Answers in"), choices=ANSWERS_IN, required=False, widget=forms.CheckboxSelectMultiple
    )
    language = forms.ChoiceField(label=_("Gets mails in"), choices=settings.LANGUAGES)

    class Meta:
        model = Colleague
        fields = (
            "kind", "name", "email", "role_title", "site", "department", "reports_to", "deputy",
            "language", "address", "languages", "may_be_named", "initials",
        )  # fmt: skip
        widgets: ClassVar = {"kind": forms.RadioSelect, "address": forms.RadioSelect}
        labels: ClassVar = {"site": _("Site"), "department": _("Department")}
        help_texts: ClassVar = {
            "kind": _("Behind a shared mailbox sit several people; whoever answers says once who they are."),
            "email": _("Questions go here. Without an address nobody can be asked."),
            "initials": _("One to three letters, where a channel signs with initials."),
            "may_be_named": _("Only with the colleague's agreement, which they can take back here at any time."),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.visible_to(user).in_use()  # type: ignore[attr-defined]
        for name in ("site", "department"):
            self.fields[name].empty_label = "–"  # type: ignore[attr-defined]
        if not user.has_role("manager"):
            for name in ("kind", "name", "email", "site", "department", "reports_to"):
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        """One address, one colleague; nobody stands in for themselves."""
        data = super().clean() or {}
        email = (data.get("email") or "").strip().lower()
        same = Colleague.objects.here().filter(email__iexact=email).exclude(pk=self.instance.pk)
        if email and (other := same.first()):
            self.add_error("email", _("%(name)s has this address already.") % {"name": other.name})
        if data.get("reports_to") == self.instance and self.instance.pk:
            self.add_error("reports_to", _("Nobody reports to themselves."))
        self._check_deputy(data.get("deputy"))
        return data

    def _check_deputy(self, deputy: Colleague | None) -> None:
        if deputy is None or self.instance.pk is None:
            return
        usual = dict(Colleague.objects.exclude(deputy=None).values_list("pk", "deputy_id"))
        if deputy == self.instance:
            self.add_error("deputy", _("Nobody stands in for themselves."))
        elif makes_circle(self.instance.pk, deputy.pk, usual) and usual.get(deputy.pk) != self.instance.pk:
            self.add_error(
                "deputy",
                _("That goes round in a circle: the deputies of %(name)s lead back here.") % {"name": deputy.name},
            )


class AbsenceForm(forms.Form):
    """Somebody is away."""

    colleague = ColleagueField(label=_("Who"))
    from_on = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    until_on = forms.DateField(label=_("Until"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    deputy = ColleagueField(label=_("Deputy"), required=False, help_text=_("Empty: the usual one."))

    def __init__(self, *args: Any, among: ColleagueQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colleague"].among = among  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """In order, and not represented by themselves."""
        data = super().clean() or {}
        start, end = data.get("from_on"), data.get("until_on")
        if start and end and end < start:
            self.add_error("until_on", _("This is before the first day."))
        if data.get("deputy") and data.get("deputy") == data.get("colleague"):
            self.add_error("deputy", _("Nobody stands in for themselves."))
        return data


class DepartmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A department, its head, its headcount."""

    head = ColleagueField(label=_("Head"), required=False)

    class Meta:
        model = Department
        fields = ("name", "head", "headcount")
        help_texts: ClassVar = {"headcount": _("How many people work there, also those who are not entered here.")}

    def __init__(self, *args: Any, among: ColleagueQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["head"].among = among  # type: ignore[attr-defined]


class SiteForm(forms.ModelForm):  # type: ignore[type-arg]
    """A place and when somebody is there."""

    class Meta:
        model = Site
        fields = ("name", "city", "hours")
        labels: ClassVar = {"hours": _("Opening hours")}
        help_texts: ClassVar = {"hours": _("As long as you enter none: Monday to Friday, 8 to 17.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hours"].empty_label = "–"  # type: ignore[attr-defined]


class HoursForm(forms.ModelForm):  # type: ignore[type-arg]
    """A week as people write it, a time zone, a region for public holidays, days off."""

    holidays = forms.ChoiceField(
        label=_("Public holidays of"), required=False, choices=[("", _("none")), *regions.choices()]
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[
            (zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if zone.startswith("Europe/")
        ],
    )
    days_off = forms.CharField(
        label=_("Days off"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("One date a line, with the reason behind it: 24.12.2026 Christmas Eve"),
    )

    everywhere = forms.BooleanField(
        label=_("They hold wherever no other hours are chosen"),
        help_text=_(
            "For every site and channel that has none of its own by now. You can choose others there any time."
        ),
        required=False,
    )

    class Meta:
        model = OpeningHours
        fields = ("name", "time_zone")
        help_texts: ClassVar = {"name": _("For you, such as: Careers team, main house")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["everywhere"]
        else:
            self.initial["everywhere"] = not OpeningHours.objects.exists()
        week = self._week()
        for weekday, called in enumerate(WEEKDAYS):
            field = forms.CharField(label=called, required=False, initial=weeks.written(week.get(weekday, ())))
            field.widget.attrs["placeholder"] = _("closed")
            self.fields[f"day{weekday}"] = field
        if self.instance.pk:
            self.initial["holidays"] = "-".join(filter(None, [self.instance.country, self.instance.region]))
            self.initial["days_off"] = "\n".join(
                f"{day.on:%d.%m.%Y} {day.name}".strip() for day in self.instance.days_off.all()
            )

    def _week(self) -> Mapping[int, Iterable[tuple[time, time]]]:
        if not self.instance.pk:
            return {weekday: [(time(8), time(12)), (time(13), time(17))] for weekday in range(5)}
        week: dict[int, list[tuple[time, time]]] = {}
        for slot in self.instance.slots.all():
            week.setdefault(slot.weekday, []).append((slot.opens, slot.closes))
        return week

    @property
    def days(self) -> list[forms.BoundField]:
        """The seven fields of the week."""
        return [self[f"day{weekday}"] for weekday in range(7)]

    def clean(self) -> dict[str, Any]:
        """The week and the days off as values; country and region on the instance."""
        data = super().clean() or {}
        self.week: dict[int, list[tuple[time, time]]] = {}
        for weekday in range(7):
            try:
                self.week[weekday] = weeks.ranges(data.get(f"day{weekday}", ""))
            except weeks.NotUnderstood as error:
                words = _("Not understood: %(part)s. Write it like 08:00–12:00, 13:00–17:00.")
                self.add_error(f"day{weekday}", words % {"part": error})
        if not any(self.week.values()) and not self.errors:
            self.add_error("day0", _("Somebody should be there on one day at least."))
        self.closed: dict[date, str] = self._days_off(data.get("days_off", ""))
        self.instance.country, _dash, self.instance.region = data.get("holidays", "").partition("-")
        return data

    def _days_off(self, text: str) -> dict[date, str]:
        try:
            return weeks.days_off(text)
        except weeks.NotUnderstood as error:
            self.add_error(
                "days_off", _("Not understood: %(part)s. Begin with a date like 24.12.2026.") % {"part": error}
            )
            return {}


class LimitForm(forms.Form):
    """Which sites a user sees."""

    sites = forms.ModelMultipleChoiceField(
        label=_("Sees only these sites"),
        queryset=Site.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: no limit. Conversations without a site are seen by unlimited users only."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sites"].queryset = Site.objects.in_use()  # type: ignore[attr-defined]


class InviteForm(LimitForm):
    """Whom to invite, as what."""

    INVITED = _("This address is invited already. You can send the link again from the list of users.")

    email = forms.EmailField(label=_("Mail address"), help_text=_("The link goes there; they sign in with it."))
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.MANAGER)
    house = forms.ChoiceField(label=_("Area"), choices=House.choices, initial=House.HR)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    field_order = ["email", "name", "role", "house", "language", "sites"]  # noqa: RUF012

    def clean_email(self) -> str:
        """Neither a user nor invited already."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email=email).exists():
            raise ValidationError(_("This address signs in already."))
        if Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None).exists():
            raise ValidationError(self.INVITED)
        return email
