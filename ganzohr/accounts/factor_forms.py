"""Forms of second factors."""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ganzohr.accounts.models import Role

TOGETHER = 4  # letters of the secret in a group
SPENT = 120  # seconds a code of an app could still be typed again


class _Once:
    """A code of an app works once, also while its neighbours in time are accepted."""

    user: Any
    authenticator: Any

    def clean_code(self) -> str:
        """A code nobody used before."""
        code = str(super().clean_code())  # type: ignore[misc]
        digits = hashlib.sha256("".join(code.split()).encode()).hexdigest()
        if self.authenticator.type == "totp" and not cache.add(f"spent:{self.user.pk}:{digits}", 1, SPENT):
            raise get_adapter().validation_error("incorrect_code")
        return code


def _code(form: forms.BaseForm, label: Any, hint: Any, mode: str = "text") -> None:
    field = form.fields["code"]
    field.label, field.help_text = label, hint
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= {"inputmode": mode, "autofocus": True}


class SecondStep(_Once, AuthenticateForm):  # type: ignore[misc]
    """The code after the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self, _("Code"), _("Six digits from your app, or one of your recovery codes."), "numeric")


class CodeAgain(_Once, ReauthenticateForm):  # type: ignore[misc]
    """A code once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self, _("Code"), _("Six digits from your app, or one of your recovery codes."), "numeric")


class NewApp(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self, _("Code from the app"), _("Six digits; they change every 30 seconds."), "numeric")

    @property
    def said(self) -> str:
        """The secret as one would read it to somebody."""
        return " ".join(self.secret[at : at + TOGETHER] for at in range(0, len(self.secret), TOGETHER))


class NewPasskey(AddWebAuthnForm):  # type: ignore[misc]
    """A name for a passkey, and whether it signs in alone."""

    passwordless = forms.BooleanField(
        label=_("Sign in with it alone, without a password"),
        help_text=_("The device then asks for your finger, your face or a PIN."),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _named(self)


class PasskeyName(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _named(self)


def _named(form: forms.BaseForm) -> None:
    field = form.fields["name"]
    assert isinstance(field, forms.CharField)
    field.label, field.help_text = _("Name"), _("So that you know it again, for example: my phone.")
    field.max_length = 60
    field.widget.attrs["maxlength"] = 60


class RulesForm(forms.Form):
    """Which roles need a second factor; beside each role how many people have none."""

    roles = forms.MultipleChoiceField(label=_("Roles"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, without: dict[str, int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = self.fields["roles"]
        assert isinstance(roles, forms.MultipleChoiceField)
        roles.choices = [(role.value, _beside(role, without.get(role, 0))) for role in Role]


def _beside(role: Role, people: int) -> str:
    if not people:
        return str(role.label)
    words = ngettext("%(people)s person without one", "%(people)s people without one", people)
    return f"{role.label} · {words % {'people': people}}"
