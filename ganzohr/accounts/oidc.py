"""Who may come in by the employer's own sign-in: known and invited people, newcomers only if a setting says so."""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from ganzohr.accounts.events import UserChanged, UserJoined
from ganzohr.accounts.models import Invitation, Role, User
from ganzohr.core.events import emit
from ganzohr.core.times import now
from ganzohr.ui.pages import page


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Matches whom the provider vouches for with a user of the desk, by a verified address."""

    def get_requests_session(self) -> Any:
        """Calls to the provider pass our guard."""
        from ganzohr.accounts import calls  # slow to load, and not needed to start

        return calls.session()

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Go on with the user this is, or refuse in words."""
        claims = sociallogin.account.get_provider_account().get_user_data() or {}
        email = verified(claims)
        user = None
        if sociallogin.state.get("process") == "login" and domain_may(email):
            user = sociallogin.user if sociallogin.is_existing else someone(email, str(claims.get("name") or ""))
        if user is None:
            raise ImmediateHttpResponse(page(request, "accounts/not_invited.html", {"email": email}, status=403))
        if not sociallogin.is_existing:
            sociallogin.connect(request, user)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody signs up alone."""
        return False


def verified(claims: dict[str, Any]) -> str:
    """The address the provider vouches for, or nothing."""
    said = claims.get("email_verified")
    good = said is True or str(said).lower() == "true" or (said is None and settings.OIDC_TRUST_MAIL)
    return str(claims.get("email") or "").strip().lower() if good else ""


def domain_may(email: str) -> bool:
    """Whether addresses of this domain may come in by the provider."""
    return bool(email) and (not settings.OIDC_DOMAINS or email.rpartition("@")[2] in settings.OIDC_DOMAINS)


@transaction.atomic
def someone(email: str, name: str) -> User | None:
    """The user with this address; made now from an invitation, or as a reader where newcomers may come."""
    user = User.objects.filter(email=email).first()
    if user:
        emit(UserChanged((user.pk,), "linked a sign-in", user.pk))
        return user
    waiting = Invitation.objects.select_for_update(no_key=True).filter(email=email, accepted_at=None, revoked_at=None)
    invitation = waiting.filter(expires_at__gt=now()).first()
    if invitation is None:
        return _newcomer(email, name)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=now())
    name = invitation.name or name[:160]
    same = {"role": invitation.role, "house": invitation.house, "language": invitation.language}
    user = User.objects.create_user(email, name=name, **same)
    emit(UserJoined((user.pk,), (invitation.pk,)))
    return user


def _newcomer(email: str, name: str) -> User | None:
    """A reader, where the settings let everybody of a domain in; never the first user, who becomes admin."""
    if settings.OIDC_NEWCOMERS != "domains" or not User.objects.exists():
        return None
    user = User.objects.create_user(email, name=name[:160], role=Role.READER, language=settings.LANGUAGE_CODE)
    emit(UserJoined((user.pk,)))
    return user
