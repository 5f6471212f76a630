"""What stands under an answer. Values in, words out."""

from __future__ import annotations

from typing import Protocol


class Signs(Protocol):
    """What a signature needs of a channel."""

    signature: str


class Named(Protocol):
    """What a signature needs of a colleague."""

    name: str
    initials: str
    role_title: str
    may_be_named: bool

    @property
    def first_name(self) -> str:
        """The given name."""


def line(*, channel: Signs, colleague: Named | None, expert: Named | None, language: str) -> str:
    """The line under an answer, '' for none.

    The expert's first name and role, if the channel says so and the expert agreed; else initials of who approves.
    """
    if channel.signature == "expert" and expert is not None and expert.may_be_named:
        return _named(expert)
    if channel.signature in ("expert", "initials") and colleague is not None:
        return f"^{colleague.initials.strip() or initials(colleague.name)}"
    return ""


def sign(text: str, *, channel: Signs, colleague: Named | None, expert: Named | None, language: str) -> str:
    """The text with its signature; never signed twice."""
    text, signature = text.rstrip(), line(channel=channel, colleague=colleague, expert=expert, language=language)
    if expert is not None and signature and signature == _named(expert):
        text = _without_name(text, expert)
    if not signature or text.endswith(signature):
        return text
    return f"{text}\n\n{signature}" if not signature.startswith("^") else f"{text} {signature}"


def _without_name(text: str, expert: Named) -> str:
    """Their words without their own name as the last line, which the signature says."""
    *words, last = text.splitlines() or [""]
    is_name = last.strip(" ,.–-").casefold() in (expert.first_name.casefold(), expert.name.casefold())
    return "\n".join(words).rstrip() if is_name and any(words) else text


def _named(expert: Named) -> str:
    return ", ".join(filter(None, [expert.first_name, expert.role_title]))


def initials(name: str) -> str:
    """`Dr. Sophie Brandt` becomes `SB`; a single word gives its first two letters."""
    words = [word for word in name.replace("-", " ").split() if not word.endswith(".") and word[:1].isalpha()]
    if len(words) == 1:
        return words[0][:2].upper()
    return (words[0][0] + words[-1][0]).upper() if words else ""
