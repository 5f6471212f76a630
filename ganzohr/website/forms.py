"""What visitors and managers may fill in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify
from django.utils.translation import gettext, gettext_lazy

from ganzohr.channels.connectors.base import IncomingFile
from ganzohr.channels.connectors.website.letter import MAX_TEXT
from ganzohr.channels.models import Channel
from ganzohr.core.words import say
from ganzohr.directory.models import OpeningHours
from ganzohr.inbox import files as checks
from ganzohr.website import limits
from ganzohr.website.setup import origin, source_code

TOKEN = re.compile(r"[\w-]{43}", re.ASCII)
ID = re.compile(r"[\w-]{8,60}", re.ASCII)
OPENED = frozenset({
    "application/pdf", "image/jpeg", "image/png", "image/webp",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.oasis.opendocument.text",
})  # fmt: skip


class Files(forms.FileField):
    """Several files from one field, each checked by its bytes."""

    widget = forms.FileInput

    def clean(self, data: Any, initial: Any = None) -> list[IncomingFile]:
        """The files as they will be stored; wrong ones are named."""
        uploads: Sequence[UploadedFile[Any]] = [one for one in data or [] if one and one.name]
        if len(uploads) > limits.MAX_FILES:
            raise forms.ValidationError(say("Please attach at most %(count)s files.", count=limits.MAX_FILES))
        return [self._checked(upload) for upload in uploads]

    def _checked(self, upload: UploadedFile[Any]) -> IncomingFile:
        name = upload.name or "file"
        content = upload.read() if (upload.size or 0) <= limits.MAX_FILE else b""
        found = checks.check(name, content)
        if not content or found.problem or found.content_type not in OPENED:
            wrong = say("This file is too big or of a kind we cannot open: %(name)s", name=found.name)
            raise forms.ValidationError(wrong, code="bad_file")
        return IncomingFile(found.name, found.content_type, content)


class SeveralFiles(forms.FileInput):
    """An input that hands over all files chosen."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile[Any]]:
        """Every file of the field."""
        return list(files.getlist(name)) if hasattr(files, "getlist") else []


class LetterForm(forms.Form):
    """What a visitor writes; from the widget, the plain page and the private page alike."""

    text = forms.CharField(max_length=MAX_TEXT, required=False, strip=True)
    name = forms.CharField(max_length=160, required=False)
    mail_address = forms.EmailField(max_length=254, required=False)
    attached = Files(required=False, widget=SeveralFiles)
    token = forms.RegexField(TOKEN, required=False)
    id = forms.RegexField(ID)
    source = forms.CharField(required=False)
    page = forms.CharField(required=False)
    consent = forms.CharField(required=False)
    consent_version = forms.CharField(required=False)

    def __init__(self, *args: Any, consent_version: str, **kwargs: Any) -> None:
        """`consent_version`: which words must have been agreed to; '' when they were before."""
        super().__init__(*args, **kwargs)
        self.words_version = consent_version
        self.fields["mail_address"].error_messages["invalid"] = say("This does not look like a mail address.")
        long = say("This is too long: at most %(count)s characters.", count=MAX_TEXT)
        self.fields["text"].error_messages["max_length"] = long

    def clean_source(self) -> str:
        """A code as we keep it, or nothing."""
        return source_code(self.cleaned_data["source"])

    def clean_page(self) -> str:
        """The address of the page without query and fragment, which may hold anything."""
        return re.split(r"[?#]", str(self.cleaned_data["page"]))[0][:1000]

    def clean(self) -> dict[str, Any]:
        """Words or a file, and the consent where it is asked for."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not values.get("text") and not values.get("attached") and not {"text", "attached"} & set(self.errors):
            self.add_error("text", forms.ValidationError(say("Please write something first."), code="empty"))
        agreed = values.get("consent_version") if values.get("consent") else None
        if self.words_version and agreed != self.words_version:
            wrong = say("Please agree first, so that we may read and answer this.")
            self.add_error("consent", forms.ValidationError(wrong, code="consent"))
        return values


class AddressForm(forms.Form):
    """A mail address left, or taken away."""

    mail_address = forms.EmailField(max_length=254, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mail_address"].error_messages["invalid"] = say("This does not look like a mail address.")


class SourceForm(forms.Form):
    """A named way in."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    code = forms.CharField(label=gettext_lazy("Code in the link"), max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        """The code, made from the name where none was given."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        code = slugify(values.get("code") or values.get("name") or "")[:60].strip("-")
        if values.get("name") and not code:
            self.add_error("code", gettext("Please use letters, digits and dashes."))
        return {**values, "code": code}


WANTED = gettext_lazy("Whoever agrees must be able to read what happens to their words. Enter the address here.")


class EmployerForm(forms.Form):
    """What visitors must know before they agree: who stores their words, and where it says what happens to them."""

    title = forms.CharField(
        label=gettext_lazy("Name of the employer"),
        help_text=gettext_lazy("Visitors agree that this name stores and reads what they write."),
        max_length=80,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    privacy_url = forms.URLField(
        label=gettext_lazy("Address of your privacy page"),
        help_text=gettext_lazy("Stands beside the consent, for everybody who wants to read more."),
        error_messages={"required": WANTED},
        max_length=1000,
        assume_scheme="https",
        widget=forms.URLInput({"placeholder": "https://"}),
    )
    without_privacy = forms.BooleanField(
        label=gettext_lazy("We have none yet"),
        help_text=gettext_lazy("The chat works, and its card says until then that the privacy page is missing."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["privacy_url"].required = not self["without_privacy"].value()

    def clean(self) -> dict[str, Any]:
        """A privacy page, or the word that there is none yet; whoever has one has no need of that word."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        values["without_privacy"] = not values.get("privacy_url")
        return values


class ConnectForm(EmployerForm):
    """The few things a new website needs before anybody can write there."""

    website = forms.URLField(
        label=gettext_lazy("Website the chat will stand on"),
        help_text=gettext_lazy("Left empty, that of the privacy page. More can follow; no other website can use it."),
        required=False,
        max_length=1000,
        assume_scheme="https",
        widget=forms.URLInput({"placeholder": "https://"}),
    )
    hours = forms.ModelChoiceField(
        OpeningHours.objects.none(),
        label=gettext_lazy("When somebody answers"),
        help_text=gettext_lazy("People are told until when they have an answer; only these hours count."),
        required=False,
        empty_label=gettext_lazy("Monday to Friday, 8:00 to 17:00, as long as you enter no hours"),
    )
    address = forms.ChoiceField(
        label=gettext_lazy("How you address people here"),
        choices=Channel.Address.choices,
        initial=Channel.Address.INFORMAL,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hours"].queryset = OpeningHours.objects.all()  # type: ignore[attr-defined]

    def settings(self) -> dict[str, Any]:
        """The settings of the new channel."""
        values = self.cleaned_data
        where = origin(values["website"] or values["privacy_url"])
        kept = {name: values[name] for name in ("title", "privacy_url", "without_privacy")}
        return {**kept, "origins": [where] if where else []}


class SetupForm(EmployerForm):
    """The settings of a website channel."""

    origins = forms.CharField(
        label=gettext_lazy("Websites that may show the widget"),
        help_text=gettext_lazy("One address a line, such as https://www.example.org. No other website can use it."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
    )
    link_days = forms.IntegerField(
        label=gettext_lazy("Private links work this many days after the last message"), min_value=1, max_value=730
    )

    def clean_origins(self) -> list[str]:
        """One origin per line, each once."""
        lines = [line.strip() for line in str(self.cleaned_data["origins"]).splitlines() if line.strip()]
        for line in lines:
            if not origin(line):
                raise forms.ValidationError(gettext("This is not a web address: %(line)s") % {"line": line})
        return list(dict.fromkeys(origin(line) for line in lines))
