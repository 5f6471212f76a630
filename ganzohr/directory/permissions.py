"""What a user may see: everything, or only the sites their colleague is limited to."""

from __future__ import annotations

from ganzohr.accounts.models import User
from ganzohr.directory.models import Colleague


def sites_of(user: User) -> list[int] | None:
    """The ids of the sites this user is limited to; None without a limit. One query per user object."""
    if not hasattr(user, "_sites"):
        limits = Colleague.limited_to.through.objects.filter(colleague__user=user)
        user._sites = list(limits.values_list("site_id", flat=True)) or None  # type: ignore[attr-defined]
    return user._sites  # type: ignore[attr-defined, no-any-return]


def may_edit(user: User, colleague: Colleague) -> bool:
    """Managers everybody they see, anybody themselves."""
    return user.has_role("manager") or colleague.user_id == user.pk
