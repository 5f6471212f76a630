"""Forms of signing in, joining, users and one's own profile."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import House, Role, User

THEMES = [("system", _("as the system")), ("light", _("light")), ("dark", _("dark"))]


def _say(form: forms.BaseForm, labels: dict[str, Any], hints: dict[str, Any] | None = None) -> None:
    for name, field in form.fields.items():
        field.label = labels.get(name, field.label)
        field.help_text = (hints or {}).get(name, "")
        field.widget.attrs.pop("placeholder", None)


class SignIn(LoginForm):  # type: ignore[misc]
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, {"login": _("Mail address"), "password": _("Password")})


class ChangePassword(ChangePasswordForm):  # type: ignore[misc]
    """The present password and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "oldpassword": _("Present password"),
            "password1": _("New password"),
            "password2": _("New password once more"),
        }
        _say(self, labels, {"password1": _("At least ten characters; a short sentence is good.")})


class FirstPassword(SetPasswordForm):  # type: ignore[misc]
    """A password for somebody who came in without one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"password1": _("New password"), "password2": _("New password once more")}
        _say(self, labels, {"password1": _("At least ten characters; a short sentence is good.")})


class ForgotPassword(ResetPasswordForm):  # type: ignore[misc]
    """Where the link goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, {"email": _("Mail address")})


class NewPassword(ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password by the link in a mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"password1": _("New password"), "password2": _("New password once more")}
        _say(self, labels, {"password1": _("At least ten characters; a short sentence is good.")})


class Reauthenticate(ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, {"password": _("Password")})


class JoinForm(forms.Form):
    """Name and password of somebody who was invited."""

    name = forms.CharField(label=_("Your name"), max_length=160, widget=forms.TextInput({"autocomplete": "name"}))
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least ten characters; a short sentence is good."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("Password once more"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    email_in_use = ""

    def clean(self) -> dict[str, Any]:
        """Both the same, and good enough."""
        data = super().clean() or {}
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords are not the same."))
        elif first:
            self._check(first, data)
        return data

    def _check(self, password: str, data: dict[str, Any]) -> None:
        somebody = User(email=data.get("email") or self.email_in_use, name=data.get("name", ""))
        try:
            validate_password(password, somebody)
        except ValidationError as error:
            self.add_error("password1", error)


class StartForm(JoinForm):
    """The first admin."""

    email = forms.EmailField(
        label=_("Your mail address"),
        help_text=_("You sign in with it."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    language = forms.ChoiceField(label=_("Language of your desk"), choices=settings.LANGUAGES)
    field_order = ["name", "email", "language", "password1", "password2"]  # noqa: RUF012


class UserForm(forms.Form):
    """What an admin decides about a user."""

    email = forms.EmailField(label=_("Mail address"), help_text=_("The user signs in with it."))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    house = forms.ChoiceField(label=_("Area"), choices=House.choices)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        self.initial = {"email": user.email, "role": user.role, "house": user.house}

    def clean_email(self) -> str:
        """Nobody else's."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email=email).exclude(pk=self.user.pk).exists():
            raise ValidationError(_("Somebody else signs in with this address."))
        return email


class ProfileForm(forms.Form):
    """How somebody is called and what the desk looks like to them."""

    name = forms.CharField(label=_("Your name"), max_length=160, widget=forms.TextInput({"autocomplete": "name"}))
    language = forms.ChoiceField(
        label=_("Language of your desk"),
        choices=settings.LANGUAGES,
        help_text=_("Candidates are answered in theirs, whatever you choose here."),
    )
    theme = forms.ChoiceField(label=_("Appearance"), choices=THEMES, widget=forms.RadioSelect)
