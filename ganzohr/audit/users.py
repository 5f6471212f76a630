"""What happened to users and invitations, in the trail; told by `accounts`, which stands below."""

from __future__ import annotations

from ganzohr.accounts.events import InvitationChanged, RulesChanged, UserChanged, UserJoined
from ganzohr.accounts.models import Invitation, User
from ganzohr.audit.actions import by_user, record


def joined(event: UserJoined) -> None:
    """New users, by themselves."""
    for user in User.objects.filter(pk__in=event.user_ids):
        record(by_user(user), "joined", user, invitations=list(event.invitation_ids))


def changed(event: UserChanged) -> None:
    """What an admin did to users, or they to their own sign-in."""
    actor = by_user(User.objects.get(pk=event.by_id))
    for user in User.objects.filter(pk__in=event.user_ids):
        record(actor, event.what, user)


def invited(event: InvitationChanged) -> None:
    """What an admin did with invitations."""
    actor = by_user(User.objects.get(pk=event.by_id))
    for invitation in Invitation.objects.filter(pk__in=event.invitation_ids):
        record(actor, event.what, invitation)


def ruled(event: RulesChanged) -> None:
    """Which roles need a second factor."""
    admin = User.objects.get(pk=event.by_id)
    record(by_user(admin), "set who needs a second factor", admin, roles=list(event.roles))
