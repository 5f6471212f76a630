"""What a person should look at before an answer leaves. Values in, findings out; nothing here blocks but emptiness
and length."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["good", "look", "stop"]
ROOMY = 10_000

PLACEHOLDER = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|"
    r"\[(?:…|\.{2,}|[^\]\d][^\]\n]{0,60})\](?!\()|<[A-ZÄÖÜ_ ]{2,40}>|\bX{3,}\b|_{3,}|\bTODO\b|\bTBD\b|…{2,}"
)
GREETINGS = "hallo|hi|hey|hei|moin|servus|grüezi|grüß|liebe|lieber|guten|dag|hoi|beste|geachte|goede|dear|hello|good"
MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w./-])(?:\+|00|0|\(0)[\d][\d\s()/.–-]{5,}\d(?![\w])")
EXTENSION = re.compile(r"\b(?:durchwahl|toestel|extension|ext\.)\s*:?\s*\d{2,6}\b", re.IGNORECASE)
LINK = re.compile(
    r"\bhttps?://\S+|\bwww\.\S+|"
    r"\b[\w-]+(?:\.[\w-]+)*\.(?:de|nl|com|org|eu|at|ch|be|net|info|jobs)(?:/\S*)?\b"
)
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
BIRTHDAY = re.compile(r"\b(?:geboren|geburtsdatum|geb\.|geboortedatum|born|date of birth)\b\D{0,20}\d", re.IGNORECASE)

# Telling somebody to phone, write elsewhere, come by or look it up. Each pattern is one way of saying it.
SENDS_ON = {
    "de": (
        r"\bruf(?:e|en|t)?\b[^.!?\n]{0,80}\ban\b(?![\s]+(?:der|die|das|den|dem|unserer?|einem?)\b)",
        r"\b(?:anrufen|anzurufen|durchrufen|telefonisch (?:melden|nachfragen|erreichen|klären))\b",
        r"\bwend(?:e|en|et)\b[^.!?\n]{0,40}\b(?:an|dorthin)\b",
        r"\b(?:melde?|meldet|melden)\b[^.!?\n]{0,40}\b(?:bei|telefonisch|per mail|unter)\b",
        r"\bkontaktier(?:e|en|t)\b",
        r"\bschreib(?:e|en|t)?\b[^.!?\n]{0,50}\b(?:(?:eine )?(?:e-?)?mail|an (?:die|das|den|unsere?n?))\b",
        r"\b(?:nimm|nehmen sie|nehmt)\b[^.!?\n]{0,30}\bkontakt\b",
        r"\b(?:schau(?:en)?|sieh|sehen|guck(?:en)?)\b[^.!?\n]{0,40}\b(?:auf unserer|auf der|im netz|selbst nach)\b",
        r"\b(?:informier(?:e|en)|erkundige?n?)\b[^.!?\n]{0,30}\b(?:bei|auf|unter)\b",
        r"\bfrag(?:e|en|t)?\b[^.!?\n]{0,30}\b(?:bei|im|in der)\b[^.!?\n]{0,30}\bnach\b",
        r"\b(?:dafür|dazu|hierfür|hierzu)\b[^.!?\n]{0,30}\b(?:nicht|bin ich nicht|sind wir nicht) zuständig\b",
    ),
    "nl": (
        r"\bbel(?:t|len)?\b[^.!?\n]{0,40}\b(?:even|dan|met|naar|ons|het|gerust|op)\b",
        r"\bneem[t]?\b[^.!?\n]{0,30}\bcontact\b", r"\bcontact op(?:nemen|te nemen)\b",
        r"\b(?:mail|stuur)t?\b[^.!?\n]{0,40}\b(?:naar|een (?:e-?)?mail)\b",
        r"\bgelieve\b[^.!?\n]{0,40}\b(?:contact|bellen|mailen)\b",
        r"\bkijk(?:t)?\b[^.!?\n]{0,30}\bop (?:onze|de) (?:web)?site\b",
        r"\b(?:meld|informeer|vraag)t?\b[^.!?\n]{0,30}\b(?:bij|je bij|u bij|na bij)\b",
    ),
    "en": (
        r"\b(?:call|phone|ring)\b(?! for\b)[^.!?\n]{0,40}\b(?:us|me|our|the|him|her|them|at|on)\b",
        r"\bgive\b[^.!?\n]{0,20}\ba (?:call|ring)\b", r"\b(?:contact|reach out to|get in touch with)\b",
        r"\b(?:send|write|drop)\b[^.!?\n]{0,30}\b(?:an? e-?mail|email to|to our|to the)\b",
        r"\b(?:e-?mail) (?:us|me|our|the|him|her)\b",
        r"\b(?:check|look|visit|see)\b[^.!?\n]{0,20}\b(?:our|the) (?:web)?site\b", r"\brefer (?:you )?to\b",
    ),
}  # fmt: skip
SENDS = re.compile("|".join(pattern for patterns in SENDS_ON.values() for pattern in patterns), re.IGNORECASE)
NOT_SENDING = re.compile(
    r"\b(?:ich|wir|wij|we|ze|ik|i|he|she|er|sie|colleague|kollegin|kollege|collega)\b\s+(?:\w+\s+){0,2}?"
    r"(?:rufe?n?|meld\w*|wende\w*|schreib\w*|bel\w*|mail\w*|stuur\w*|call\w*|contact\w*|kontaktier\w*|n(?:ee|e)me?\w*|"
    r"send\w*|write\w*)\b"
    r"|\b(?:will|'ll|werde|werden|zal|zullen)\b[^.!?\n]{0,20}\b(?:call|contact|anrufen|melden|bellen|contact)\b",
    re.IGNORECASE,
)

# How the matter of one person stands, which nobody else need read. Each pattern is one way of saying it.
DAY_DE, DAY_NL, DAY_EN = (
    r"(?:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|heute|(?:über)?morgen|nächsten? woche|uhr)",
    r"(?:(?:maan|dins|woens|donder|vrij|zater|zon)dag|vandaag|(?:over)?morgen|volgende week|uur)",
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|next week|\d\s?[ap]m)",
)
THEIR_OWN = {
    "de": (
        r"\b(?:bewerbung|unterlagen|zeugnis(?:se)?|lebenslauf)\b[^.!?\n]{0,50}?\b(?:lieg(?:t|en)|fehl(?:t|en)|"
        r"(?:ist|sind) (?:da|hier|noch)|eingegangen|angekommen|erhalten|geprüft|weiterge\w+|abgelehnt)\b",
        r"\bhaben (?:wir )?(?:deine|ihre) (?:bewerbung|unterlagen)\b",
        rf"\b(?:vorstellungs|bewerbungs)?gespräch\b[^.!?\n]{{0,50}}?\b{DAY_DE}\b",
        rf"\b{DAY_DE}\b[^.!?\n]{{0,40}}?\b(?:vorstellungs|bewerbungs)gespräch\b",
        r"\b(?:dich|dir|sie|ihnen)\b[^.!?\n]{0,30}?\b(?:eingeladen|abgelehnt|abgesagt|zugesagt|eingestellt)\b",
    ),
    "nl": (
        r"\b(?:sollicitatie|cv|diploma's|documenten)\b[^.!?\n]{0,50}?\b(?:ligt|ontbre(?:ekt|ken)|ontvangen|bekeken|"
        r"(?:is|zijn) (?:er|binnen|compleet|nog)|doorgestuurd|afgewezen)\b",
        r"\bhebben (?:we |wij )?(?:je|jouw|uw) (?:sollicitatie|cv|documenten)\b",
        rf"\b(?:sollicitatie)?gesprek\b[^.!?\n]{{0,50}}?\b{DAY_NL}\b",
        rf"\b{DAY_NL}\b[^.!?\n]{{0,40}}?\bsollicitatiegesprek\b",
        r"\b(?:je|jou|u)\b[^.!?\n]{0,30}?\b(?:uitgenodigd|afgewezen|aangenomen)\b",
    ),
    "en": (
        r"\byour (?:application|cv|documents|certificates)\b[^.!?\n]{0,50}?\b(?:here|arrived|received|missing|"
        r"incomplete|reviewed|forwarded|rejected)\b",
        r"\b(?:have|got|received) your (?:application|cv|documents|certificates)\b",
        rf"\binterview\b[^.!?\n]{{0,50}}?\b{DAY_EN}\b", rf"\b{DAY_EN}\b[^.!?\n]{{0,40}}?\binterview\b",
        r"\byou\b[^.!?\n]{0,30}?\b(?:invited|rejected|turned down|hired)\b",
    ),
}  # fmt: skip
OWN = re.compile("|".join(pattern for patterns in THEIR_OWN.values() for pattern in patterns), re.IGNORECASE)

INFORMAL = {
    "de": re.compile(
        r"\b(?:du|dich|dir|dein(?:e[rnms]?)?|euch|euer|eure[rnms]?|ihr habt|ihr könnt|ihr seid)\b", re.IGNORECASE
    ),
    "nl": re.compile(r"\b(?:je|jij|jou|jouw|jullie)\b", re.IGNORECASE),
}
FORMAL = {
    "de": re.compile(r"(?<![.!?:]\s)(?<!^)\b(?:Sie|Ihnen|Ihr(?:e[rnms]?)?)\b", re.MULTILINE),
    "nl": re.compile(r"\b(?:u|uw)\b", re.IGNORECASE),
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `code` names it (words in `check_words.py`), `detail` is what was found."""

    code: str
    level: Level
    detail: str = ""


@dataclass(frozen=True)
class Situation:
    """What the checks know about where an answer goes."""

    max_length: int
    language: str
    address: str
    wrote_since: bool = False
    is_public: bool = False
    has_files: bool = False
    our_addresses: tuple[str, ...] = ()
    signature_length: int = 0
    my_name: str = ""
    kept: str = ""


def check(text: str, at: Situation) -> list[Finding]:
    """Everything worth saying about this text, worst first."""
    if at.kept:
        return [Finding("kept", "stop", at.kept)]
    if not text.strip() and not at.has_files:
        return [Finding("empty", "stop"), *filter(None, [_length("", at)])]
    checks: tuple[Callable[[str, Situation], Finding | None], ...] = (
        _newer, _length, _placeholder, _greets_you, _sends_on, _address, _personal, _link,
    )  # fmt: skip
    found = [finding for one in checks if (finding := one(text, at))]
    return sorted(found, key=lambda finding: ("stop", "look", "good").index(finding.level))


def blocks(findings: Iterable[Finding]) -> bool:
    """Whether nothing may leave like this."""
    return any(finding.level == "stop" for finding in findings)


def _newer(_text: str, at: Situation) -> Finding | None:
    return Finding("wrote_since", "stop") if at.wrote_since else None


def _length(text: str, at: Situation) -> Finding | None:
    """Worth saying where it is short, or when it gets long; in code points, as platforms count."""
    length = len(text.strip()) + at.signature_length
    if at.max_length > ROOMY and length < at.max_length * 0.8:
        return None
    detail = f"{length}/{at.max_length}"
    return Finding(
        "too_long" if length > at.max_length else "length", "stop" if length > at.max_length else "good", detail
    )


def _placeholder(text: str, _at: Situation) -> Finding | None:
    found = PLACEHOLDER.search(text)
    return Finding("placeholder", "look", found.group()[:40]) if found else None


def _greets_you(text: str, at: Situation) -> Finding | None:
    """A colleague's mail begins with the name of whoever asked, not of the person it goes to."""
    if not at.my_name:
        return None
    name = re.escape(at.my_name)
    found = re.match(rf"\s*(?:{GREETINGS})\b[^\n,]{{0,30}}?\b{name}\b|\s*{name}\s*[,!]", text, re.IGNORECASE)
    return Finding("greets_you", "look", found.group().strip()[:40]) if found else None


def _sends_on(text: str, at: Situation) -> Finding:
    found = sends_on(text, at.our_addresses)
    return Finding("sends_on", "look", found) if found else Finding("sends_nobody_on", "good")


def sends_on(text: str, our_addresses: Iterable[str] = ()) -> str:
    """The words that send somebody elsewhere: to the phone, to another address; empty when they do not."""
    for sentence in re.split(r"(?<=[.!?])\s+|\n+", text):
        found = SENDS.search(sentence)
        if found and not NOT_SENDING.search(sentence):
            return found.group().strip()[:80]
    for found in (*EXTENSION.finditer(text), *PHONE.finditer(text), *MAIL.finditer(text)):
        if found.re is not PHONE or _is_phone(found.group()):
            return found.group().strip()[:80]
    return next((one for one in our_addresses if one and one.lower() in text.lower()), "")


def _is_phone(text: str) -> bool:
    """A number to dial has at least seven digits and is no date."""
    digits = re.sub(r"\D", "", text)
    return 7 <= len(digits) <= 15 and not re.fullmatch(r"\s*\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\s*", text)


def _address(text: str, at: Situation) -> Finding | None:
    language = at.language[:2]
    if language not in INFORMAL:
        return None
    du, sie = INFORMAL[language].search(text), FORMAL[language].search(text)
    if du and sie:
        return Finding("address_mixed", "look", f"{du.group()}, {sie.group()}")
    said = "informal" if du else "formal" if sie else ""
    if said and said != at.address:
        return Finding(f"address_not_{at.address}", "look", (du or sie or [""])[0])
    return Finding(f"address_{at.address}", "good", language) if said else None


def _personal(text: str, at: Situation) -> Finding:
    """A number, an account or a birthday in an answer; in public also how somebody's application stands."""
    for pattern in (IBAN, BIRTHDAY):
        if found := pattern.search(text):
            return Finding("personal", "look", found.group()[:40])
    phone = next((found.group() for found in PHONE.finditer(text) if _is_phone(found.group())), "")
    if phone or (at.is_public and MAIL.search(text)):
        return Finding("personal", "look", (phone or MAIL.search(text)[0]).strip()[:40])  # type: ignore[index]
    if at.is_public and (own := OWN.search(text)):
        return Finding("their_own", "look", own.group()[:80])
    return Finding("not_personal", "good")


def _link(text: str, _at: Situation) -> Finding | None:
    return Finding("link", "good") if LINK.search(MAIL.sub("", text)) else None
