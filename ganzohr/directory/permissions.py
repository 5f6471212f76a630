"""What a user may see: everything, or only the sites their colleague is limited to."""

from __future__ import annotations

from ganzohr.accounts.models import User
from ganzohr.directory.models import Colleague, sites_of

__all__ = ["may_edit", "sites_of"]


def may_edit(user: User, colleague: Colleague) -> bool:
    """Managers everybody they see, anybody themselves."""
    return user.has_role("manager") or colleague.user_id == user.pk
