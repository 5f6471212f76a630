"""What one types about a saved reply."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import User
from ganzohr.channels.connectors import KINDS
from ganzohr.directory.models import Site, sites_of
from ganzohr.knowledge import filling, placeholders
from ganzohr.knowledge.forms import TopicChoice
from ganzohr.knowledge.models import SavedReply, ShortLink
from ganzohr.topics.models import Topic

LONGEST = 5000
KIND_NAMES = {
    "website": _("Website"), "mail": _("Mail"), "hand": _("By hand"), "facebook": "Facebook", "whatsapp": "WhatsApp",
}  # fmt: skip
FORMS = (("de", "informal"), ("de", "formal"), ("nl", "informal"), ("nl", "formal"), ("en", "informal"))
LANGUAGES = {"de": _("German"), "nl": _("Dutch"), "en": _("English")}
ADDRESSES = {("de", "informal"): "du", ("de", "formal"): "Sie", ("nl", "informal"): "je", ("nl", "formal"): "u"}


def form_name(language: str, address: str) -> str:
    """`German, du`."""
    return ", ".join(filter(None, (str(LANGUAGES[language]), ADDRESSES.get((language, address), ""))))


def kind_name(kind: str) -> str:
    """What a kind of channel is called."""
    return str(KIND_NAMES.get(kind, kind))


def kinds() -> list[tuple[str, str]]:
    """Every kind of channel there is."""
    return [(kind, kind_name(kind)) for kind in KINDS]


class SavedReplyForm(forms.Form):
    """Name, topic, site, kinds of channel, and the words in each language and form of address."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("By which you find it, for example “Where is my application?”")
    )
    topic = TopicChoice(
        Topic.objects.filter(archived_at=None), label=_("Topic"), required=False, empty_label=_("any topic")
    )
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"), required=False, empty_label=_("every site"))
    kinds = forms.MultipleChoiceField(
        label=_("Made for"),
        choices=kinds,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: for every channel."),
    )

    def __init__(self, data: QueryDict | None, *, user: User, reply: SavedReply, topic: str = "") -> None:
        super().__init__(data, initial=_held(reply) or {"topic": topic})
        for language, address in FORMS:
            self.fields[f"{language}_{address}"] = _words(form_name(language, address), language)
        self._narrow(user, reply)

    def _narrow(self, user: User, reply: SavedReply) -> None:
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)
        site.queryset = Site.objects.visible_to(user).in_use()
        if sites_of(user) is not None:
            site.required, site.empty_label = True, None
        elif not site.queryset.exists():
            del self.fields["site"]

    @property
    def words(self) -> list[forms.BoundField]:
        """The fields with words."""
        return [self[f"{language}_{address}"] for language, address in FORMS]

    @property
    def facts(self) -> list[forms.BoundField]:
        """The fields that say when it is offered."""
        return [self[name] for name in ("topic", "site") if name in self.fields]

    def knows(self, revision: int) -> None:
        """The next press of the button replaces what stands there now."""
        self.data = {**self.data.dict(), "kinds": self.data.getlist("kinds"), "revision": str(revision)}  # type: ignore[attr-defined]

    def typed(self) -> dict[tuple[str, str], str]:
        """The words as they stand in the form now, also while it is not valid."""
        held = {key: self[f"{key[0]}_{key[1]}"].value() for key in FORMS}
        return {key: str(text)[:LONGEST].strip() for key, text in held.items() if text and str(text).strip()}

    def clean(self) -> dict[str, Any]:
        """Some words somewhere, and no placeholder that nobody can fill."""
        codes = _codes(self.typed().values())
        for (language, address), text in self.typed().items():
            if strange := filling.unknown(text, codes):
                self.add_error(f"{language}_{address}", _refused(strange[0]))
        if not self.typed():
            raise ValidationError(_("Write the reply in one language at least."))
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """What was chosen, without the words."""
        return {name: self.cleaned_data[name] for name in ("name", "topic", "site", "kinds") if name in self.fields}

    def texts(self) -> dict[tuple[str, str], str]:
        """The words to keep; a form of address that says the same as the other is not kept twice."""
        typed = self.typed()
        return {
            (language, address): text
            for (language, address), text in typed.items()
            if address == "informal" or typed.get((language, "informal")) != text
        }


def _held(reply: SavedReply) -> dict[str, Any]:
    if not reply.pk:
        return {}
    words = {f"{row.language}_{row.address}": row.text for row in reply.texts.all()}
    return {"revision": reply.revision, "name": reply.name, "topic": reply.topic_id, "site": reply.site_id,
            "kinds": reply.kinds, **words}  # fmt: skip


def _words(label: str, language: str) -> forms.CharField:
    widget = forms.Textarea({"rows": 4, "lang": language, "data-words": ""})
    return forms.CharField(label=label, max_length=LONGEST, required=False, widget=widget)


def _codes(texts: Collection[str]) -> set[str]:
    named = filling.codes(texts)
    rows = ShortLink.objects.filter(code__in=named, deep_link__archived_at=None) if named else ShortLink.objects.none()
    return set(rows.values_list("code", flat=True))


def _refused(written: str) -> str:
    if written.startswith("{link:"):
        return gettext("There is no short link %(written)s. Take it from the list “Short links”.") % {
            "written": written
        }
    words = gettext("Nobody can fill %(written)s. These can be filled: %(names)s.")
    names = ", ".join([*(hint.written for hint in placeholders.hints()), "{link:…}"])
    return words % {"written": written, "names": names}
