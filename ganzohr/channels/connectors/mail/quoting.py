"""What each line of a mail is: the writer's own text, a quote, the line that announces one, a copied mail header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

MOST_ANNOUNCEMENT_LINES = 6
MOST_ANNOUNCEMENT = 400


class Line(Enum):
    """The kinds of lines."""

    EMPTY = "empty"
    TEXT = "text"
    QUOTE = "quote"
    ANNOUNCED = "announced"  # "Am … schrieb …:", "On … wrote:"
    ORIGINAL = "original"  # "-----Original Message-----", or the first line of copied headers
    RULER = "ruler"


@dataclass(frozen=True)
class Lines:
    """Lines with their kinds; `strong` are announcements that hold even when no '>' follows."""

    texts: list[str]
    kinds: list[Line]
    strong: frozenset[int]


_WROTE = (
    r"(?:wrote|writes|schrieb|schrieben|geschrieben|schreef|geschreven|a écrit|a ecrit|ha scritto|scrisse"
    r"|escribió|escribio|ha escrito|escreveu"
    r"|skrev|skreiv|napisał(?:\(a\)|a)?|napsal(?:\(a\)|a)?|kirjoitti|написал(?:\(а\)|а)?|пишет|писал|yazdı|írta"
    r"|a scris|έγραψε|写道|のメール|님이 작성|작성|menulis|đã viết|כתב|parašė|napísal(?:\(a\)|a)?)"
)
_DAY = (
    r"(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|montag|dienstag|mittwoch|donnerstag|freitag|samstag"
    r"|sonntag|ma|wo|vr|za|zo|maandag|dinsdag"
    r"|woensdag|donderdag|vrijdag|zaterdag|zondag|lun|mar|mer|jeu|ven|sam|dim|mån|tis|ons|tor|tors|fre|lör|sön"
    r"|man|tir|lør|søn|monday|tuesday"
    r"|wednesday|thursday|friday|saturday|sunday|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье"
    r"|пн|вт|ср|чт|пт|сб|вс)\w*"
)
_START = re.compile(
    rf"^[*_\"'\s]*(?:(?:on|am|op|le|il|el|em|den|dnia|w dniu|dne|pe|på|a|de|the|в|vào)\s+(?=\S)|{_DAY}[.,]?\s"
    rf"|\d{{1,4}}[./\-年\s]|.{{0,80}}<[^<>\s]*@)",
    re.IGNORECASE,
)
_DATED_START = re.compile(
    rf"^[*_\"'\s]*(?:(?:on|am|op|le|il|el|em|den|dnia|dne|pe)\s[^.!?]{{0,12}}\d|{_DAY}[.,]?\s.{{0,4}}\d"
    rf"|\d{{1,4}}[./-]\d)",
    re.IGNORECASE,
)
_VERB = re.compile(rf"(?:^|[^\w]|(?<=\d)){_WROTE}(?![\w])", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>@]{1,128}@[^\s<>@]{2,255}")
_BY_A_PERSON = re.compile(
    r"\b(?:mir|uns|mich|ich|wir|ihnen|mij|ik|ons|wij|you|me|us|we|m'a|mi ha|me ha)\b", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}\b")
_DATE_AND_ADDRESS = re.compile(r"^\d{1,4}[-./年]\s?\d{1,2}.{0,150}<\s*[^<>\s]+@[^<>\s]+\s*>\s*[:：]$")
_BARE_WROTE = re.compile(rf"^>?\s*{_WROTE}\s*:$", re.IGNORECASE)
_QUOTE = re.compile(r"^\s{0,4}>")
_NAMED_QUOTE = re.compile(r"^\s{0,2}[A-Za-zÀ-ÿ]{1,20}>+(?:\s|$)")
_RULER = re.compile(r"^\s*[*_]?([-_=~—–*#])(?:\s?\1){2,}[*_]?\s*$")

_ORIGINAL = re.compile(
    r"^[\s>*_]*(?:"
    r"[-_=—–*#]{2,}\s*\[?[^-_=\n]{0,60}?(?:"
    r"(?:orig|oprind|opprinn|urspr|oorspr|alkuper|původ|исходн|forward|weitergeleit|doorgest|transf|inoltr|reenv"
    r"|rv:|videresend|vidarebef|przes|пересыл|edelleen|přepos)"
    r"[\w -]{0,25}(?:message|nachricht|bericht|e-?mail|mensaje|messaggio|mensagem|melding|meddelande|meddelelse"
    r"|besked|wiadomo\w+|сообщен\w+|zpráv\w*|viesti)"
    r"|(?:message|messaggio|mensaje|mensagem|bericht|wiadomość)\s+(?:d'origine|original\w*|originale|transféré"
    r"|inoltrato|reenviado|encaminhada|oryginalna)"
    r")\w*\]?\s*[-_=—–*#]{2,}[\s*_]*"
    r"|(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-?mail)|begin doorgestuurd bericht"
    r"|weitergeleitete nachricht"
    r"|début du message (?:transféré|réexpédié)|inizio messaggio inoltrato|inicio del mensaje reenviado"
    r"|vidarebefordrat brev)\s*:"
    r"|[-#=_*\s]{0,6}[^.\n]{0,60}\b(?:reply|answer|antwort\w*|type|schreiben|antwoord"
    r"|typ)\b[^.\n]{0,40}\b(?:above|oberhalb|über|boven)\s(?:this|dieser|deze)\s(?:line|linie|zeile|regel|lijn)"
    r"\b[^\n]{0,20}|\[?original message processed by david.*)\s*$",
    re.IGNORECASE,
)

_BARRIERS = (Line.QUOTE, Line.ANNOUNCED, Line.ORIGINAL, Line.RULER)

_ROLES = {
    "from": "from von van de da fra från od от lähettäjä kimden expéditeur remitente mittente absender afzender 发件人",
    "date": "date sent gesendet datum verzonden verstuurd envoyé envoyé_le date_d'envoi data inviato fecha enviado"
    " enviado_el enviada enviada_em sendt dato skickat wysłano odesláno дата отправлено lähetetty päiväys"
    " tarih gönderildi 发送时间",
    "to": "to an aan à a para til till do komu кому vastaanottaja kime empfänger ontvanger destinataire 收件人",
    "subject": "subject betreff onderwerp objet asunto oggetto assunto emne ämne temat předmět тема aihe konu 主题",
    "other": "cc bcc kopie kopia reply-to antwort_an antwoord-aan répondre_à risposta importance priority priorität"
    " anlagen attachments bijlagen",
}
_ROLE_OF = {name.replace("_", " "): role for role, names in _ROLES.items() for name in names.split()}
_HEADER = re.compile(r"^[\s>*_]{0,12}([^\W\d_][\w' -]{0,18}?)\s?[*_]{0,2}\s?[:：][*_]{0,2}(?:\s+(.*))?$")


def is_quote(text: str) -> bool:
    """A line with a quote mark in front."""
    return bool(_QUOTE.match(text))


def classify(texts: list[str]) -> Lines:
    """The kind of every line. Code between ``` fences is text, whatever it looks like."""
    kinds = [_simple_kind(text) for text in texts]
    fenced = _fences(texts, kinds)
    strong: set[int] = set()
    for end, text in enumerate(texts):
        ends = text.rstrip()
        if end not in fenced and (ends.endswith((":", "：")) or (ends.endswith(">") and _quote_follows(kinds, end))):
            _mark_announcement(texts, kinds, end, strong)
    _mark_headers(texts, kinds, fenced)
    _mark_named_quotes(texts, kinds, fenced)
    _mark_broken_quotes(texts, kinds)
    return Lines(texts, kinds, frozenset(strong))


def _simple_kind(text: str) -> Line:
    if not text.strip(" \t\xa0\ufeff\u200b\u200e\u200f"):
        return Line.EMPTY
    if len(text) <= 200 and _ORIGINAL.match(text) and not _QUOTE.match(text):
        return Line.ORIGINAL
    if _QUOTE.match(text):
        return Line.QUOTE
    return Line.RULER if len(text) <= 200 and _RULER.match(text) else Line.TEXT


def _fences(texts: list[str], kinds: list[Line]) -> set[int]:
    marks = [at for at, text in enumerate(texts) if text.lstrip().startswith("```")]
    inside: set[int] = set()
    for begin, end in zip(marks[::2], marks[1::2], strict=False):
        inside.update(range(begin, end + 1))
    for at in inside:
        kinds[at] = Line.TEXT
    return inside


def _mark_announcement(texts: list[str], kinds: list[Line], end: int, strong: set[int]) -> None:
    if kinds[end] is Line.QUOTE and not _BARE_WROTE.match(texts[end].strip()):
        return
    joined = ""
    for begin in range(end, max(-1, end - MOST_ANNOUNCEMENT_LINES), -1):
        if begin != end and kinds[begin] in _BARRIERS:
            return
        joined = _glue(texts[begin], joined)
        if len(joined) > MOST_ANNOUNCEMENT:
            return
        if texts[begin].strip() and _announces(joined, begin, end, texts, kinds, strong):
            _extend_upwards(joined, begin, texts, kinds, strong)
            return


def _extend_upwards(joined: str, begin: int, texts: list[str], kinds: list[Line], strong: set[int]) -> None:
    """A long announcement is wrapped: "On Tue, … Anna Example" may stand lines above "<anna@…> wrote:"."""
    for above in range(begin - 1, max(-1, begin - 4), -1):
        if kinds[above] in _BARRIERS:
            return
        joined = _glue(texts[above], joined)
        whole = _DATED_START.match(texts[above]) and _CLOCK.search(joined) and _VERB.search(joined)
        if whole and len(joined) <= MOST_ANNOUNCEMENT:
            for at in range(above, begin):
                kinds[at] = Line.ANNOUNCED
                strong.add(at)
            return


def _glue(first: str, rest: str) -> str:
    first = first.strip()
    return first[:-1] + rest if first.endswith("=") and rest else f"{first} {rest}".strip()


def _announces(joined: str, begin: int, end: int, texts: list[str], kinds: list[Line], strong: set[int]) -> bool:
    has_figure = any(char.isdigit() or char == "@" for char in joined)
    wrote = bool(_VERB.search(joined)) and bool(_START.match(joined)) and has_figure
    if not wrote and not _is_machine_written(joined, end - begin):
        return False
    is_strong = bool(_ADDRESS.search(joined) or _CLOCK.search(joined)) and not _BY_A_PERSON.search(joined)
    if not is_strong and not _quote_follows(kinds, end):
        return False
    if any(not texts[at].strip() for at in range(begin, end)) and not is_strong:
        return False
    for at in range(begin, end + 1):
        kinds[at] = Line.ANNOUNCED
    if is_strong:
        strong.update(range(begin, end + 1))
    return True


def _is_machine_written(joined: str, more_lines: int) -> bool:
    """A date and time with the sender's address in a language we do not know; no person ends a line so."""
    if _DATE_AND_ADDRESS.match(joined):
        return True
    known = _YEAR.search(joined) and _CLOCK.search(joined) and re.search(r"<[^<>\s]+@[^<>\s]+>", joined)
    return bool(known) and more_lines <= 1 and len(joined) <= 200


def _quote_follows(kinds: list[Line], at: int) -> bool:
    for kind in kinds[at + 1 : at + 4]:
        if kind is not Line.EMPTY:
            return kind is Line.QUOTE
    return False


def role_of(text: str) -> str:
    """Which header of a copied mail the line is: from, date, to, subject, other; '' for none."""
    match = _HEADER.match(text) if len(text) <= 2000 else None
    return _ROLE_OF.get(match.group(1).strip(" *_").lower(), "") if match else ""


def _mark_headers(texts: list[str], kinds: list[Line], fenced: set[int]) -> None:
    at = 0
    while at < len(texts):
        end = (
            _header_block(texts, kinds, at)
            if at not in fenced and kinds[at] is Line.TEXT and role_of(texts[at])
            else at
        )
        for line in range(at, end):
            kinds[line] = Line.ORIGINAL
        at = max(end, at + 1)


def _header_block(texts: list[str], kinds: list[Line], begin: int) -> int:
    """Where a block of copied headers that begins here ends; `begin` itself when it is none."""
    roles: set[str] = set()
    at, last, loose = begin, begin, 0
    while at < len(texts) and at < begin + 40 and loose <= 2:
        role = role_of(texts[at]) if kinds[at] is Line.TEXT else ""
        if role:
            roles.add(role)
            last, loose = at, 0
        else:
            loose += 1
        at += 1
    before = next((kinds[i] for i in range(begin - 1, max(-1, begin - 4), -1) if kinds[i] is not Line.EMPTY), None)
    needed = 2 if before in (Line.ORIGINAL, Line.RULER) else 3
    found = len(roles - {"other"}) >= needed and "from" in roles
    return last + 1 if found else begin


def _mark_named_quotes(texts: list[str], kinds: list[Line], fenced: set[int]) -> None:
    """`Anna> …` is a quote where an announcement or another quote stands before it."""
    before = Line.EMPTY
    for at, text in enumerate(texts):
        if (
            kinds[at] is Line.TEXT
            and at not in fenced
            and before in (Line.ANNOUNCED, Line.QUOTE)
            and _NAMED_QUOTE.match(text)
        ):
            kinds[at] = Line.QUOTE
        if kinds[at] is not Line.EMPTY:
            before = kinds[at]


def _mark_broken_quotes(texts: list[str], kinds: list[Line]) -> None:
    """A scrap between two long quoted lines is the end of the first, wrapped by some server."""
    for at in range(1, len(texts) - 1):
        if kinds[at] is Line.TEXT and kinds[at - 1] is Line.QUOTE and kinds[at + 1] is Line.QUOTE:
            before, text = texts[at - 1].rstrip(), texts[at].strip()
            wrapped = len(before) >= 68 and len(text) <= 40 and before[-1:] not in ".?!:" and text[:1].islower()
            if wrapped or before.endswith("="):
                kinds[at] = Line.QUOTE
