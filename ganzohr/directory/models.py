"""Everybody inside: colleagues, shared mailboxes, departments, sites, opening hours, absences."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import User
from ganzohr.core.sorting import by_name
from ganzohr.directory import hours

_RULES: dict[tuple[int, int], hours.Rules] = {}


class OpeningHours(models.Model):
    """When somebody is there: weekly slots in a time zone, without public holidays and days off.

    Sites and channels point here; those that point nowhere keep the usual week (Monday to Friday, 8 to 17, see
    `hours.py`, which has the arithmetic).
    """

    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/Berlin")
    country = models.CharField(_("country"), max_length=2, default="DE", blank=True)
    region = models.CharField(_("region for public holidays"), max_length=10, blank=True)
    version = models.PositiveIntegerField(default=0, help_text="Grows with every change of slots and days off.")

    class Meta:
        ordering: ClassVar = [by_name(), "id"]

    def __str__(self) -> str:
        return self.name

    def rules(self) -> hours.Rules:
        """What `hours.py` reckons with; read once per version and process."""
        known = _RULES.get((self.pk, self.version))
        if known is None:
            known = self._read_rules()
            if known.slots:
                _RULES[self.pk, self.version] = known
        return known

    def _read_rules(self) -> hours.Rules:
        slots = tuple(hours.Slot(slot.weekday, slot.opens, slot.closes) for slot in self.slots.all())
        days_off = frozenset(day.on for day in self.days_off.all())
        return hours.Rules(slots, self.time_zone, self.country, self.region, days_off)


class OpeningSlot(models.Model):
    """Local wall time on a weekday (Monday is 0); several slots a day are allowed, overlaps are not."""

    hours = models.ForeignKey(OpeningHours, on_delete=models.CASCADE, related_name="slots")
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    opens = models.TimeField(_("from"))
    closes = models.TimeField(_("until"))

    class Meta:
        ordering: ClassVar = ["weekday", "opens"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="slot_weekday"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="slot_closes_after_opens"),
            models.UniqueConstraint(fields=["hours", "weekday", "opens"], name="slot_once"),
        ]


class DayOff(models.Model):
    """A closed day of our own, such as a works outing."""

    hours = models.ForeignKey(OpeningHours, on_delete=models.CASCADE, related_name="days_off")
    on = models.DateField(_("date"))
    name = models.CharField(_("why"), max_length=120, blank=True)

    class Meta:
        ordering: ClassVar = ["on"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["hours", "on"], name="day_off_once")]


# In SQL, because every page asks it.
BEHIND = """
SELECT c.*, ARRAY(SELECT site_id FROM directory_colleague_limited_to WHERE colleague_id = c.id) AS site_ids
FROM directory_colleague c WHERE c.user_id = %s
"""


def colleague_of(user: User) -> Colleague | None:
    """The colleague behind a user. One query per user object, which brings their sites along."""
    if not hasattr(user, "_colleague"):
        user._colleague = next(iter(Colleague.objects.raw(BEHIND, [user.pk])), None)  # type: ignore[attr-defined]
    return user._colleague  # type: ignore[attr-defined, no-any-return]


def sites_of(user: User) -> list[int] | None:
    """The ids of the sites this user is limited to; None without a limit."""
    colleague = colleague_of(user)
    return (colleague.site_ids or None) if colleague else None  # type: ignore[attr-defined]


class SiteQuerySet(models.QuerySet["Site"]):
    """Sites, chosen by sentences."""

    def visible_to(self, user: User) -> Self:
        """Every site, or those this user is limited to."""
        mine = sites_of(user)
        return self if mine is None else self.filter(pk__in=mine)

    def in_use(self) -> Self:
        """Not closed for good."""
        return self.filter(closed_at=None)


class Site(models.Model):
    """A place of the employer."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    hours = models.ForeignKey(OpeningHours, null=True, blank=True, on_delete=models.SET_NULL, related_name="sites")
    closed_at = models.DateTimeField(null=True, blank=True)
    objects: ClassVar = SiteQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = [by_name(), "id"]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A part of the employer with a head and a headcount."""

    name = models.CharField(_("name"), max_length=160, unique=True)
    head = models.ForeignKey("Colleague", null=True, blank=True, on_delete=models.SET_NULL, related_name="heads")
    headcount = models.PositiveIntegerField(_("headcount"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = [by_name(), "id"]

    def __str__(self) -> str:
        return self.name


class ColleagueQuerySet(models.QuerySet["Colleague"]):
    """Colleagues, chosen by sentences."""

    def visible_to(self, user: User) -> Self:
        """Everybody, or whoever is at the sites this user is limited to or at none."""
        mine = sites_of(user)
        return self if mine is None else self.filter(Q(site__in=mine) | Q(site=None) | Q(user=user))

    def here(self) -> Self:
        """Not gone for good."""
        return self.filter(left_at=None)

    def away_on(self, on: date) -> Self:
        """Absent on that day."""
        return self.filter(Exists(Absence.objects.filter(colleague=OuterRef("pk"), from_on__lte=on, until_on__gte=on)))

    def called(self, words: str) -> Self:
        """Whose name, address, role or department contains every one of these words."""
        found = self
        for word in words.split():
            fits = Q(name__icontains=word) | Q(email__icontains=word) | Q(role_title__icontains=word)
            found = found.filter(fits | Q(department__name__icontains=word))
        return found


def usual_address() -> str:
    """How new colleagues are addressed here, by the setting GANZOHR_COLLEAGUE_ADDRESS."""
    return str(settings.COLLEAGUE_ADDRESS)


class Colleague(models.Model):
    """Anybody inside: a person or a shared mailbox. Answers by mail or private page; an account is not needed."""

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        MAILBOX = "mailbox", _("Shared mailbox")

    class Address(models.TextChoices):
        INFORMAL = "informal", _("informal")
        FORMAL = "formal", _("formal")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.PERSON)
    name = models.CharField(_("name"), max_length=160)
    email = models.EmailField(_("mail address"), blank=True)
    role_title = models.CharField(_("role at work"), max_length=160, blank=True)
    language = models.CharField(_("language"), max_length=5, default="de", help_text="Mails to this colleague.")
    languages = ArrayField(models.CharField(max_length=5), default=list, blank=True, help_text="Answers in these.")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.SET_NULL, related_name="colleagues")
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.SET_NULL, related_name="colleagues"
    )
    reports_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reports")
    deputy = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="deputises_for")
    address = models.CharField(_("form of address"), max_length=10, choices=Address.choices, default=usual_address)
    initials = models.CharField(_("initials under answers"), max_length=8, blank=True)
    may_be_named = models.BooleanField(_("first name and role may stand under answers"), default=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="colleague"
    )
    limited_to = models.ManyToManyField(Site, blank=True, related_name="+", help_text="Empty: sees every site.")
    created_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True, blank=True)
    objects: ClassVar = ColleagueQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = [by_name(), "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"), condition=~Q(email="") & Q(left_at=None), name="colleague_address_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        """The given name, for thanks and signatures; titles are skipped."""
        words = [word for word in self.name.split() if not word.endswith(".")]
        return words[0] if words else self.name


class Absence(models.Model):
    """A colleague is away on these days (both included); the deputy answers meanwhile."""

    colleague = models.ForeignKey(Colleague, on_delete=models.CASCADE, related_name="absences")
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"))
    deputy = models.ForeignKey(Colleague, null=True, blank=True, on_delete=models.SET_NULL, related_name="deputises_in")
    told_by = models.CharField(max_length=20, default="user", help_text="user, link or mail")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["from_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="absence_ends_after_start")
        ]
