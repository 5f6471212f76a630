"""Places on a page that rooms above fill: `{% slot "conversation.context" conversation %}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html_join
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString

register = template.Library()
_slots: dict[str, list[str]] = {}


def tie(slots: Mapping[str, Sequence[str]]) -> None:
    """Set once at start what each slot draws: name → functions by dotted path."""
    _slots.update({name: list(functions) for name, functions in slots.items()})


@register.simple_tag(takes_context=True)
def moments(context: Context, name: str, thing: Any) -> list[tuple[datetime, SafeString]]:
    """What the functions of `wiring.SLOTS[name]` tell of this thing, each with when it happened."""
    told = (import_string(function)(context["request"], thing) for function in _slots.get(name, ()))
    return [one for some in told for one in some]


@register.simple_tag(takes_context=True)
def slot(context: Context, name: str, thing: Any) -> SafeString:
    """What the functions of `wiring.SLOTS[name]` draw for this thing, in order; nothing where none are listed."""
    functions = _slots.get(name, ())
    return format_html_join("", "{}", ((import_string(function)(context["request"], thing),) for function in functions))
