"""What one types about channels, mailboxes and things copied in by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import User
from ganzohr.channels import holds, networks
from ganzohr.channels.connectors.hand.entry import NETWORKS, Entry
from ganzohr.channels.models import Channel, Hold
from ganzohr.core import times
from ganzohr.directory.models import OpeningHours, Site, sites_of

SECURITY = [("tls", _("TLS from the start")), ("starttls", "STARTTLS"), ("none", _("none (this machine only)"))]
AUTH = [
    ("password", _("with a password")),
    ("microsoft", _("by signing in at Microsoft 365")),
    ("google", _("by signing in at Google")),
]


def web_address(text: str) -> str:
    """The text as an http or https address with a host; `instagram.com/p/abc` gets its `https://`. Empty stays empty.

    Raises in words otherwise.
    """
    text = networks.completed(text)
    try:
        parts = urlsplit(text)
        good = not text or (parts.scheme in {"http", "https"} and bool(parts.hostname) and text.isprintable())
    except ValueError:
        good = False
    if not good:
        raise ValidationError(_("This is no address of a web page, such as instagram.com/p/abc."))
    return text


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    """What every channel has, whatever its network."""

    languages = forms.MultipleChoiceField(
        label=_("Languages people write here"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    standing_de = forms.CharField(
        label=_("In German"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2})
    )
    standing_en = forms.CharField(
        label=_("In English"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2})
    )
    standing_nl = forms.CharField(
        label=_("In Dutch"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2})
    )

    class Meta:
        model = Channel
        fields = ("name", "purpose", "site", "hours", "languages", "address", "signature")
        widgets = {  # noqa: RUF012
            "purpose": forms.Textarea({"rows": 2}),
            "address": forms.RadioSelect,
            "signature": forms.RadioSelect,
        }
        labels = {"site": _("Site"), "hours": _("Hours")}  # noqa: RUF012
        help_texts = {  # noqa: RUF012
            "name": _("As colleagues call it."),
            "purpose": _("One sentence. Every colleague who is asked something from here reads it with the question."),
            "site": _("Only if this channel belongs to one site; whoever is limited to other sites does not see it."),
            "hours": _("When somebody answers here; out of hours people are told when."),
            "address": _("How everything from here speaks to people: automatic words, the chat window, the checks."),
        }

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_limited = sites_of(user) is not None
        self.fields["site"].required = is_limited
        self.fields["site"].queryset = Site.objects.visible_to(user).in_use()  # type: ignore[attr-defined]
        self.fields["site"].empty_label = None if is_limited else _("all sites")  # type: ignore[attr-defined]
        self.fields["hours"].queryset = OpeningHours.objects.all()  # type: ignore[attr-defined]
        self.fields["hours"].empty_label = _("those of the site, else Monday to Friday, 8:00 to 17:00")  # type: ignore[attr-defined]
        for code in ("de", "en", "nl"):
            self.fields[f"standing_{code}"].initial = self.instance.standing_answer.get(code, "")

    def values(self) -> dict[str, Any]:
        """The columns as they were typed, checked."""
        data = dict(self.cleaned_data)
        standing = {code: data.pop(f"standing_{code}").strip() for code in ("de", "en", "nl")}
        return {**data, "standing_answer": {code: text for code, text in standing.items() if text}}


class NewMailForm(forms.Form):
    """The one thing we need to guess the rest."""

    address = forms.EmailField(
        label=_("Mail address"),
        help_text=_("People write to it, and answers come from it."),
        widget=forms.EmailInput({"autocomplete": "off"}),
    )


class MailForm(forms.Form):
    """Servers and sign-in of a mailbox."""

    address = forms.EmailField(label=_("Mail address"))
    from_name = forms.CharField(
        label=_("Name shown to recipients"),
        max_length=120,
        required=False,
        help_text=_("For example “Career team Seligenbach”."),
    )
    auth = forms.ChoiceField(label=_("We sign in"), choices=AUTH, widget=forms.RadioSelect)
    user = forms.CharField(label=_("User name"), max_length=200, help_text=_("Mostly the address itself."))
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=_("Kept encrypted. Many providers want an app password here."),
    )
    imap_host = forms.CharField(label=_("Server for reading (IMAP)"), max_length=200)
    imap_port = forms.IntegerField(label=_("Port for reading"), min_value=1, max_value=65535)
    imap_security = forms.ChoiceField(label=_("Encryption for reading"), choices=SECURITY)
    imap_folder = forms.CharField(label=_("Folder"), max_length=200, initial="INBOX")
    smtp_host = forms.CharField(label=_("Server for writing (SMTP)"), max_length=200)
    smtp_port = forms.IntegerField(label=_("Port for writing"), min_value=1, max_value=65535)
    smtp_security = forms.ChoiceField(label=_("Encryption for writing"), choices=SECURITY)
    plus = forms.BooleanField(
        label=_("The mailbox takes plus addresses"),
        required=False,
        initial=True,
        help_text=_("Mails to name+something@ arrive. If not, replies are recognised by a short mark in the subject."),
    )
    tenant = forms.CharField(label=_("Tenant at Microsoft"), max_length=120, required=False, initial="common")
    client_id = forms.CharField(label=_("Application id"), max_length=200, required=False)
    client_secret = forms.CharField(
        label=_("Application secret"),
        max_length=300,
        required=False,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )
    more = ("imap_host", "imap_port", "imap_security", "imap_folder", "smtp_host", "smtp_port", "smtp_security", "plus")
    app = ("tenant", "client_id", "client_secret")
    goes_to = ("auth", "user", "imap_host", "imap_security", "smtp_host", "smtp_security", "tenant", "client_id")

    def __init__(self, *args: Any, has_password: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_password = has_password
        if has_password:
            self.fields["password"].help_text = _("Left empty, the present one stays.")

    @classmethod
    def initial_of(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """What stands in the fields for these settings."""
        return {**values, "plus": values.get("plus", "+") == "+", "imap_folder": values.get("imap_folder") or "INBOX"}

    def clean(self) -> dict[str, Any]:
        """Signing in at a provider needs an application there."""
        data = super().clean() or {}
        if data.get("auth") in ("microsoft", "google") and not data.get("client_id"):
            self.add_error("client_id", _("Your IT department registers this desk once and gives you its id."))
        if self.has_password and self.goes_elsewhere and data.get("auth") == "password" and not data.get("password"):
            self.add_error("password", _("Server or user changed. Type the password again, it is not sent elsewhere."))
        return data

    @property
    def goes_elsewhere(self) -> bool:
        """Whether secrets would be shown to another server or used for another user than so far."""
        return any(name in self.changed_data for name in self.goes_to)

    def settings(self) -> dict[str, Any]:
        """Plain settings for the connector."""
        plain = {name: value for name, value in self.cleaned_data.items() if name not in ("password", "client_secret")}
        return {**plain, "plus": "+" if plain["plus"] else ""}

    def secrets(self) -> dict[str, str]:
        """Secrets that were typed now."""
        typed = {name: self.cleaned_data.get(name) or "" for name in ("password", "client_secret")}
        return {name: value for name, value in typed.items() if value}

    def basic_fields(self) -> list[forms.BoundField]:
        """What everybody fills in."""
        return [self[name] for name in self.fields if name not in (*self.more, *self.app)]

    def more_fields(self) -> list[forms.BoundField]:
        """What was guessed."""
        return [self[name] for name in self.more]

    def app_fields(self) -> list[forms.BoundField]:
        """What only a sign-in at a provider needs."""
        return [self[name] for name in self.app]


class HandForm(forms.Form):
    """One comment or message copied from a network."""

    channel = forms.ModelChoiceField(Channel.objects.none(), label=_("Channel"), empty_label=None)
    network = forms.ChoiceField(label=_("Network"), choices=[(name, networks.NAMES[name]) for name in NETWORKS])
    is_public = forms.ChoiceField(
        label=_("Who can read it"),
        choices=[("yes", _("Everybody: a comment")), ("no", _("Only we: a message"))],
        initial="yes",
        widget=forms.RadioSelect,
    )
    text = forms.CharField(label=_("What was written"), max_length=20_000, widget=forms.Textarea({"rows": 4}))
    name = forms.CharField(
        label=_("Who wrote it"),
        max_length=160,
        required=False,
        help_text=_("With @ if it is a handle; then the next message is known to be from the same person."),
    )
    link = forms.CharField(
        label=_("Link to it"), max_length=1000, required=False, widget=forms.URLInput({"placeholder": "https://"}),
        help_text=_("You will open it again to post the answer."),
    )  # fmt: skip
    post_text = forms.CharField(
        label=_("The post it stands under"), max_length=2000, required=False, widget=forms.Textarea({"rows": 2})
    )
    post_link = forms.CharField(
        label=_("Link to that post"),
        max_length=1000,
        required=False,
        widget=forms.URLInput({"placeholder": "https://"}),
    )
    written_at = forms.CharField(
        label=_("When it was written"), required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
        help_text=_("Left empty: now."),
    )  # fmt: skip
    person = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    def __init__(self, channels: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].queryset = channels  # type: ignore[attr-defined]
        if len(channels) == 1:
            self.fields["channel"].widget = forms.HiddenInput()
            self.initial.setdefault("channel", channels[0].pk)

    def clean_link(self) -> str:
        """Only web addresses are ever opened."""
        return web_address(self.cleaned_data["link"])

    def clean_post_link(self) -> str:
        """As above."""
        return web_address(self.cleaned_data["post_link"])

    def clean_written_at(self) -> str:
        """Local wall time becomes a moment with its zone; never later than now."""
        now = times.now()
        typed = self.cleaned_data["written_at"].strip()
        if not typed:
            return now.isoformat()
        try:
            at = dt.datetime.fromisoformat(typed)
        except ValueError:
            raise ValidationError(_("Please write it like 21.11.2026, 21:40.")) from None
        at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
        return min(at.astimezone(dt.UTC), now).isoformat()

    def clean(self) -> dict[str, Any]:
        """A link that leads to a network we know says which one it is."""
        data = super().clean() or {}
        data["network"] = networks.network_of(data.get("link") or data.get("post_link") or "") or data.get("network")
        return data

    def entry(self) -> Entry:
        """The entry as it is stored."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in ("channel", "is_public")}
        return Entry(is_public=self.cleaned_data["is_public"] == "yes", **data)


class PostedForm(forms.Form):
    """Where a person posted it."""

    permalink = forms.CharField(
        label=_("Link to your posted answer"),
        max_length=300,
        required=False,
        widget=forms.URLInput({"placeholder": "https://"}),
    )

    def clean_permalink(self) -> str:
        """Only web addresses."""
        return web_address(self.cleaned_data["permalink"])


class HoldForm(forms.Form):
    """What shall stay here, and why."""

    what = forms.ChoiceField(label=_("What shall stay here?"))
    why = forms.CharField(
        label=_("Why?"),
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Colleagues read it beside everything that waits."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channels = {f"channel:{one.pk}": one for one in Channel.objects.visible_to(user)}
        self.sites = {f"site:{one.pk}": one for one in Site.objects.visible_to(user)}
        places = [
            (_("One channel"), [(key, one.name) for key, one in self.channels.items()]),
            (_("One site"), [(key, one.name) for key, one in self.sites.items()]),
        ]
        kinds = [(f"kind:{key}", name) for key, name in holds.kinds().items()]
        whole = [*Hold.Scope.choices[:2], (_("One kind"), kinds)]
        choices = [] if sites_of(user) else whole
        self.fields["what"].choices = [*choices, *(place for place in places if place[1])]  # type: ignore[attr-defined]

    def named(self) -> dict[str, Any]:
        """The scope and what it names, as `channels.actions.hold` wants it."""
        what = self.cleaned_data["what"]
        scope, _colon, value = what.partition(":")
        about = {"channel": self.channels.get(what), "site": self.sites.get(what), "kind": value}.get(scope)
        return {"scope": scope, **({"value" if scope == "kind" else scope: about} if about else {})}
