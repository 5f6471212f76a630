"""Every user is a colleague: whoever joins is found by address or entered anew."""

from __future__ import annotations

from ganzohr.accounts.events import UserJoined, UserRenamed
from ganzohr.accounts.models import Invitation, User
from ganzohr.directory.models import Colleague, Site


def user_joined(event: UserJoined) -> None:
    """Tie the new users to their colleagues, with the limits of their invitations."""
    invitations = {one.email: one for one in Invitation.objects.filter(pk__in=event.invitation_ids)}
    for user in User.objects.filter(pk__in=event.user_ids):
        colleague = _colleague(user)
        invited = invitations.get(user.email)
        if invited and invited.site_ids:
            colleague.limited_to.set(Site.objects.filter(pk__in=invited.site_ids))


def user_renamed(event: UserRenamed) -> None:
    """The colleague goes by the name and address of their user."""
    for user in User.objects.filter(pk__in=event.user_ids):
        Colleague.objects.filter(user=user).update(name=user.display_name, email=user.email)


def _colleague(user: User) -> Colleague:
    known = Colleague.objects.filter(email__iexact=user.email, left_at=None, user=None).first()
    if known is None:
        return Colleague.objects.create(
            user=user, name=user.display_name, email=user.email, language=user.language, languages=[user.language]
        )
    known.user = user
    known.save(update_fields=["user"])
    if not user.name:
        User.objects.filter(pk=user.pk).update(name=known.name)
    return known
