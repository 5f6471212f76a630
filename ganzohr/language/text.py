"""A message's words, made fit for machines: normalised, masked, cut. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 400
MAIL, LINK, PHONE, NAME = "@mail", "@link", "@phone", "@name"
MASKS = frozenset({MAIL, LINK, PHONE, NAME})

_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"]+|(?<![\w@.])[\w-]{2,60}\.(?:de|nl|com|net|org|eu|be|at|ch)(?:/\S*)?(?!\w)", re.I
)
_HANDLE = re.compile(r"(?<![\w@])@[\w][\w.]*")
_PHONE = re.compile(r"(?<![\w.,])(?!\d{1,2}[./-]\d{1,2}[./-])(?:\+|00|0)\d(?:[ ()/.-]{0,2}\d){6,14}(?![\w])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

_END = re.compile(r"(?<=[.!?])\s+(?=\S)")
_HELLO = re.compile(
    r"^(?:(?:hallo+|hey+|hi+|hello|moin(?: moin)?|servus|grüß gott|guten? (?:tag|morgen|abend)|hoi|goede(?:n)?\s?"
    r"(?:dag|morgen|middag|avond)|dear|liebes?|sehr geehrtes?|beste|good (?:morning|afternoon|evening))"
    r"(?: (?:zusammen|team|liebes team|ihr|allemaal|everybody|all|there|damen und herren|[^\W\d_]{2,20}))?[\s,!.:]+)+",
    re.I,
)
_BYE = re.compile(
    r"(?:[\s,.!?]|^)(?:(?:viele|liebe|beste|herzliche|freundliche|mit freundlichen|schöne)\s+grüßen?|vg|lg|mfg|"
    r"met vriendelijke groeten?|vriendelijke groeten?|groetjes|groeten|gr\.?|"
    r"kind regards|best regards|regards|best wishes|cheers)\b[\s,!.]*(?:[^\W\d_]+[\s,!.]*){0,3}$",
    re.I,
)
_THANKS = re.compile(
    r"[\s,.!]*(?:danke(?: schon mal)?(?: im voraus)?|vielen dank(?: im voraus)?|alvast bedankt|bedankt|"
    r"thanks(?: in advance)?|thank you(?: in advance)?)[\s,!.]*$",
    re.I,
)


def plain(text: str) -> str:
    """NFC, one space between words, addresses, names, links and numbers masked, at most 400 characters."""
    text = _CONTROL.sub("", unicodedata.normalize("NFC", text[: LONGEST * 10]))
    text = _LINK.sub(LINK, _MAIL.sub(MAIL, text))
    text = _PHONE.sub(PHONE, _HANDLE.sub(_handle, text))
    text = _SPACE.sub(" ", text).strip()
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST].rpartition(" ")[0] or text[:LONGEST]


def core(text: str) -> str:
    """A plain text without greeting, thanks in advance and farewell; the text itself if nothing else would be left."""
    shorter = _HELLO.sub("", text)
    shorter = _THANKS.sub("", _BYE.sub("", shorter)).strip()
    return shorter if len(words(shorter)) >= 2 else text


def sentences(text: str) -> list[str]:
    """The sentences of a plain text that have at least two words, at most six of them."""
    found = [part for part in _END.split(text) if len(words(part)) >= 2]
    return found[:6]


def words(text: str) -> list[str]:
    """The words of a plain text in lower case, without masks and figures."""
    return [word.lower() for word in _WORD.findall(unmasked(text))]


def unmasked(text: str) -> str:
    """A plain text without the masks."""
    return " ".join(part for part in text.split() if part.rstrip(".,!?:") not in MASKS)


def letters(text: str) -> str:
    """Only the letters of a text."""
    return "".join(sign for sign in text if sign.isalpha())


def _handle(found: re.Match[str]) -> str:
    return found.group() if found.group() in MASKS else NAME
