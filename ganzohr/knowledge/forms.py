"""What one types about a deep link."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ganzohr.knowledge.models import DeepLink
from ganzohr.topics.models import Topic


class TopicChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Topics by their names in the reader's language."""

    def label_from_instance(self, obj: Topic) -> str:
        """The name shown."""
        return obj.name_in(get_language() or "en")


class DeepLinkForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, address, topic and language."""

    url = forms.CharField(
        label=_("Address"),
        max_length=1000,
        help_text=_("The exact page, such as one posting or form. People should not have to search any further."),
        widget=forms.URLInput({"inputmode": "url", "placeholder": "https://"}),
    )
    topic = TopicChoice(Topic.objects.filter(archived_at=None), label=_("Topic"), required=False)
    language = forms.ChoiceField(
        label=_("Language of the page"), choices=[("", _("any")), *settings.LANGUAGES], required=False
    )

    class Meta:
        model = DeepLink
        fields = ("name", "url", "topic", "language")
        help_texts = {"name": _("As you would say it, for example “Apply as a nurse”.")}  # noqa: RUF012

    def clean_url(self) -> str:
        """An http or https address with a host, nothing else."""
        url = str(self.cleaned_data["url"]).strip()
        try:
            parts = urlsplit(url)
            good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username and " " not in url
        except ValueError:
            good = False
        if not good or not url.isprintable():
            raise ValidationError(_("This is no address of a web page. It begins with https://."))
        return url

    def values(self) -> dict[str, Any]:
        """What was typed, checked."""
        return dict(self.cleaned_data)
