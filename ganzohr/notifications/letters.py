"""What a mail to a colleague says: in their language and form of address, as plain text and as simple HTML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from ganzohr.core.words import Address, address, say, speak
from ganzohr.directory.models import Colleague


@dataclass(frozen=True)
class AskWords:
    """What is asked, already in the colleague's words (see `speaking_to`): greeting, deadline, button and end are ours.

    `intro` and `notes` are sentences before and after the question; `quote` is the question itself.
    """

    subject: str
    quote: str
    intro: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    button: str = ""


@dataclass(frozen=True)
class Rendered:
    """A mail ready to leave."""

    subject: str
    text: str
    html: str


def form_of(colleague: Colleague) -> Address:
    """How this colleague is addressed."""
    return "formal" if colleague.address == Colleague.Address.FORMAL else "informal"


@contextmanager
def speaking_to(colleague: Colleague) -> Iterator[None]:
    """Inside, `say` and every translation speak to this colleague."""
    with speak(colleague.language, form_of(colleague)):
        yield


def employer() -> str:
    """The employer's name as colleagues know it; empty when nobody entered one."""
    return str(settings.EMPLOYER)


def greeting(colleague: Colleague) -> str:
    """`Hallo Karin,` or `Guten Tag Karin Wöhlert,`; a shared mailbox is greeted without a name."""
    if colleague.kind == Colleague.Kind.MAILBOX:
        return say("Hello,")
    name = colleague.first_name if address() == "informal" else colleague.name
    return say("Hello %(name)s,", name=name)


def ask_letter(
    colleague: Colleague, words: AskWords, link: str, due_at: dt.datetime | None, expires_at: dt.datetime
) -> Rendered:
    """The one mail that asks: what, by when, one button, or just reply."""
    with speaking_to(colleague):
        return _render("ask", words.subject, {
            "greeting": greeting(colleague), "words": words, "link": link, "due_at": due_at,
            "expires_at": expires_at, "employer": employer(),
            "is_mailbox": colleague.kind == Colleague.Kind.MAILBOX,
        })  # fmt: skip


def told_letter(colleague: Colleague, subject: str, text: str, link: str, button: str) -> Rendered:
    """A mail that only tells; paragraphs of `text` are parted by empty lines, those starting with `> ` are quotes."""
    with speaking_to(colleague):
        parts = [part.strip() for part in text.split("\n\n") if part.strip()]
        return _render("told", subject, {
            "greeting": greeting(colleague), "parts": [_part(part) for part in parts], "link": link,
            "button": button, "employer": employer(),
        })  # fmt: skip


def _part(text: str) -> dict[str, Any]:
    is_quote = text.startswith(">")
    lines = [line.removeprefix(">").strip() if is_quote else line for line in text.splitlines()]
    return {"is_quote": is_quote, "lines": lines}


def _render(name: str, subject: str, context: dict[str, Any]) -> Rendered:
    text = render_to_string(f"notifications/mail/{name}.txt", context)
    html = render_to_string(f"notifications/mail/{name}.html", {**context, "subject": subject})
    return Rendered(" ".join(subject.split())[:200], text.strip() + "\n", html)


def quoted(text: str) -> str:
    """The text as a quotation of a plain mail."""
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())
