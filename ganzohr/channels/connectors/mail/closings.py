"""The closing of a mail ("Viele Grüße, Anna …") and what stands below: cut from a draft, kept in what people read."""

from __future__ import annotations

import re

from ganzohr.channels.connectors.mail.signatures import is_contact, is_footer, is_phone

MOST_CLOSING_LINES = 14
_CLOSING = re.compile(
    r"^\W{0,2}(?:(?:mit\s+)?(?:freundliche[nrm]?|herzliche[nrm]?|liebe[nrm]?|viele[nrm]?|beste[nrm]?|sch(?:ö"
    r"|oe)ne[nrm]?|sonnige|kollegiale[nr]?)\s+(?:gr(?:ü|u|ue)(?:ß|ss)\w*|gru(?:ß|ss))"
    r"|gr(?:ü|ue)(?:ß|ss)e?\b|gru(?:ß|ss)\b|(?:mfg|lg|vg|hg|bg|glg|mvg|vriendelijke gr|gr\.)(?=\W|$)|hochachtungsvoll"
    r"|(?:met\s+)?(?:vriendelijke|hartelijke|beste|lieve|fijne)\s+groet\w*|groet(?:en|jes|je)?\b|hoogachtend"
    r"|(?:best|kind|warm|many|with)\s+(?:\w+\s+)?(?:regards|wishes)|regards\b|cheers\b|sincerely\b"
    r"|yours (?:sincerely|faithfully|truly)|best\s*,|all the best\b|thanks and regards|thanks & regards"
    r"|med v(?:e|ä)nlig\w* h(?:i|ä)ls\w+|hilsen\b|mvh\b|cordialement|bien à vous|cordiali saluti|saludos"
    r"|un saludo|atenciosamente|pozdrawiam|z poważaniem)",
    re.IGNORECASE,
)


def without_closing(text: str) -> str:
    """The text without its closing, the name below it and a contact block; the whole text where that would leave
    nothing.
    """
    lines = text.split("\n")
    at = _closing_at(lines)
    kept = "\n".join(lines[:at] if at is not None else lines).strip("\n")
    kept = _without_footer(kept)
    return kept if any(char.isalnum() for char in kept) else text


def _closing_at(lines: list[str]) -> int | None:
    below = 0
    for at in range(len(lines) - 1, -1, -1):
        text = lines[at].strip()
        if not text:
            continue
        if len(text) <= 80 and _CLOSING.match(text):
            return at
        below += 1
        if below > MOST_CLOSING_LINES or not _may_stand_below(text):
            return None
    return None


def _may_stand_below(text: str) -> bool:
    """A name, a role, a contact line, small print; not a sentence with something to say."""
    if is_contact(text) or is_footer(text) or is_phone(text):
        return True
    return (
        len(text) <= 70
        and not text.endswith("?")
        and not re.match(r"(?i)p\.?\s?s\.?\b", text)
        and not re.search(r"[a-zäöüß]{2,}[.!]$", text)
    )


def _without_footer(text: str) -> str:
    paragraphs = text.split("\n\n")
    while len(paragraphs) > 1 and is_footer(paragraphs[-1]) and "?" not in paragraphs[-1]:
        paragraphs.pop()
    return "\n\n".join(paragraphs)
