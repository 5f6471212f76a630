"""Who may sign in. What a person does inside the employer stands in `directory.Colleague`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a user may do; each role may all that the roles after it may, `lead` apart from writing answers."""

    ADMIN = "admin", _("Admin")
    MANAGER = "manager", _("Community manager")
    LEAD = "lead", _("Lead")
    READER = "reader", _("Reader")


class House(models.TextChoices):
    """Which house a user speaks for; HR and marketing measure the same thing in two languages."""

    HR = "hr", _("HR")
    MARKETING = "marketing", _("Marketing")
    PRESS = "press", _("Press office")
    OTHER = "other", _("Other")


FACTORS = ("totp", "webauthn")  # recovery codes alone are none


class UserManager(BaseUserManager["User"]):
    """Creates users, and knows of each whether their role asks for a second factor they do not have."""

    def get_queryset(self) -> models.QuerySet[User]:
        """Every user with `lacks_factor`, so that no page asks the database once more for it."""
        lacks = RawSQL(LACKS_FACTOR, [], models.BooleanField())  # noqa: S611  our own words
        return super().get_queryset().annotate(**{"lacks_factor": lacks})

    def without_factor(self) -> dict[str, int]:
        """How many active users of each role have no second factor."""
        from allauth.mfa.models import Authenticator

        factor = Authenticator.objects.filter(user=models.OuterRef("pk"), type__in=FACTORS)
        found = super().get_queryset().filter(~models.Exists(factor), is_active=True)
        return dict(found.order_by().values_list("role").annotate(models.Count("pk")))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A saved user with a lower-case address; without a password nobody can sign in by password."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user


# In SQL, because every page asks it: put together from objects, it cost more than the rest of finding the user.
LACKS_FACTOR = """(EXISTS (SELECT 1 FROM accounts_rolerule asked
  WHERE asked.role = accounts_user.role AND asked.needs_second_factor)
AND NOT EXISTS (SELECT 1 FROM mfa_authenticator factor
  WHERE factor.user_id = accounts_user.id AND factor.type IN ('totp', 'webauthn')))"""


class User(AbstractBaseUser):
    """Somebody who signs in with an address. Every user is a colleague (`user.colleague`)."""

    email = models.EmailField(_("mail address"), unique=True)
    name = models.CharField(_("name"), max_length=160, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.READER)
    house = models.CharField(_("house"), max_length=20, choices=House.choices, default=House.OTHER)
    language = models.CharField(_("language"), max_length=5, default="de")
    theme = models.CharField(_("appearance"), max_length=10, default="system")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    seen_until = models.DateTimeField(null=True, blank=True, help_text="Today says what is new since then.")

    USERNAME_FIELD: ClassVar[str] = "email"
    EMAIL_FIELD: ClassVar[str] = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()
    lacks_factor = False  # filled by the manager

    class Meta:
        ordering: ClassVar = ["email"]

    def __str__(self) -> str:
        return self.email

    @property
    def display_name(self) -> str:
        """The name, or the part before the @ while there is none."""
        return self.name or self.email.split("@")[0]

    def has_role(self, role: str) -> bool:
        """This role or a higher one, and still active."""
        ranks = Role.values
        return self.is_active and ranks.index(self.role) <= ranks.index(role)

    @property
    def is_staff(self) -> bool:
        """Django asks for it; there is no admin site."""
        return False


class Invitation(models.Model):
    """A link by mail with which one person sets up a sign-in, once."""

    email = models.EmailField(_("mail address"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.MANAGER)
    house = models.CharField(_("house"), max_length=20, choices=House.choices, default=House.OTHER)
    language = models.CharField(_("language"), max_length=5, default="de")
    site_ids = models.JSONField(
        default=list, blank=True, help_text="Limits to these directory.Site ids; empty: no limit."
    )
    token_hash = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation_per_address",
            )
        ]


class RoleRule(models.Model):
    """What a role asks of whoever has it, at sign-in."""

    role = models.CharField(_("role"), max_length=20, choices=Role.choices, primary_key=True)
    needs_second_factor = models.BooleanField(default=False)


class FailedSignIn(models.Model):
    """How often signing in failed on a day, per user, and together for unknown addresses; no address, no password."""

    on_date = models.DateField()
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["on_date", "user"], nulls_distinct=False, name="one_count_per_day_and_user")
        ]


class Limit(models.Model):
    """How often something was tried lately, for all processes; the key is a hash of who tried what."""

    key = models.BinaryField(max_length=32, primary_key=True)
    value = models.JSONField()
    expires_at = models.DateTimeField(db_index=True)
