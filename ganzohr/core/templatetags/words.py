"""`say` and `say_n` for templates; see `ganzohr.core.words`."""

from __future__ import annotations

from django import template

from ganzohr.core import words

register = template.Library()


@register.simple_tag
def say(sentence: str, **values: object) -> str:
    """The sentence in the form of address in force, escaped as any value."""
    return words.say(sentence, **values)


@register.simple_tag
def say_n(one: str, many: str, count: int, **values: object) -> str:
    """One or many, in the form of address in force."""
    return words.say_n(one, many, count, **values)
