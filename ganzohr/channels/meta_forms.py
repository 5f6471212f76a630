"""What one types to connect an app, a page and a number. Secrets and tokens are never shown again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

ID = RegexValidator(r"\A[0-9]{5,30}\Z", _("This is a long number without spaces; neither the phone number nor a name."))


def _secret(label: Any, help_text: Any, most: int = 600) -> forms.CharField:
    widget = forms.PasswordInput({"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, help_text=help_text, max_length=most, min_length=8, widget=widget)


class SecretForm(forms.Form):
    """One secret of the app."""

    secret = _secret(_("App secret"), _("At Meta: App, Settings, Basic. Kept encrypted and never shown again."), 200)


class AppForm(SecretForm):
    """The app as colleagues call it, and its first secret."""

    name = forms.CharField(
        label=_("Name of the app"), max_length=120, help_text=_("As it is called at Meta, so that you find it again.")
    )
    field_order = ("name", "secret")


class TokenForm(forms.Form):
    """An access token."""

    token = _secret(
        _("Access token"), _("That of a system user which never runs out. Kept encrypted and never shown again.")
    )


class NumberForm(TokenForm):
    """A number by the ids it has at the platform."""

    phone_number_id = forms.CharField(
        label=_("Phone number ID"), validators=[ID], help_text=_("At Meta: WhatsApp, API setup.")
    )
    waba_id = forms.CharField(
        label=_("WhatsApp Business Account ID"), validators=[ID], help_text=_("Right below the phone number ID.")
    )
    field_order = ("phone_number_id", "waba_id", "token")
