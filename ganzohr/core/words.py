"""Words that leave the house: three languages, two forms of address.

Everything a colleague or a candidate receives (mails, private pages, the widget, notices) exists as *du* and *Sie*,
as *je* and *u*. One English sentence stands in the source; the catalogue holds it twice, under the contexts
"informal" and "formal". In code:

    with speak("de", "formal"):
        subject = say("%(name)s asks you something", name=name)
        until = say_n("Please answer within %(count)s day.", "Please answer within %(count)s days.", days)

In a template rendered inside `speak` (or with `{{ ... }}` values):

    {% load words %}{% say "Hello %(name)s" name=person.name %}
    {% say_n "%(count)s file" "%(count)s files" count %}

`python -m ganzohr messages <room>` finds `say` and `say_n` in both and writes both contexts. The sentence must be
one literal. Words of the desk itself use Django's own gettext, without a context: the desk says *du* and *je*.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, get_args

from django.utils import translation

Address = Literal["informal", "formal"]
ADDRESSES: tuple[Address, ...] = get_args(Address)

_address: ContextVar[Address] = ContextVar("address", default="informal")


@contextmanager
def speak(language: str, address: Address) -> Iterator[None]:
    """Inside, `say` and every translation speak this language in this form; before and after is as it was."""
    before = _address.set(address)
    try:
        with translation.override(language):
            yield
    finally:
        _address.reset(before)


def address() -> Address:
    """The form of address in force."""
    return _address.get()


def say(sentence: str, **values: object) -> str:
    """The sentence in the language and form in force, `%(name)s` filled from the values."""
    text = translation.pgettext(_address.get(), sentence)
    return text % values if values else text


def say_n(one: str, many: str, count: int, **values: object) -> str:
    """As `say`, one or many by `count`, which may stand in the sentence as `%(count)s`."""
    return translation.npgettext(_address.get(), one, many, count) % {"count": count, **values}
