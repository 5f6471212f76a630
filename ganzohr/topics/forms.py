"""Forms about topics."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ganzohr.directory.fields import ColleagueField
from ganzohr.directory.models import Colleague, Site
from ganzohr.topics.models import Topic
from ganzohr.topics.promises import USUAL, in_words

LANGUAGES = settings.LANGUAGES
LONGEST_EXAMPLE = 400


class CatalogueForm(forms.Form):
    """In which languages candidates write."""

    languages = forms.MultipleChoiceField(
        label=_("Languages candidates write in"), choices=LANGUAGES, widget=forms.CheckboxSelectMultiple
    )


class NewcomerForm(forms.Form):
    """A form that names colleagues and takes somebody nobody here knows yet: the name stands there, a mail address
    beside it is enough. `newcomers` holds them after cleaning, by field: name and address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.newcomers: dict[str, tuple[str, str]] = {}
        for name in self._people():
            self.fields[f"{name}_mail"] = forms.EmailField(
                label=_("Mail address of the new colleague"),
                help_text=_(
                    "Not here yet? With a mail address the name above is entered as a new colleague. "
                    "Or choose one of the suggestions."
                ),
                required=False,
                max_length=254,
            )

    def _people(self) -> list[str]:
        return [name for name, field in self.fields.items() if isinstance(field, ColleagueField)]

    def clean(self) -> dict[str, Any]:
        """A name nobody here has, with a mail address, is somebody new."""
        data = super().clean() or {}
        for name in self._people():
            mail = str(data.get(f"{name}_mail") or "").strip().lower()
            if mail and self.is_unknown(name):
                self._welcome(name, mail)
        return data

    def is_unknown(self, name: str) -> bool:
        """The field names somebody nobody here is called."""
        return any(error.code == "nobody" for error in self.errors.as_data().get(name, []))

    def _welcome(self, name: str, mail: str) -> None:
        same = Colleague.objects.here().filter(email__iexact=mail).first()
        if same:
            self.add_error(f"{name}_mail", _("%(name)s has this address already.") % {"name": same.name})
            return
        self.newcomers[name] = (" ".join(self[name].data.split())[:160], mail)
        del self.errors[name]

    def unknown(self) -> list[forms.BoundField]:
        """The fields that ask for the mail address of somebody new."""
        return [self[f"{name}_mail"] for name in self._people() if self.is_bound and self.is_unknown(name)]


class NewTopicForm(NewcomerForm):
    """A topic in one language; the other languages follow on its page."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("As a candidate would call it: Housing, Uniforms.")
    )
    description = forms.CharField(
        label=_("What belongs to it"),
        max_length=600,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Words candidates use, separated by commas. The desk learns from them."),
    )
    responsible = ColleagueField(label=_("Who answers"), required=False)


class TextsForm(forms.Form):
    """What a topic is called in one language."""

    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    description = forms.CharField(
        label=_("What belongs to it"),
        max_length=600,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Words candidates use, separated by commas. The desk learns from them."),
    )
    note = forms.CharField(
        label=_("Emergency note"),
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Shown to you above such a question, when people might write here instead of calling for help."),
    )

    def __init__(self, *args: Any, topic: Topic, language: str, **kwargs: Any) -> None:
        given = (topic.names, topic.descriptions, topic.emergency_note)
        initial = {
            name: texts.get(language, "") for name, texts in zip(("name", "description", "note"), given, strict=True)
        }
        super().__init__(*args, **{"initial": initial, **kwargs})
        self.others = [name for other, name in topic.names.items() if other != language and name]

    def clean_name(self) -> str:
        """One name in one language must stay."""
        name = str(self.cleaned_data["name"]).strip()
        if not name and not self.others:
            raise forms.ValidationError(_("A topic needs a name in at least one language."))
        return name


class PostForm(NewcomerForm):
    """Who answers, and who stands in."""

    responsible = ColleagueField(label=_("Who answers"), required=False)
    deputy = ColleagueField(
        label=_("Deputy"), required=False, help_text=_("Empty: the deputy the colleague has anyway.")
    )

    def clean(self) -> dict[str, Any]:
        """Nobody stands in for themselves, and a deputy needs somebody to stand in for."""
        data = super().clean() or {}
        colleague, deputy = data.get("responsible"), data.get("deputy")
        if deputy and deputy == colleague:
            self.add_error("deputy", _("Nobody can stand in for themselves."))
        if deputy and not colleague and "responsible" not in {*self.errors, *self.newcomers}:
            self.add_error("responsible", _("Say first who answers."))
        return data


class SitePostForm(PostForm):
    """Who answers at one site, where that differs; left empty: nobody does."""

    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"), empty_label=None)
    field_order = ("site", "responsible", "deputy")

    def __init__(self, *args: Any, sites: list[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.filter(pk__in=[site.pk for site in sites])  # type: ignore[attr-defined]


class PromiseForm(forms.Form):
    """By when an answer is promised."""

    minutes = forms.TypedChoiceField(label=_("We promise an answer within"), coerce=int)

    def __init__(self, *args: Any, minutes: int, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"minutes": minutes}, **kwargs})
        choices = [(one, in_words(one)) for one in sorted({*USUAL, minutes})]
        self.fields["minutes"].choices = choices  # type: ignore[attr-defined]


class ExamplesForm(forms.Form):
    """Questions as candidates write them, one a line."""

    texts = forms.CharField(
        label=_("Questions as people write them"),
        max_length=20_000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("One a line, typing errors welcome."),
    )

    def clean_texts(self) -> list[str]:
        """The lines, without empty ones."""
        lines = [line.strip()[:LONGEST_EXAMPLE] for line in str(self.cleaned_data["texts"]).splitlines()]
        return [line for line in lines if line]


class BringForm(forms.Form):
    """A file, or cells pasted from a spreadsheet."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        help_text=_("Excel (.xlsx) or .csv, as it is. Title rows, merged headers and empty rows do not matter."),
        widget=forms.FileInput({"accept": ".xlsx,.csv,.tsv,.txt"}),
    )
    cells = forms.CharField(
        label=_("Or pasted cells"),
        required=False,
        strip=False,
        max_length=3_000_000,
        help_text=_("Select the table in Excel with its header, copy it, paste it here."),
        widget=forms.Textarea({"rows": 14, "class": "sheet__paste", "spellcheck": "false", "wrap": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """One of the two is needed."""
        data = super().clean() or {}
        if not data.get("file") and not str(data.get("cells") or "").strip() and not self.errors:
            raise forms.ValidationError(_("Choose a file or paste some cells."))
        return data
