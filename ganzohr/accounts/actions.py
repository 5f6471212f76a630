"""Everything that changes users and invitations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef

from ganzohr.accounts import mails
from ganzohr.accounts.events import InvitationChanged, UserChanged, UserJoined, UserRenamed
from ganzohr.accounts.models import Invitation, Role, User
from ganzohr.core import crypto
from ganzohr.core.addresses import inside
from ganzohr.core.events import emit
from ganzohr.core.times import now
from ganzohr.core.words import say, speak

INVITATION_DAYS = 14
SET_UP = "set-up link"
SIGN_IN = "demo sign-in"  # the demo's keys, and so its links, die with its folder
LOCK = 0x67616E7A  # advisory lock while the first user is made


class LastAdmin(Exception):
    """Nobody would be left who may change users."""


class AddressTaken(Exception):
    """Somebody else has this address."""


class AlreadyInvited(Exception):
    """Another invitation to this address is open, perhaps since a moment ago."""


class NotOpen(Exception):
    """The link was used, revoked, or is too old."""


def setup_link() -> str | None:
    """The address where the first admin is made; None as soon as there is any user."""
    return None if User.objects.exists() else inside("accounts:start", crypto.sign(SET_UP, "1"))


def greeting() -> str:
    """What the terminal says at the first start."""
    link = setup_link()
    return f"Set up the first sign-in (works once): {link}" if link else ""


@transaction.atomic
def set_up(token: str, email: str, name: str, password: str, language: str) -> User:
    """The first admin, by the set-up link; works once, also when two people use it at the same moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if crypto.unsign(SET_UP, token) is None or User.objects.exists():
        raise NotOpen
    user = User.objects.create_user(email, password, name=name, role=Role.ADMIN, language=language)
    emit(UserJoined((user.pk,)))
    return user


@transaction.atomic
def invite(
    by: User, email: str, name: str, role: str, house: str, language: str, site_ids: Sequence[int] = ()
) -> Invitation:
    """An invitation and its mail; `AlreadyInvited` when somebody else was faster. The caller made sure that the address
    has no user."""
    token = crypto.new_token()
    invitation = Invitation(
        email=email.strip().lower(),
        name=name,
        role=role,
        house=house,
        language=language,
        site_ids=list(site_ids),
        token_hash=crypto.token_hash(token),
        invited_by=by,
        expires_at=now() + timedelta(days=INVITATION_DAYS),
    )
    with _the_only_open_one():
        invitation.save()
    _mail(invitation, token)
    emit(InvitationChanged((invitation.pk,), "sent", by.pk))
    return invitation


@transaction.atomic
def invite_again(invitation: Invitation, by: User) -> None:
    """A new link by mail, good for another fortnight; the earlier link stops working."""
    token = crypto.new_token()
    expires_at = now() + timedelta(days=INVITATION_DAYS)
    waiting = Invitation.objects.filter(pk=invitation.pk, accepted_at=None)
    with _the_only_open_one():
        changed = waiting.update(token_hash=crypto.token_hash(token), expires_at=expires_at, revoked_at=None)
    if not changed:
        raise NotOpen
    invitation.expires_at = expires_at
    _mail(invitation, token)
    emit(InvitationChanged((invitation.pk,), "sent again", by.pk))


@transaction.atomic
def revoke(invitation: Invitation, by: User) -> None:
    """The link stops working; `restore` takes that back."""
    if Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(revoked_at=now()):
        emit(InvitationChanged((invitation.pk,), "revoked", by.pk))


@transaction.atomic
def restore(invitation: Invitation, by: User) -> None:
    """A revoked link works again, as long as it would have."""
    with _the_only_open_one():
        changed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(revoked_at=None)
    if changed:
        emit(InvitationChanged((invitation.pk,), "restored", by.pk))


@contextmanager
def _the_only_open_one() -> Iterator[None]:
    """The database lets one open invitation per address be; whoever comes second hears of it (`AlreadyInvited`)."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise AlreadyInvited from None


def open_invitation(token: str) -> Invitation | None:
    """The invitation behind a link, if it can still be accepted."""
    waiting = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now())
    return waiting.filter(token_hash=crypto.token_hash(token)).first()


@transaction.atomic
def accept(token: str, name: str, password: str) -> User:
    """The user an invitation was for; a second use of the link finds it closed (`NotOpen`)."""
    found = open_invitation(token)
    closed = found and Invitation.objects.filter(pk=found.pk, accepted_at=None).update(accepted_at=now())
    if not found or not closed or User.objects.filter(email=found.email).exists():
        raise NotOpen
    user = User.objects.create_user(
        found.email, password, name=name, role=found.role, house=found.house, language=found.language
    )
    emit(UserJoined((user.pk,), (found.pk,)))
    return user


@transaction.atomic
def change_user(user: User, by: User, *, role: str, house: str) -> None:
    """Another role or house; refuses to take the last admin's role (`LastAdmin`)."""
    if role != Role.ADMIN:
        _keep_an_admin(user)
    before = User.objects.get(pk=user.pk)
    User.objects.filter(pk=user.pk).update(role=role, house=house)
    for what, changed in (("role", before.role != role), ("house", before.house != house)):
        if changed:
            emit(UserChanged((user.pk,), what, by.pk))


@transaction.atomic
def deactivate(user: User, by: User) -> None:
    """The user is signed out everywhere and cannot sign in; `reactivate` takes that back."""
    _keep_an_admin(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    _end_sessions(user)
    emit(UserChanged((user.pk,), "deactivated", by.pk))


@transaction.atomic
def reactivate(user: User, by: User) -> None:
    """The user may sign in again, with the role they had."""
    User.objects.filter(pk=user.pk).update(is_active=True)
    emit(UserChanged((user.pk,), "reactivated", by.pk))


@transaction.atomic
def sign_out(user: User, by: User) -> None:
    """Every session of the user ends at once."""
    _end_sessions(user)
    emit(UserChanged((user.pk,), "signed out", by.pk))


def forget_sessions() -> int:
    """Sessions that ran out go, with what was noted about their browsers (round)."""
    ran_out: int = Session.objects.filter(expire_date__lt=now()).delete()[0]
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    return ran_out + int(UserSession.objects.filter(~Exists(alive)).delete()[0])


def forget_invitations() -> int:
    """Invitations go a month after their link ran out, accepted or not (round)."""
    return Invitation.objects.filter(expires_at__lt=now() - timedelta(days=30)).delete()[0]


def end_session(user: User, session_id: int) -> None:
    """One of the user's own sessions ends; somebody else's is left alone."""
    for session in UserSession.objects.filter(user=user, pk=session_id):
        session.end()


@transaction.atomic
def save_profile(user: User, name: str, language: str, theme: str) -> None:
    """How the user is called and what the desk looks like to them."""
    User.objects.filter(pk=user.pk).update(name=name, language=language, theme=theme)
    emit(UserRenamed((user.pk,)))


def change_email(user: User, email: str) -> None:
    """The address the user signs in with; `AddressTaken` when somebody else has it, here or in a room above.

    The address so far is told: whoever takes a sign-in over would otherwise read the next mails alone.
    """
    address = email.strip().lower()
    try:
        with transaction.atomic():
            if address != user.email:
                mails.tell(user, "address")
            User.objects.filter(pk=user.pk).update(email=address)
            emit(UserRenamed((user.pk,)))
    except IntegrityError:
        raise AddressTaken from None


def sign_in_link(user: User) -> str:
    """An address that signs in as this user with one click: only in the demo, whose keys die with it."""
    if not getattr(settings, "GANZOHR_DEMO", False):
        raise RuntimeError("one-click sign-in exists in the demo only")
    return inside("accounts:demo", crypto.sign(SIGN_IN, str(user.pk)))


def demo_user(token: str) -> User | None:
    """Whom a demo link signs in; nobody outside the demo."""
    pk = crypto.unsign(SIGN_IN, token) if getattr(settings, "GANZOHR_DEMO", False) else None
    return User.objects.filter(pk=int(pk), is_active=True).first() if pk else None


def _keep_an_admin(user: User) -> None:
    admins = set(
        User.objects.select_for_update(no_key=True).filter(role=Role.ADMIN, is_active=True).values_list("pk", flat=True)
    )
    if admins == {user.pk}:
        raise LastAdmin


def _end_sessions(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()


def _mail(invitation: Invitation, token: str) -> None:
    with speak(invitation.language, mails.colleague_address()):
        values = {"invitation": invitation, "link": inside("accounts:join", token), "days": INVITATION_DAYS}
        mails.send("invitation", invitation.email, say("Your sign-in at Ganzohr"), values)
