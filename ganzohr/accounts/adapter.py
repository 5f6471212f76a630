"""How allauth signs people in here: nobody signs up alone, mails speak the reader's language, words are ours."""

from __future__ import annotations

import io
from typing import Any, ClassVar

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts import factors
from ganzohr.accounts.models import User
from ganzohr.core import crypto
from ganzohr.core.addresses import inside

SILENT = {
    "account/messages/logged_in.txt",
    "account/messages/logged_out.txt",
    "mfa/messages/recovery_codes_generated.txt",  # the page that shows them says it
}
ISSUER = "Ganzohr"


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in for invited people only."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This sign-in was switched off. Ask whoever runs Ganzohr in your house."),
        "email_password_mismatch": _("Address and password do not fit together."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_password": _("This is not your password."),
        "invalid_password_reset": _("This link was used before or is too old. Ask for a new one."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, or set a new password by mail."),
        "rate_limited": _("That was too often in a short time. Wait a minute."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only by the set-up link or an invitation."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of whoever gets it; leaves through the outbox like everything else."""
        reader = context.get("user") or User.objects.filter(email__iexact=email).first()
        with translation.override(reader.language if reader else translation.get_language()):
            message = self.render_mail(template_prefix, email, context)
        message.send()

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The desk's own address, whatever host the request named."""
        uid, _, secret = key.partition("-")
        return inside("account_reset_password_from_key", uidb36=uid, key=secret)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Coming and going needs no words, nor what the next page says anyway."""
        if message_template not in SILENT:
            super().add_message(request, level, message_template, *args, **kwargs)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count it, for the admin's page; neither the address nor the password is kept."""
        email = str(credentials.get("email", "")).strip().lower()
        factors.count_failure(User.objects.filter(email=email).first())

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Whether this is the user's own password; limited like signing in."""
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: secrets encrypted, the picture drawn here, the last one kept where a role needs one."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _("Your role needs a second factor. Add another one before you remove this."),
        "cannot_generate_recovery_codes": _("Set up an app or a passkey first."),
        "incorrect_code": _("This did not fit. Codes change every 30 seconds, and each works once."),
    }

    def get_totp_issuer(self) -> str:
        """How the app calls this desk."""
        return ISSUER

    def build_totp_svg(self, url: str) -> str:
        """The QR code, dark on white also where the page is dark."""
        picture = io.BytesIO()
        segno.make(url, error="m").save(picture, kind="svg", xmldecl=False, scale=5, border=3, light="#fff")
        return picture.getvalue().decode()

    def encrypt(self, text: str) -> str:
        """As everything secret in the database."""
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Back again."""
        return crypto.decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Not the last one, where the role needs one."""
        return not factors.is_last(authenticator)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """What a passkey is called until somebody names it."""
        return gettext("This device")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The desk, to a passkey: it belongs to the host name of the inner address."""
        return {**super().get_public_key_credential_rp_entity(), "name": ISSUER}
