"""Second factors: who needs one, what somebody has, taking them away, and counting failed sign-ins.

Adding and using them is allauth's; it tells us by its signals, which `watch` listens to.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from allauth.account import signals as account_signals
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection, transaction
from django.db.models import Sum

from ganzohr.accounts import mails
from ganzohr.accounts.events import RulesChanged, UserChanged
from ganzohr.accounts.models import FACTORS, FailedSignIn, Role, RoleRule, User
from ganzohr.core import crypto
from ganzohr.core.events import emit
from ganzohr.core.times import now

KEPT_DAYS = 30
COUNT = """INSERT INTO accounts_failedsignin (on_date, user_id, times) VALUES (%s, %s, 1)
ON CONFLICT (on_date, user_id) DO UPDATE SET times = accounts_failedsignin.times + 1"""


def roles_in_need() -> list[str]:
    """Roles that need a second factor, the highest first."""
    found = set(RoleRule.objects.filter(needs_second_factor=True).values_list("role", flat=True))
    return [role for role in Role.values if role in found]


@transaction.atomic
def require(roles: Iterable[str], by: User) -> None:
    """From now on these roles need a second factor, the others do not."""
    asked = set(roles)
    for role in Role.values:
        RoleRule.objects.update_or_create(role=role, defaults={"needs_second_factor": role in asked})
    emit(RulesChanged(tuple(role for role in Role.values if role in asked), by.pk))


def factors_of(user: User) -> list[dict[str, Any]]:
    """What the user has set up, the oldest first: what it is, its name, since when, when last used."""
    found = Authenticator.objects.filter(user=user).order_by("created_at", "pk")
    return [
        {
            "id": factor.pk,
            "type": factor.type,
            "name": factor.data.get("name", ""),
            "is_passkey": _signs_in_alone(factor),
            "left": len(factor.wrap().get_unused_codes()) if factor.type == "recovery_codes" else None,
            "added_at": factor.created_at,
            "used_at": factor.last_used_at,
        }
        for factor in found
    ]


def shown(user: User) -> dict[str, Any]:
    """What a page tells the user of their second factors."""
    found = factors_of(user)
    return {"factors": found, "has_app": any(factor["type"] == "totp" for factor in found)}


def _signs_in_alone(factor: Authenticator) -> bool:
    return factor.type == "webauthn" and bool(factor.wrap().is_passwordless)


@transaction.atomic
def reset(user: User, by: User) -> None:
    """All second factors of somebody who lost theirs are gone, and so are their sessions."""
    Authenticator.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
    mails.tell(user, "reset")
    emit(UserChanged((user.pk,), "second factor reset", by.pk))


def is_last(factor: Authenticator) -> bool:
    """Whether the user's role needs a second factor, and this is the only one left."""
    others = Authenticator.objects.filter(user_id=factor.user_id, type__in=FACTORS).exclude(pk=factor.pk)
    role = User.objects.values_list("role", flat=True).get(pk=factor.user_id)
    return factor.type in FACTORS and role in roles_in_need() and not others.exists()


def count_failure(user: User | None) -> None:
    """One more failed sign-in today; of whom, if anybody has that address."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [now().date(), user.pk if user else None])


def failures(user: User | None = None, days: int = 7) -> int:
    """Failed sign-ins of the last days: of this user, or of everybody and nobody."""
    found = FailedSignIn.objects.filter(on_date__gt=now().date() - timedelta(days=days))
    return (found.filter(user=user) if user else found).aggregate(sum=Sum("times"))["sum"] or 0


def forget_failures() -> int:
    """Counts go after a month (round)."""
    return FailedSignIn.objects.filter(on_date__lt=now().date() - timedelta(days=KEPT_DAYS)).delete()[0]


@transaction.atomic
def renew_secrets() -> int:
    """Secrets of authenticator apps and recovery codes, encrypted with the newest key; how many."""
    rows = list(Authenticator.objects.select_for_update(no_key=True).exclude(type="webauthn"))
    for row in rows:
        for name in {"secret", "seed"} & set(row.data):
            with suppress(crypto.Unreadable):
                row.data[name] = crypto.renew(row.data[name])
    Authenticator.objects.bulk_update(rows, ["data"])
    return len(rows)


def watch() -> None:
    """Hear from allauth what people do with their second factors and passwords."""
    signals.authenticator_added.connect(_added)
    signals.authenticator_removed.connect(_removed)
    signals.authenticator_reset.connect(_new_codes)
    signals.authentication_failed.connect(_failed)
    for signal in (account_signals.password_changed, account_signals.password_set, account_signals.password_reset):
        signal.connect(_new_password)


@transaction.atomic
def _added(user: User, authenticator: Authenticator, **_more: Any) -> None:
    if authenticator.type in FACTORS:
        mails.tell(user, f"{authenticator.type} added")
        emit(UserChanged((user.pk,), "second factor added", user.pk))


@transaction.atomic
def _removed(user: User, authenticator: Authenticator, **_more: Any) -> None:
    if authenticator.type in FACTORS:
        mails.tell(user, f"{authenticator.type} removed")
        emit(UserChanged((user.pk,), "second factor removed", user.pk))


@transaction.atomic
def _new_codes(user: User, **_more: Any) -> None:
    mails.tell(user, "codes")
    emit(UserChanged((user.pk,), "new recovery codes", user.pk))


def _new_password(user: User, **_more: Any) -> None:
    mails.tell(user, "password")


def _failed(user: User, **_more: Any) -> None:
    count_failure(user)
