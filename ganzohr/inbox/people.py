"""Who of us is meant, in as few words as a row has room for."""

from __future__ import annotations

from django.utils.translation import gettext

from ganzohr.accounts.models import User
from ganzohr.audit.actions import Actor, by_user
from ganzohr.directory.models import Colleague, colleague_of

__all__ = ["actor_of", "colleague_id_of", "colleague_of", "holder", "short_name"]

ROOM = 16


def colleague_id_of(user: User) -> int | None:
    """Its id."""
    colleague = colleague_of(user)
    return colleague.pk if colleague else None


def actor_of(user: User) -> Actor:
    """The user in the audit trail."""
    return by_user(user)


def short_name(colleague: Colleague) -> str:
    """`Thomas Grünewald` becomes `T. Grünewald`; a shared mailbox keeps its name; both as long as a row has room."""
    words = [word for word in colleague.name.split() if not word.endswith(".")]
    is_person = colleague.kind == Colleague.Kind.PERSON and len(words) > 1
    name = f"{words[0][0]}. {words[-1]}" if is_person else colleague.name
    return name if len(name) <= ROOM else f"{name[: ROOM - 1].rstrip(' -,')}…"


def holder(assignee: Colleague | None, me: int | None) -> str:
    """`you`, a first name, or `nobody`."""
    if assignee is None:
        return gettext("nobody")
    return gettext("you") if assignee.pk == me else assignee.first_name
