"""Choosing a colleague by name, with suggestions from a shared `<datalist id="colleagues">`."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ganzohr.core.sorting import by_name
from ganzohr.directory.models import Colleague, ColleagueQuerySet

MOST_CHOICES = 6


class ColleagueField(forms.CharField):
    """A colleague written as `Karin Wöhlert`, `Karin` where only one is called that, or with the address."""

    default_error_messages: ClassVar = {
        "nobody": _("Nobody here is called %(name)s. Choose one of the suggestions."),
        "several": _("Several fit “%(name)s”: %(choices)s. Write the whole name or the mail address."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput({"list": "colleagues", "autocomplete": "off"}))
        super().__init__(**kwargs)
        self.among: ColleagueQuerySet = Colleague.objects.here()

    def prepare_value(self, value: Any) -> Any:
        """The name of a stored colleague."""
        if isinstance(value, int):
            value = Colleague.objects.filter(pk=value).first()
        return label(value) if isinstance(value, Colleague) else value

    def clean(self, value: Any) -> Any:
        """The colleague, or None for an empty field."""
        written = str(super().clean(value) or "").strip()
        if not written:
            return None
        name, _comma, email = written.rpartition(", ")
        found = list(self.among.filter(Q(name__iexact=written) | Q(email__iexact=written))[:MOST_CHOICES])
        found = found or list(self.among.filter(name__iexact=name, email__iexact=email)[:1])
        found = found or list(self.among.filter(_part_of_name(written))[:MOST_CHOICES])
        if len(found) != 1:
            code, choices = "several" if found else "nobody", "; ".join(map(label, found))
            raise forms.ValidationError(self.error_messages[code], code, {"name": written, "choices": choices})
        return found[0]


def _part_of_name(written: str) -> Q:
    """The first name, the last name, or a part between; never a piece of a word."""
    part = " ".join(written.split())
    return Q(name__istartswith=f"{part} ") | Q(name__iendswith=f" {part}") | Q(name__icontains=f" {part} ")


def label(colleague: Colleague) -> str:
    """How the suggestions name somebody."""
    return f"{colleague.name}, {colleague.email}" if colleague.email else colleague.name


def suggestions(among: ColleagueQuerySet) -> list[str]:
    """Everybody a field may suggest, in one query."""
    return [
        f"{name}, {email}" if email else name for name, email in among.order_by(by_name()).values_list("name", "email")
    ]
