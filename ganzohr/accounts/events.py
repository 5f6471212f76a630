"""What happened to users."""

from __future__ import annotations

from dataclasses import dataclass

from ganzohr.core.events import Event


@dataclass(frozen=True)
class UserJoined(Event):
    """Somebody set up a sign-in, by the set-up link (no invitation) or by an invitation."""

    user_ids: tuple[int, ...]
    invitation_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class UserRenamed(Event):
    """Users go by another name or mail address now."""

    user_ids: tuple[int, ...]


@dataclass(frozen=True)
class UserChanged(Event):
    """What a user may do or signs in with changed, by an admin or by themselves.

    `what` is `role`, `house`, `deactivated`, `reactivated`, `signed out`, `second factor added`,
    `second factor removed`, `second factor reset`, `new recovery codes` or `linked a sign-in`.
    """

    user_ids: tuple[int, ...]
    what: str
    by_id: int


@dataclass(frozen=True)
class InvitationChanged(Event):
    """An invitation was `sent`, `sent again`, `revoked` or `restored`."""

    invitation_ids: tuple[int, ...]
    what: str
    by_id: int


@dataclass(frozen=True)
class RulesChanged(Event):
    """An admin decided which roles need a second factor."""

    roles: tuple[str, ...]
    by_id: int
