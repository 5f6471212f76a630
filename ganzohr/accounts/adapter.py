"""How allauth signs people in here: nobody signs up alone, mails speak the reader's language, words are ours."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import User
from ganzohr.core.addresses import inside

SILENT = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}


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
        """Coming and going needs no words."""
        if message_template not in SILENT:
            super().add_message(request, level, message_template, *args, **kwargs)
