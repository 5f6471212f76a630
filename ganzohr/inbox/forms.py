"""Forms of the inbox: the filter as a browser submits it, and the small choices about one conversation."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ganzohr.accounts.models import User
from ganzohr.channels.models import Channel
from ganzohr.core.times import now
from ganzohr.directory.models import Colleague, Site
from ganzohr.inbox.filters import Filter
from ganzohr.inbox.models import Conversation, Kind
from ganzohr.topics.models import Topic

ALL = ("", _("all"))
RECENT = 2000  # conversations looked through for their sources


def topics() -> list[tuple[str, str]]:
    """The topics one can choose now, in the reader's language."""
    language = (get_language() or "en")[:2]
    return [(str(topic.pk), topic.name_in(language)) for topic in Topic.objects.filter(archived_at=None)]


def colleagues(user: User) -> list[tuple[str, str]]:
    """Those with an account, who can have a conversation."""
    rows = Colleague.objects.visible_to(user).filter(left_at=None, user__isnull=False, user__is_active=True)
    return [(str(row.pk), row.name) for row in rows]


def sources(user: User) -> list[str]:
    """By what people came lately, in order; older ones are found by address only, as looking through all costs."""
    lately = Conversation.objects.visible_to(user).order_by("-id").values("pk")[:RECENT]
    rows = Conversation.objects.filter(pk__in=lately).exclude(source="").order_by("source")
    return list(rows.values_list("source", flat=True).distinct()[:50])


class FilterForm(forms.Form):
    """Everything that narrows the list; a plain GET form."""

    view = forms.CharField(widget=forms.HiddenInput, required=False)
    q = forms.CharField(label=_("Words, names, subjects"), required=False, widget=forms.TextInput({"type": "search"}))
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("as the view says")), ("open", _("open")), ("snoozed", _("set aside for later")),
                 ("closed", _("closed")),
                 ("any", _("in every state"))],
    )  # fmt: skip
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[ALL, *Kind.choices])
    assignee = forms.ChoiceField(label=_("With whom"), required=False)
    seen = forms.ChoiceField(
        label=_("Who can read it"), required=False, choices=[ALL, ("public", _("public")), ("private", _("private"))]
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[ALL, ("de", _("German")), ("nl", _("Dutch")), ("en", _("English")), ("other", _("another language"))],
    )
    site = forms.ChoiceField(label=_("Site"), required=False)
    source = forms.ChoiceField(label=_("Came by"), required=False)
    unanswered = forms.BooleanField(label=_("Unanswered only"), required=False)
    overdue = forms.BooleanField(label=_("Overdue only"), required=False)
    unread = forms.BooleanField(label=_("Unread only"), required=False)

    def __init__(self, user: User, chosen: Filter) -> None:
        super().__init__(initial={name: getattr(chosen, name) for name in self.base_fields})
        channels, sites = Channel.objects.visible_to(user), Site.objects.visible_to(user)
        self._choose("channel", [ALL, *[(str(row.pk), row.name) for row in channels]])
        self._choose("topic", [ALL, ("none", _("no topic yet")), *topics()])
        self._choose("assignee", [ALL, ("me", _("with me")), ("none", _("with nobody")), *colleagues(user)])
        self._choose("site", [ALL, *[(str(row.pk), row.name) for row in sites]])
        self._choose("source", [ALL, *[(source, source) for source in sources(user)]])

    def _choose(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        if len(choices) < 2:
            del self.fields[name]


PRESETS = {
    "hour": _("in an hour"),
    "evening": _("this evening"),
    "tomorrow": _("tomorrow morning"),
    "monday": _("next Monday"),
    "week": _("in a week"),
}


class LaterForm(forms.Form):
    """Until when a conversation is put off."""

    preset = forms.ChoiceField(choices=[*PRESETS.items(), ("at", "")], required=False)
    at = forms.DateTimeField(
        label=_("or at"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean(self) -> dict[str, Any]:
        """The moment chosen, which must lie ahead."""
        values = super().clean() or {}
        until = values.get("at") or moment_of(values.get("preset", ""), now())
        if until is None:
            raise forms.ValidationError(_("Choose until when."))
        if until <= now():
            raise forms.ValidationError(_("That moment is over. Choose a later one."))
        return {**values, "until": until}


def moment_of(preset: str, at: dt.datetime) -> dt.datetime | None:
    """What a preset means now, in the time zone of the desk."""
    here = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    morning = here.replace(hour=8, minute=0, second=0, microsecond=0)
    moments = {
        "hour": at + dt.timedelta(hours=1),
        "evening": here.replace(hour=18, minute=0, second=0, microsecond=0),
        "tomorrow": morning + dt.timedelta(days=1),
        "monday": morning + dt.timedelta(days=7 - here.weekday()),
        "week": morning + dt.timedelta(days=7),
    }
    found = moments.get(preset)
    return found.astimezone(dt.UTC) if found else None


def presets(at: dt.datetime) -> list[tuple[str, Any, dt.datetime]]:
    """The presets that lie ahead, each with its words and moment; of two with the same moment the nearer words."""
    found: dict[dt.datetime, tuple[str, Any, dt.datetime]] = {}
    for name, words in PRESETS.items():
        until = moment_of(name, at)
        if until and until > at:
            found.setdefault(until, (name, words, until))
    return list(found.values())
